"""What isn't yours is not there: at every address that names something, for everybody else, with every method.

Generated from the urlconfs, so a new address is looked at without anybody thinking of it (the last tests show that). Each stranger
asks for what exists and for what doesn't, and must not be able to tell which was which; nothing of the victim's is changed or
shown. And the rightful owner does find it: otherwise nothing would have been shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.models import Passkey, Session, User
from cloudlicenses.access.addresses import Address, addresses
from cloudlicenses.settings.schemas import TENANT_APPS
from cloudlicenses.web.people import needs
from keys.models import ApiKey
from tenants import context, grants
from tenants.hosts import URLCONFS
from tests import cast
from tests.attacks import intruders
from tests.attacks.belongings import OF
from tests.attacks.intruders import AT_MERCEDES, Caller
from tests.attacks.routes import belongings_in, filled, naming_something
from tests.attacks.victims import CANARY, PERSON

WRONG_METHOD = 405
NOT_READ = {400, 415, 422}
SCOPES = {"tenant": AT_MERCEDES, "vendors": context.platform, "apex": context.platform}
EVERY = naming_something()
# Whoever registers is nobody's user yet, and finds it by a token (tests/tenants); to all others it is not there.
WITH_TOKENS_OF_THEIR_OWN = {"apex/api/v1/tenants/<str:tenant_id>/status", "apex/signup/<str:tenant_id>"}
# What the owner finds there takes a month that was closed and sealed; whoever is a stranger is compared all the same.
TAKES_MORE = {"vendors/billing/<str:period>/<int:account_id>/evidence.jsonl"}
LEAST_SHOWN = {"tenant": 8, "vendors": 5}
CHANGING = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*|("?request_id"?: ?")[^"]*|\breq_\w+')
LIVING = {"audit", "outbox", "web"}  # what strangers' refusals write: the log, and answers kept for their own callers


@pytest.mark.parametrize("address", EVERY, ids=str)
def test_what_belongs_to_somebody_else_is_not_there(address: Address, db: None) -> None:
    assert_hidden(address)


def assert_hidden(address: Address) -> None:
    kinds = belongings_in(address)
    with SCOPES[address.host]():
        theirs = {name: kind.make() for name, kind in kinds.items()}
    there, nowhere = filled(address, theirs), filled(address, {name: kind.absent for name, kind in kinds.items()})
    methods: dict[str, bool | None] = dict.fromkeys(address.rights)
    if str(address) not in WITH_TOKENS_OF_THEIR_OWN | TAKES_MORE:
        owner = intruders.rightful(address)
        found = {method: _finds(owner, address, method, there, nowhere) for method in methods}
        methods = {method: is_found for method, is_found in found.items() if is_found is not False}
    assert methods, f"{address}: its owner doesn't find it either, so nothing is shown; make what it leads to"
    before = _state_of_the_victim(address.host)
    for make in intruders.strangers_to(address, kinds.values()):
        caller = make()
        for method, is_found in methods.items():
            _assert_no_difference(address, caller, method, there, nowhere, is_found=bool(is_found))
    assert _state_of_the_victim(address.host) == before


def _finds(owner: Caller, address: Address, method: str, there: str, nowhere: str) -> bool | None:
    """Whether the owner finds it by this method, and finds nothing where nothing is; None where our body was not even read so
    far, here nor there. It stays as it was."""
    with _undone():
        found = owner.ask(address, method, there).status_code
    with _undone():
        missed = owner.ask(address, method, nowhere).status_code
    assert found < 500
    if found == missed and found in NOT_READ:
        return None
    assert found == WRONG_METHOD or found not in {401, 403, 404}, f"{method} {there}: {found}"
    assert missed == WRONG_METHOD or missed in {404, 410}, f"{method} {nowhere}: {missed}"
    return found != WRONG_METHOD


def _assert_no_difference(
    address: Address, caller: Caller, method: str, there: str, nowhere: str, *, is_found: bool
) -> None:
    what = f"{caller.name}: {method} {there}"
    seen, unseen = caller.ask(address, method, there), caller.ask(address, method, nowhere)
    assert CANARY not in seen.content.decode(errors="replace").replace(there, ""), what
    assert _masked(seen, there) == _masked(unseen, nowhere), what
    if caller.is_at_home:
        assert seen.status_code == 404 or (not is_found and seen.status_code in NOT_READ | {401, WRONG_METHOD}), (
            f"{what}: {seen.status_code} {seen.content[:500]!r}"
        )


def _masked(answer: Any, asked: str) -> tuple[int, str, str]:
    """All that an answer says, but for what was asked and what differs each time."""
    parts = [asked, *(part for part in asked.split("/") if len(part) > 4)]
    said, leads = answer.content.decode(errors="replace"), answer.headers.get("Location", "")
    said = said.replace(answer.headers["X-Request-ID"], "")
    for part in parts:
        said, leads = said.replace(part, "…"), leads.replace(part, "…").replace(quote(part, safe=""), "…")
    return answer.status_code, leads, CHANGING.sub("", said)


def _state_of_the_victim(host: str) -> Any:
    """Every row of Mercedes' schema; of Vector, every row that row-level security shows it, and its people."""
    if host == "tenant":
        with AT_MERCEDES():
            return [_rows(model) for model in apps.get_models() if _is_in_a_schema(model)]
    with context.acting_for(cast.VECTOR.id):
        visible = {grant.table for grant in grants.VENDORS if grants.READ in grant.rights and not grant.columns}
        found = [_rows(model) for model in apps.get_models() if model._meta.db_table in visible - {"audit_auditentry"}]
    people = User.objects.filter(vendor_id=cast.VECTOR.id, pk__gte=PERSON)
    return [
        *found,
        list(people.values()),
        list(Passkey.objects.values()),
        list(Session.objects.filter(user__in=people).values()),
    ]


