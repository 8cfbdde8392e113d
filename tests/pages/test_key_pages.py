"""Making, rotating and revoking keys by hand: shown once, made once, and only by those who may."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Role
from audit.models import AuditEntry
from keys import recognising
from keys.forms import SCOPES
from keys.issuing import APPLICATION_SCOPES
from keys.models import ApiKey
from licensing.models import License
from tenants import context
from tests import builders, cast, sites
from tests.queries import fewest

FORM = {
    "app_name": "Workstation 042", "app_type": "desktop", "expires_in_days": "365", "request_key": "form-1",
    "scopes": ["license:checkout", "license:return"], "allowed_hostnames": "dev-ws-042.mercedes.com\n",
    "allowed_ip_ranges": "10.1.2.3/16, 2001:db8::/32", "allowed_products": ["davinci-configurator-se"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _licensed(db: None) -> None:
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-1")


def made() -> list[ApiKey]:
    with context.inside(cast.MERCEDES.id):
        return list(ApiKey.objects.order_by("created_at"))


def shown(content: bytes) -> str:
    found = re.search(r'<pre id="key-text">(clsk_mercedes_\w+)</pre>', content.decode())
    assert found
    return found[1]


def test_a_new_key_is_shown_once_with_what_to_paste(owner: sites.Site):
    answer = owner.post("/keys/generate", FORM)
    assert answer.status_code == 201
    text = shown(answer.content)
    page = answer.content.decode()
    assert f"export LICENSE_API_KEY={text}" in page
    assert "export LICENSE_SERVER_URL=http://mercedes.localhost:8000" in page
    assert "LicenseClient.from_env(&quot;davinci-configurator-se&quot;)" in page
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert text not in owner.get("/keys").content.decode()


def test_the_key_works_and_is_bound_as_the_form_said(owner: sites.Site):
    text = shown(owner.post("/keys/generate", FORM).content)
    with context.inside(cast.MERCEDES.id):
        facts = recognising.find(text, recognising.APPLICATION)
    (key,) = made()
    assert facts.id == key.pk
    assert (key.app_name, key.scopes) == ("Workstation 042", ["license:checkout", "license:return"])
    assert key.allowed_hostnames == ["dev-ws-042.mercedes.com"]
    assert key.allowed_ip_ranges == ["10.1.0.0/16", "2001:db8::/32"]
    assert key.allowed_products == ["davinci-configurator-se"]
    assert key.expires_at is not None
    assert key.created_by == "owner@mercedes-benz.com"


def test_a_form_sent_twice_makes_one_key_and_shows_the_same(owner: sites.Site):
    first, again = owner.post("/keys/generate", FORM), owner.post("/keys/generate", FORM)
    assert shown(first.content) == shown(again.content)
    assert len(made()) == 1


def test_a_form_changed_after_going_back_makes_another_key(owner: sites.Site):
    first, other = (
        owner.post("/keys/generate", FORM),
        owner.post("/keys/generate", FORM | {"app_name": "Workstation 043"}),
    )
    assert shown(first.content) != shown(other.content)
    assert len(made()) == 2


def test_a_key_may_live_until_it_is_revoked(owner: sites.Site):
    owner.post("/keys/generate", FORM | {"expires_in_days": "0"})
    assert made()[0].expires_at is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("app_name", "", "This field is required."),
        ("app_name", "a\0b", "Null characters are not allowed."),
        ("scopes", [], "This field is required."),
        ("scopes", ["vendor:write"], "Select a valid choice."),
        ("allowed_hostnames", "bad host!", "Not a hostname: host!."),
        ("allowed_ip_ranges", "10.0.0.0/99", "Not an address or a range: 10.0.0.0/99."),
        ("expires_in_days", "99999", "Select a valid choice."),
        ("allowed_products", ["multi-ide"], "You have no license of this product: multi-ide."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(field: str, value: Any, said: str, owner: sites.Site):
    refused = owner.post("/keys/generate", FORM | {field: value})
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert f'id="id_{field}_error"' in refused.content.decode()
    assert made() == []


def test_the_form_comes_filled_for_a_product(owner: sites.Site):
    page = owner.get("/keys/generate?product=davinci-configurator-se").content.decode()
    assert re.search(r'value="davinci-configurator-se"[^>]* checked><span>DaVinci Configurator SE <code>', page)
    assert " checked><span>" not in owner.get("/keys/generate?product=multi-ide").content.decode()


def test_a_key_stays_bound_to_what_there_is_no_license_of_any_more(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        builders.tenant_key(allowed_products=["multi-ide"])
    address = f"/keys/{made()[0].pk}/restrictions"
    page = owner.get(address).content.decode()
    assert re.search(r'value="multi-ide"[^>]* checked>', page)
    both = {"allowed_products": ["multi-ide", "davinci-configurator-se"]}
    assert owner.post(address, both).status_code == 302
    assert made()[0].allowed_products == both["allowed_products"]
    assert "DaVinci Configurator SE" in owner.get("/keys").content.decode()


def test_who_has_no_licenses_yet_is_not_asked_for_products(owner: sites.Site):
    with context.inside(cast.MERCEDES.id):
        License.objects.all().delete()
    assert b"Only for these products" not in owner.get("/keys/generate").content


def test_the_form_offers_every_scope_there_is():
    assert [scope for scope, _label in SCOPES] == list(APPLICATION_SCOPES)


def test_revoking_asks_first_and_says_what_follows(owner: sites.Site):
    owner.post("/keys/generate", FORM)
    (key,) = made()
    question = owner.get(f"/keys/{key.pk}/revoke")
    assert b"refused at once and for good" in question.content
    assert made()[0].revoked_at is None
    assert owner.post(f"/keys/{key.pk}/revoke").headers["Location"] == "/keys"
    assert made()[0].revoked_at is not None
    assert b"The key of Workstation 042 is revoked." in owner.get("/keys").content
    with context.inside(cast.MERCEDES.id):
        entry = AuditEntry.objects.get(event="key.revoked")
    assert (entry.actor_label, entry.subject_id) == ("owner@mercedes-benz.com", key.pk)


def test_rotating_shows_a_new_key_and_leaves_the_old_one_a_day(owner: sites.Site):
    owner.post("/keys/generate", FORM)
    (old,) = made()
    question = owner.get(f"/keys/{old.pk}/rotate").content.decode()
    (form_key,) = re.findall(r'name="request_key" value="([^"]+)"', question)
    first, again = (owner.post(f"/keys/{old.pk}/rotate", {"request_key": form_key}) for _ in range(2))
    assert shown(first.content) == shown(again.content)
    old, new = made()
    assert old.replaced_by == new.pk
    assert old.expires_at is not None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
def test_who_may_only_look_changes_nothing(role: Role, at_mercedes: Any):
    with context.inside(cast.MERCEDES.id):
        builders.tenant_key()
    (key,) = made()
    site = at_mercedes(role)
    assert site.get("/keys").status_code == 200
    assert b"/revoke" not in site.get("/keys").content
    for path in ("/keys/generate", f"/keys/{key.pk}/revoke", f"/keys/{key.pk}/rotate"):
        assert site.get(path).status_code == 403
        assert site.post(path, FORM).status_code == 403
    assert [each.revoked_at for each in made()] == [None]


def test_another_tenants_key_is_not_there(owner: sites.Site):
    with context.inside(cast.BMW.id):
        builders.tenant_key(cast.BMW.id)
        foreign = ApiKey.objects.get().pk
    assert owner.get(f"/keys/{foreign}/revoke").status_code == 404
    assert owner.post(f"/keys/{foreign}/revoke").status_code == 404
    with context.inside(cast.BMW.id):
        assert ApiKey.objects.get().revoked_at is None


def test_ten_keys_take_as_many_queries_as_one(owner: sites.Site):
    def counted() -> int:
        return fewest(lambda: owner.get("/keys"))

    with context.inside(cast.MERCEDES.id):
        builders.tenant_key()
    one = counted()
    with context.inside(cast.MERCEDES.id):
        for _ in range(9):
            builders.tenant_key()
    assert counted() == one
