"""The embedded Valkey: cache, limits, wake-ups and the broker of background jobs, on 127.0.0.1 behind a password.

Its password is in a configuration file that only its owner reads, never on the command line, which everybody reads.
"""

import signal
import socket
from pathlib import Path

from .binaries import valkey_server
from .leftovers import end_leftover
from .part import Part, Server
from .ports import kept_port
from .secrets import kept_password, write_private

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
pidfile "{directory}/pid"
daemonize no
set-proc-title no
databases 16
appendonly no
save {save}
stop-writes-on-bgsave-error no
loglevel warning
"""


def prepare(directory: Path, *, is_lasting: bool = True) -> Server:
    """Make the server in `directory` ready to be started; a lasting one keeps its queues over a restart."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    password = kept_password(directory / "password")
    configuration = directory / "valkey.conf"
    end_leftover(directory / "pid", directory=configuration, stop_signal=signal.SIGTERM)
    port = kept_port(directory / "port")
    save = "300 1" if is_lasting else '""'
    write_private(
        configuration,
        CONFIGURATION.format(port=port, password=password, directory=directory, save=save),
    )
    return Server(
        part=Part(
            name="valkey",
            command=(str(valkey_server()), str(configuration)),
            keeps_data=True,
            is_ready=lambda: _answers(port, password),
        ),
        url=f"redis://:{password}@127.0.0.1:{port}/0",
    )


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = connection.makefile("rb")
            return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
    except OSError:
        return False
