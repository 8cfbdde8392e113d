"""People in a log: what they did is recorded by their e-mail address, what was done to them by their number.

Whoever looks for somebody has an address at hand, and means both. A tenant's users stand where its log does; those of vendors and
operators stand in `public`, where a vendor's own role doesn't see them: `among` opens the scope in which they are looked up.
Somebody whose invitation was withdrawn is a user no more; the log itself has their number then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from django.contrib.auth import get_user_model
from django.db.models import Q

from audit.models import AuditEntry

NAMED_IN_FACTS = ("invitation.withdrawn", "password_reset.asked")  # by the address that they had, or gave
Among = Callable[[], AbstractContextManager[object]]
HERE: Among = nullcontext


def concerning(address: str, *, vendor_id: str = "", among: Among = HERE) -> Q:
    """What was done to whoever has this e-mail address; nothing if it is nobody's. Two queries, each by an index."""
    address = address.lower()
    with among():
        users = get_user_model().objects.filter(email=address, vendor_id=vendor_id)
        known = list(users.values_list("pk", "tokens__pk"))
    named = Q(event__in=NAMED_IN_FACTS, facts__email=address)
    gone = AuditEntry.objects.filter(named, subject_kind="user", vendor_id=vendor_id)
    numbers = {str(user) for user, _ in known} | set(gone.values_list("subject_id", flat=True))
    tokens = {token for _, token in known if token}
    return named | Q(subject_kind="user", subject_id__in=numbers) | Q(subject_kind="token", subject_id__in=tokens)


def addresses(numbers: Iterable[str], *, among: Among = HERE) -> dict[str, str]:
    """The e-mail addresses of users, by the number that they are recorded with. One query, none for nobody."""
    wanted = {number for number in numbers if number.isdecimal()}
    if not wanted:
        return {}
    with among():
        found = list(get_user_model().objects.filter(pk__in=wanted).values_list("pk", "email"))
    return {str(pk): email for pk, email in found}


def numbers_in(entries: Iterable[AuditEntry]) -> set[str]:
    """Of the users that these entries are about."""
    return {number for entry in entries for number in _numbers(entry)}


def _numbers(entry: AuditEntry) -> Iterator[str]:
    if entry.subject_kind == "user":
        yield entry.subject_id
    if isinstance(user := entry.facts.get("user"), int):
        yield str(user)
