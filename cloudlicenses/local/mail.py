"""The mail sink: an SMTP server on this machine that delivers nothing and keeps each message as an .eml file.

    python -m cloudlicenses.local.mail PORT DIRECTORY

What it keeps is what was sent, with the envelope's addresses on top; the apex shows the directory at /dev/mail.
"""

import asyncio
import itertools
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from .part import Part, Server
from .ports import is_free, kept_port

LARGEST_MESSAGE = 25 * 1024 * 1024


def prepare(directory: Path) -> Server:
    """A sink that will keep its messages in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    port = kept_port(directory.with_name("mail.port"))
    return Server(
        part=Part(
            name="mail",
            command=(sys.executable, "-m", __spec__.name, str(port), str(directory)),
            is_ready=lambda: not is_free(port),
        ),
        url=f"smtp://127.0.0.1:{port}",
    )


async def serve(port: int, directory: Path) -> None:
    """Accept mail on 127.0.0.1:`port` until cancelled."""
    factory = partial(SMTP, Keeper(directory), data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True)
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", port)
    await server.serve_forever()


class Keeper:
    """Writes each accepted message into a directory; names sort by arrival."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, whole or not at all, before saying that it was accepted."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S.%f}-{next(self._numbers):04}"
        draft = self._directory / f".{name}.new"
        draft.write_bytes(_addresses(envelope) + (envelope.original_content or b""))
        draft.rename(self._directory / f"{name}.eml")
        return "250 Kept"


def _addresses(envelope: Envelope) -> bytes:
    lines = [f"X-MailFrom: {envelope.mail_from}", *(f"X-RcptTo: {to}" for to in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
