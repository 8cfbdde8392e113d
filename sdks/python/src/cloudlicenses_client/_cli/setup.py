"""From arguments and environment to a client. A key comes from the environment only: arguments are for everybody to see."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep

from .._session import Session
from .._settings import ClientOptions, Settings, env_required
from .._sync_wire import Connection, SyncWire

API_KEY = "LICENSE_API_KEY"
PERSONAL_TOKEN = "CLOUDLICENSES_TOKEN"  # noqa: S105 - the name of the variable


@dataclass(frozen=True)
class Desk:
    """A session with its wire, for calls that hold no seat."""

    session: Session
    wire: SyncWire


@contextmanager
def desk(arguments: argparse.Namespace, key_name: str) -> Iterator[Desk]:
    settings = Settings(server_url(arguments), env_required(key_name), product_id="", **options(arguments))
    connection = Connection(settings)
    try:
        yield Desk(Session(settings), SyncWire(connection, sleep))
    finally:
        connection.close()


def server_url(arguments: argparse.Namespace) -> str:
    return arguments.server or env_required("LICENSE_SERVER_URL")


def options(arguments: argparse.Namespace) -> ClientOptions:
    """What the common options say; what they leave out keeps its default."""
    chosen: ClientOptions = {"cert": arguments.cert, "verify": arguments.ca or True}
    if arguments.hostname:
        chosen["hostname"] = arguments.hostname
    if arguments.timeout:
        chosen["timeout"] = arguments.timeout
    return chosen
