"""The real ASGI application in a process of its own, on a port of its own, over this worker's database."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import httpx
from django.conf import settings

from tests.contract import checking

PATIENCE_SECONDS = 120
COMMAND = (sys.executable, "-m", "cloudlicenses.serving")
OPTIONS = ("--log-level", "warning", "--drain", "0")
NO_TLS = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # trusts nobody: for clients of plain HTTP, whom reading authorities would delay


@dataclass(slots=True)
class Server:
    """`server.ask("POST", "/api/v1/checkout", {…}, host=server.host_of("mercedes"), key="clsk_…")`."""

    port: int
    process: subprocess.Popen[bytes]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False, event_hooks={"response": [_check]})

    @property
    def url(self) -> str:
        """Connect here; which site answers is the Host header's choice."""
        return f"http://127.0.0.1:{self.port}"

    def host_of(self, label: str = "") -> str:
        """The Host header of the apex, of `vendors`, or of a tenant."""
        return f"{label}.{settings.BASE_DOMAIN}" if label else str(settings.BASE_DOMAIN)

    def ask(
        self, method: str, path: str, body: object = None, *, label: str = "", key: str = "", **headers: str
    ) -> httpx.Response:
        sent = {"Host": self.host_of(label)} | {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        content: dict[str, Any] = {} if body is None else {"json": body}
        return self.client.request(method, path, headers=sent, **content)


def _check(response: httpx.Response) -> None:
    """Whatever is asked, and however, is held against the OpenAPI."""
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return
    asked = response.request
    checking.check(
        checking.Exchange(
            host=asked.headers["host"],
            method=asked.method,
            path=asked.url.path,
            sent=asked.read(),
            status=response.status_code,
            headers=response.headers,
            body=response.read(),
        )
    )


@contextmanager
def running(
    log: IO[bytes] | None = None, command: Sequence[str] = COMMAND, grace: int = 3, **environment: str
) -> Iterator[Server]:
    """Ready to answer on entry, ended on exit. What it logs goes to `log`, or where the tests' own errors go. `command` takes
    the options of cloudlicenses.serving."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [*command, *OPTIONS, "--grace", str(grace), "--fd", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stderr=log,
            env=os.environ | environment,
        )
        server = Server(listener.getsockname()[1], process)
        try:
            _wait_for(server)
            yield server
        finally:
            server.client.close()
            process.terminate()
            process.wait(60)


def command_with(constants: Mapping[str, float], *statements: str) -> tuple[str, ...]:
    """The server's command with other values of its constants, by full name, and what else is to be done before it serves."""
    changes = (
        f"import {module} as changed; changed.{name}; changed.{name} = {value}"  # one that isn't there any more ends it
        for (module, _, name), value in ((name.rpartition("."), value) for name, value in constants.items())
    )
    serve = "from cloudlicenses.serving import main; main(sys.argv[1:])"
    return sys.executable, "-c", "; ".join(("import sys, cloudlicenses.asgi", *changes, *statements, serve))


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"The server ended with exit code {server.process.returncode}.")
        try:
            server.ask("GET", "/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("The server did not answer.")
