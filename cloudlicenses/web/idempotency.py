"""`Idempotency-Key`: a repeated POST gets the first answer and changes nothing.

The claim on the key, what the story writes and the answer are one transaction. Two requests with one key at a time: the second
waits at the unique index and then reads the first one's answer. A worker that dies leaves nothing behind, so the retry is the
first. A refusal rolls everything back and is not kept: the same key may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import msgspec
from django.db import transaction

from cloudlicenses.kit import clock, jsonmoney
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Kind, Refusal, gettext_noop
from cloudlicenses.sealing.rows import seal, unseal
from cloudlicenses.web.models import IdempotentAnswer

KEPT = timedelta(hours=48)
LONGEST_KEY = 255


class IdempotencyConflict(Refusal):
    kind = Kind.INVALID
    code = "idempotency_conflict"
    title = gettext_noop("This Idempotency-Key was used for another request. Use a new key for a new request.")


def checked_key(key: str) -> str:
    """The header's value, if it can be kept; raises `InvalidInput`."""
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidInput(errors=[FieldError("Idempotency-Key", "invalid", "At most 255 printable ASCII characters.")])
    return key


def digest(method: str, path: str, body: object) -> str:
    """Of a request: the same for bodies that say the same, whatever the order of their members."""
    text = msgspec.json.encode([method, path, body], order="deterministic")
    return hashlib.sha256(text).hexdigest()


def answer_once(
    *, caller: str, key: str, request_digest: str, produce: Callable[[], tuple[int, dict[str, object]]]
) -> tuple[int, dict[str, object], bool]:
    """Status, body, and whether it is a replay. Raises `IdempotencyConflict`, and whatever `produce` refuses."""
    if not key:
        with transaction.atomic():
            return *produce(), False
    with transaction.atomic():
        IdempotentAnswer.objects.bulk_create(
            [IdempotentAnswer(caller=caller, key=checked_key(key), request_digest=request_digest)],
            ignore_conflicts=True,
        )
        kept = IdempotentAnswer.objects.select_for_update().get(caller=caller, key=key)
        if kept.request_digest != request_digest:
            raise IdempotencyConflict
        if kept.status is not None:
            return kept.status, _open(kept), True
        kept.status, body = produce()
        kept.body = seal(kept, "body", jsonmoney.dumps(body))
        kept.save(update_fields=["status", "body"])
        return kept.status, body, False


def forget_old() -> int:
    """Drop answers older than `KEPT`, in the present scope; how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def _open(kept: IdempotentAnswer) -> dict[str, object]:
    body: dict[str, object] = jsonmoney.loads(unseal(kept, "body"))
    return body
