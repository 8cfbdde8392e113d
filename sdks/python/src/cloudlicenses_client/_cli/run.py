"""`run`: a seat for the life of a command that knows nothing of licenses.

The seat is taken before the command starts and goes back after it ended, whichever signal ended it. Signals are caught
from the first moment: before the command runs they end the waiting, while it runs they are passed on, after it they can't cut the
return short.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._client import Lease, LicenseClient
from .._errors import CloudLicensesError, ServerError, ServerUnreachableError
from .._refusals import (
    CustomerCapReachedError,
    LicenseUnavailableError,
    OverageMaxExceededError,
    RateLimitedError,
    ReservedForOthersError,
)
from .._settings import ClientOptions, env_required
from .complaints import complain, say
from .seats import user, wishes
from .setup import API_KEY, options, server_url
from .signals import Interrupted, Signals

if TYPE_CHECKING:
    from typing_extensions import Unpack

_NOT_EXECUTABLE = 126
_NOT_FOUND = 127
_BETWEEN_TRIES = 5.0
_WORTH_WAITING = (
    LicenseUnavailableError,
    OverageMaxExceededError,
    CustomerCapReachedError,
    ReservedForOthersError,
    RateLimitedError,
    ServerUnreachableError,
    ServerError,
)


def run(arguments: argparse.Namespace) -> int:
    """Hold a seat while the command runs; answers the command's exit code, or 75 when there is no seat."""
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    program = shutil.which(command[0]) if command else None
    if program is None:
        say(f"{command[0]}: command not found." if command else "Say which command to run, after `--`.")
        return _NOT_FOUND if command else 2
    with Signals() as signals, _client(arguments, program, signals) as client:
        try:
            lease = _seat(client, arguments, signals)
        except Interrupted as interrupted:
            return interrupted.exit_code
        except CloudLicensesError as trouble:
            return complain(trouble)
        with lease:
            return _hold(lease, command, signals)


def _client(arguments: argparse.Namespace, program: str, signals: Signals) -> LicenseClient:
    chosen = options(arguments)
    chosen["app_path"] = program  # the fingerprint vouches for the command, not for this tool
    return _InterruptibleClient(signals, server_url(arguments), env_required(API_KEY), arguments.product, **chosen)


class _InterruptibleClient(LicenseClient):
    def __init__(self, signals: Signals, url: str, key: str, product: str, **chosen: Unpack[ClientOptions]) -> None:
        super().__init__(url, key, product, **chosen)
        self._signals = signals

    def _pause(self, seconds: float) -> None:
        self._signals.pause(seconds)


def _seat(client: LicenseClient, arguments: argparse.Namespace, signals: Signals) -> Lease:
    deadline: float | None = None  # counted from the first refusal: the wait is for a seat, not for an answer
    while True:
        try:
            return client.checkout(user(arguments), **wishes(arguments))
        except _WORTH_WAITING as no:
            now = time.monotonic()
            if deadline is None and arguments.wait > 0:
                say(f"{no} Waiting up to {arguments.wait:g} s for a seat.")
            deadline = now + arguments.wait if deadline is None else deadline
            left = deadline - now
            if left <= 0:
                raise
            signals.pause(min(left, _BETWEEN_TRIES))


def _hold(lease: Lease, command: Sequence[str], signals: Signals) -> int:
    if signals.received:
        return Interrupted(signals.received[0]).exit_code
    environment = {**os.environ, "CLOUDLICENSES_LEASE_ID": lease.id, "CLOUDLICENSES_LEASE_TYPE": lease.type}
    try:
        child = subprocess.Popen(list(command), env=environment)
    except OSError as reason:
        say(f"{command[0]} can't be run: {reason.strerror}.")
        return _NOT_EXECUTABLE
    signals.pass_on_to(child)
    code = child.wait()
    # As a shell says it: a command ended by signal 15 ended with 143.
    return code if code >= 0 else 128 - code
