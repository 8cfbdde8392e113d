"""The shipped collector, with the very rsyslog that its image has: lines reach another machine over TLS, and no other; while it is
away they wait. And what the product writes for it."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from cloudlicenses.inside import authority
from cloudlicenses.local.ports import kept_port

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "logs"
RSYSLOG = ("rsyslogd", "-n", "-i", "NONE", "-f")


@dataclass
class Receiver:
    """A machine for logs: what it has got so far, frame by frame as RFC 5425 counts them, over TLS alone."""

    port: int
    certificate: Path
    got: bytes = b""
    refused: int = 0
    _connections: list[ssl.SSLSocket] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        with socket.create_server(("127.0.0.1", self.port)) as listener:
            taking = threading.Thread(target=self._take, args=(listener, context))
            taking.start()
            try:
                yield
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                for connection in self._connections:
                    connection.close()
                taking.join(timeout=60)

    def _take(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                try:
                    spoken = context.wrap_socket(plain, server_side=True)
                    self._connections.append(spoken)
                    threading.Thread(target=self._read, args=(spoken,), daemon=True).start()
                except OSError:
                    self.refused += 1
                    plain.close()

    def _read(self, spoken: ssl.SSLSocket) -> None:
        with suppress(OSError):
            while some := spoken.recv(65536):
                self.got += some

    def numbers(self) -> list[int]:
        """Of the lines that have arrived."""
        left, found = self.got, []
        while left:
            size, _, left = left.partition(b" ")
            frame, left = left[: int(size)], left[int(size) :]
            found.append(json.loads(frame.partition(b"cloudlicenses - - - ")[2])["number"])
        return found


@dataclass
class Collector:
    directory: Path
    receiver: Receiver

    def write(self, *numbers: int) -> None:
        with (self.directory / "lines" / "lines.jsonl").open("a") as file:
            file.writelines(json.dumps({"number": number, "event": "request"}) + "\n" for number in numbers)

    @contextmanager
    def running(self, host: str) -> Iterator[None]:
        surroundings = os.environ | {"LOG_SHIPPING_HOST": host, "LOG_SHIPPING_PORT": str(self.receiver.port)}
        command = (*RSYSLOG, str(self.directory / "shipping.conf"))
        process = subprocess.Popen(command, env=surroundings, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture
def collector(tmp_path: Path) -> Collector:
    """The shipped configuration, with its places in a directory of the test's own; a pause of a second instead of five."""
    vouching = authority.kept_in(tmp_path)
    (tmp_path / "authority.pem").write_bytes(vouching.pem)
    (tmp_path / "receiver.pem").write_bytes(vouching.issue("logs", ("localhost",), timedelta(hours=1)))
    for name in ("lines", "spool"):
        (tmp_path / name).mkdir()
    text = (DEPLOYED / "shipping.conf").read_text().replace('resumeInterval="5"', 'resumeInterval="1"')
    for shipped, here in {
        "/var/log/cloudlicenses": "lines", "/var/spool/rsyslog": "spool", "/etc/logs/authority.pem": "authority.pem"
    }.items():  # fmt: skip
        assert shipped in text
        text = text.replace(shipped, str(tmp_path / here))
    (tmp_path / "shipping.conf").write_text(text)
    return Collector(tmp_path, Receiver(kept_port(tmp_path / "port"), tmp_path / "receiver.pem"))


def test_lines_reach_the_other_machine_over_tls(collector: Collector) -> None:
    with collector.receiver.listening(), collector.running("localhost"):
        collector.write(1, 2)
        wait_for(lambda: collector.receiver.numbers() == [1, 2])
        (collector.directory / "lines" / "lines.jsonl").rename(collector.directory / "lines" / "lines.jsonl.1")
        collector.write(3)
        wait_for(lambda: collector.receiver.numbers() == [1, 2, 3])


def test_a_machine_with_another_name_gets_nothing(collector: Collector) -> None:
    with collector.receiver.listening(), collector.running("127.0.0.1"):
        collector.write(1)
        wait_for(lambda: collector.receiver.refused > 1 or bool(collector.receiver._connections))
        time.sleep(1)
        assert collector.receiver.got == b""


def test_while_it_is_away_lines_wait_even_for_another_start(collector: Collector) -> None:
    with collector.running("localhost"):
        collector.write(1, 2)
        time.sleep(2)
    collector.write(3)
    with collector.receiver.listening(), collector.running("localhost"):
        wait_for(lambda: sorted(collector.receiver.numbers()) == [1, 2, 3])


def test_the_product_writes_each_line_once_for_it_wherever_the_file_has_gone(tmp_path: Path) -> None:
    """From two processes, and moved away in between."""
    path = tmp_path / "lines.jsonl"
    said = (
        "import os, django, structlog; django.setup(); log = structlog.get_logger('test'); log.info('before', number=1);"
        "os.fork() or os._exit(log.info('forked', number=2) or 0); os.wait();"
        f"os.rename({str(path)!r}, {str(path)!r} + '.1'); log.info('after', number=3, password='hidden-thing')"
    )
    surroundings = os.environ | {
        "LOG_PATH": str(path), "LOG_FORMAT": "console", "LOG_LEVEL": "INFO", "DJANGO_SETTINGS_MODULE": "cloudlicenses.settings.base"
    }  # fmt: skip
    done = subprocess.run((sys.executable, "-c", said), env=surroundings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    moved, here = (
        [json.loads(line) for line in one.read_text().splitlines()] for one in (tmp_path / "lines.jsonl.1", path)
    )
    assert [line["number"] for line in moved] == [1, 2]
    assert [line["number"] for line in here] == [3]
    assert "hidden-thing" not in path.read_text()


def wait_for(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
