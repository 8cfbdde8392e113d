"""The web process at a socket, as deployed: whoever may open it is the proxy; nobody who comes over a network is."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloudlicenses import probing
from cloudlicenses.local.ports import is_free

CLIENT = "203.0.113.9"
# What the product makes of a connection, told by itself.
TELLING = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "cloudlicenses.settings.base"
from django import setup
setup()
import json
from cloudlicenses.web.requests import client_address, is_trusted_proxy

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    peer, forwarded = scope["client"][0], dict(scope["headers"]).get(b"x-forwarded-for", b"").decode()
    told = json.dumps([peer == "unix", is_trusted_proxy(peer), client_address(peer, forwarded)]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
    await send({"type": "http.response.body", "body": told})
"""


@contextmanager
def serving(directory: Path, *options: str, proxies: str) -> Iterator[None]:
    (directory / "telling.py").write_text(TELLING)
    surroundings = os.environ | {"PYTHONPATH": f"{directory}:{Path.cwd()}", "TRUSTED_PROXIES": proxies}
    command = (sys.executable, "-m", "cloudlicenses.serving", "--application", "telling:application", "--drain", "0")
    process = subprocess.Popen((*command, "--log-level", "warning", *options), env=surroundings)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def told(connection: http.client.HTTPConnection) -> list[object]:
    connection.request("GET", "/", headers={"X-Forwarded-For": CLIENT})
    answer: list[object] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def by_socket(path: Path) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    return connection


@pytest.mark.parametrize(("proxies", "answer"), [("unix", [True, True, CLIENT]), ("10.0.0.0/8", [True, False, ""])])
def test_whoever_opens_the_socket_is_believed_where_sockets_are(
    tmp_path: Path, proxies: str, answer: list[object]
) -> None:
    path = tmp_path / "web.sock"
    with serving(tmp_path, "--socket", str(path), proxies=proxies):
        await_answer(lambda: probing.main(str(path)) == 0)
        assert told(by_socket(path)) == answer
    assert probing.main(str(path)) == 1, "its end is told"


def test_over_a_network_nobody_is_a_socket(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with serving(tmp_path, "--port", str(port), proxies="unix"):
        await_answer(lambda: not is_free(port))
        assert told(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) == [False, False, "127.0.0.1"]


def await_answer(is_there: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 60
    while not is_there():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
