"""Why a message did not arrive: a code with what it is about, kept with each try, and said in the language of whoever reads it.

Programs get the sentence in English. Codes are kept in rows: one that was given once stays, whatever its sentence becomes.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from cloudlicenses.kit.refusals import Said, gettext_noop
from cloudlicenses.web.speaking import in_readers_words

SENTENCES = {
    "name_unknown": gettext_noop("The name %(host)s can't be resolved."),
    "address_not_public": gettext_noop("The name %(host)s leads to %(address)s, which is not a public address."),
    "timed_out": gettext_noop("It did not answer in time."),
    "connection_refused": gettext_noop("The connection failed: nothing listens there."),
    "connection_lost": gettext_noop("The connection failed: it was closed before an answer came."),
    "unreachable": gettext_noop("The connection failed: no way leads there."),
    "certificate_expired": gettext_noop("The connection failed: its certificate has expired."),
    "certificate_misnamed": gettext_noop("The connection failed: its certificate is for another name."),
    "certificate_untrusted": gettext_noop("The connection failed: nobody known has signed its certificate."),
    "connection_failed": gettext_noop("The connection failed: %(reason)s"),
    "redirected": gettext_noop("It redirects, and redirects are not followed."),
    "answered": gettext_noop("It answered %(status)s."),
    "mail_refused": gettext_noop("The mail server refused it: %(reason)s"),
    "unsigned": gettext_noop("It could not be signed."),
    "broken": gettext_noop("It could not be sent: %(reason)s."),
}
CERTIFICATES = {
    10: "certificate_expired",
    62: "certificate_misnamed",
    64: "certificate_misnamed",
}  # OpenSSL's X509_V_ERR_…
NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH)
HUNG_UP = "Server disconnected"  # httpcore's words for an end where a beginning was awaited; the class is that of any nonsense
LONGEST_REASON = 300


class Unsent(Exception):
    """Did not arrive; `code` and `about` say why, and the exception's own text in English."""

    def __init__(self, code: str, **about: str | int) -> None:
        self.code, self.about = code, about
        super().__init__(Said(SENTENCES[code], **about))


def of_connection(error: Exception) -> Unsent:
    """What went wrong with a connection, as far as its causes tell."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unsent(CERTIFICATES.get(cause.verify_code, "certificate_untrusted"))
        if isinstance(cause, ConnectionRefusedError):
            return Unsent("connection_refused")
        if isinstance(cause, ConnectionError) or str(cause).startswith(HUNG_UP):
            return Unsent("connection_lost")
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            return Unsent("unreachable")
    return Unsent("connection_failed", reason=(str(error) or type(error).__name__)[:LONGEST_REASON])


def of_status(status: int) -> Unsent:
    return Unsent("redirected") if 300 <= status < 400 else Unsent("answered", status=status)


def in_words(attempt: Mapping[str, Any]) -> str:
    """What a try's entry in a delivery's log says of its problem, for its reader; of one from before there were codes, what it says
    itself. Empty if there was none."""
    try:
        return in_readers_words(Said(SENTENCES[attempt["code"]], **attempt["about"]))
    except KeyError:
        return in_readers_words(problem) if (problem := attempt.get("problem")) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
