"""Who is signed in, asked of many sessions at once: for what stays open longer than a request (event streams)."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY

from accounts import second_factors
from accounts.models import Session, User
from accounts.sessions import SessionStore, is_proof_of, kept_as
from cloudlicenses.kit import clock


def rights_of_sessions(session_keys: Sequence[str], vendor_id: str = "") -> dict[str, frozenset[str]]:
    """What the people behind these sessions may do, as far as they are still signed in, and have the second factor
    that their role needs; three queries. In a tenant's scope; of a vendor's people in platform scope."""
    if not session_keys:
        return {}
    asked = {kept_as(key): key for key in session_keys}
    sessions = Session.objects.filter(session_key__in=list(asked), expire_date__gt=clock.now())
    kept = {asked[session.session_key]: SessionStore().decode(session.session_data) for session in sessions}
    people = User.objects.filter(is_active=True, vendor_id=vendor_id).in_bulk(
        [data[SESSION_KEY] for data in kept.values() if SESSION_KEY in data]
    )
    found = {
        key: (people.get(int(data.get(SESSION_KEY, 0))), data.get(HASH_SESSION_KEY, "")) for key, data in kept.items()
    }
    required = second_factors.required_of(vendor_id)
    return {
        key: person.rights
        for key, (person, proof) in found.items()
        if person is not None
        and is_proof_of(person, proof)
        and (person.second_factor_since or person.role not in required)
    }
