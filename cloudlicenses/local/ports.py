"""Ports on 127.0.0.1 for the embedded services: below the range the kernel lends to outgoing connections, and kept."""

import random
import socket
from pathlib import Path

LOWEST, HIGHEST = 20_000, 32_767


def kept_port(path: Path) -> int:
    """The port remembered in `path` while it is free, otherwise another that is free, remembered instead."""
    try:
        port = int(path.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if not (LOWEST <= port <= HIGHEST and is_free(port)):
        port = _any_free_port()
        path.write_text(f"{port}\n")
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As servers do: a port whose old connections are only fading away (TIME_WAIT) is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    while True:
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port):
            return port
