"""The messages that the mail sink of `make run` keeps, as /dev/mail shows them. Without a sink there is nothing here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from cloudlicenses.kit.refusals import NotFound

NAME = re.compile(r"[0-9T.-]{1,60}")
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    subject: str
    sender: str
    recipients: str
    sent_at: datetime | None
    text: str
    html: str


def is_kept() -> bool:
    return bool(settings.MAIL_SINK_DIR)


def letters() -> list[Letter]:
    """The newest first; names sort by arrival."""
    names = sorted((path.stem for path in _directory().glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)
    return [letter(name) for name in names[:MOST_LISTED]]


def letter(name: str) -> Letter:
    """Raises `NotFound`."""
    path = _directory() / f"{name}.eml"
    if not NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    date = message["Date"]
    return Letter(
        name=name,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipients=", ".join(message.get_all("X-RcptTo", [])) or str(message["To"] or ""),
        sent_at=date.datetime if date is not None else None,
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _directory() -> Path:
    if not is_kept():
        raise NotFound
    return Path(settings.MAIL_SINK_DIR)


def _part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    return str(body.get_content()) if body is not None else ""
