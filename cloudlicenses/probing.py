"""Whether a web process that listens at a socket answers, for the health of containers.

python -m cloudlicenses.probing /run/web/web.sock
"""

from __future__ import annotations

import http.client
import socket
import sys

PATIENCE_SECONDS = 4


def main(path: str) -> int:
    """0 when it answers, 1 when it doesn't."""
    connection = http.client.HTTPConnection("localhost", timeout=PATIENCE_SECONDS)
    with socket.socket(socket.AF_UNIX) as connection.sock:
        connection.sock.settimeout(PATIENCE_SECONDS)
        try:
            connection.sock.connect(path)
            connection.request("GET", "/healthz")
            return 0 if connection.getresponse().status == 200 else 1
        except OSError:
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