def _is_in_a_schema(model: type[Model]) -> bool:
    app = apps.get_app_config(model._meta.app_label)
    return app.name in TENANT_APPS and app.label not in LIVING and model is not Session


def _rows(model: type[Model]) -> list[Any]:
    """All of them; but not the strangers who sign in at the victim's host."""
    rows = model._default_manager.order_by("pk")
    return list((rows.filter(pk__gte=PERSON) if model is User else rows).values())


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _in_lists(host: str) -> list[Address]:
    """Addresses that name nothing: lists, exports, charts, forms."""
    return [
        address
        for address in addresses()
        if address.host == host and not belongings_in(address) and "GET" in address.rights
    ]


@pytest.mark.parametrize("host", ["tenant", "vendors"])
def test_no_list_or_file_of_anybodys_has_what_belongs_to_somebody_else(host: str, db: None) -> None:
    with SCOPES[host]():
        for name, kind in OF[host].items():
            if "/" not in name:
                kind.make()
    shown_to_owner, gathering = [], intruders.Gathering()
    for address in _in_lists(host):
        if CANARY in _said(gathering, partial(intruders.rightful, address), address):
            shown_to_owner.append(str(address))
        for make in intruders.strangers_to(address, ()):
            assert CANARY not in _said(gathering, make, address), address
    assert len(shown_to_owner) >= LEAST_SHOWN[host], shown_to_owner


def _said(gathering: intruders.Gathering, make: Callable[[], Caller], address: Address) -> str:
    caller = gathering.caller(make)
    with _undone():
        return str(gathering.ask(caller, address, filled(address, {})).content.decode(errors="replace"))


@needs("keys:read")
def careless(request: HttpRequest, key_id: str) -> HttpResponse:
    """A page of somebody who looked a key up on the wrong side."""
    with context.inside(cast.MERCEDES.id):
        return HttpResponse(status=200 if ApiKey.objects.filter(pk=key_id).exists() else 404)


@needs("keys:read")
def of_a_new_kind(request: HttpRequest, gizmo_id: str) -> HttpResponse:
    return HttpResponse(gizmo_id)


urlpatterns = [path("peek/<str:key_id>", careless)]


def test_an_address_added_tomorrow_is_looked_at(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setitem(URLCONFS, "tenant", __name__)
    (added,) = [address for address in naming_something() if address.host == "tenant"]
    with pytest.raises(AssertionError, match="a neighbour at bmw"):
        assert_hidden(added)


def test_a_kind_of_thing_that_nobody_described_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    added = Address("tenant", "gizmos/<str:gizmo_id>", of_a_new_kind, {"GET": "keys:read"}, is_page=True)
    with pytest.raises(LookupError, match="what is a gizmo_id"):
        belongings_in(added)
