"""What the control APIs ask of an application beyond its key: by the product that a request names, or by all of them."""

from __future__ import annotations

import secrets as random
import time
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import fingerprints, queries, sightings
from applications.models import Fingerprint
from applications.signing import secrets
from audit.models import AuditEntry
from cloudlicenses.web import wakeups
from licensing import guards
from tenants.context import acting_for, inside
from tests import builders, cast, sites
from tests.applications.signers import BySecret, code, header

DAVINCI, MULTI = cast.DAVINCI.id, cast.MULTI.id
VALIDATE, TRACK = "/api/v1/validate/feature", "/api/v1/usage/track"
ABOUT_DAVINCI = {"feature": "can_editor", "product_id": DAVINCI}
Asked = tuple[str, str, object]
NAMING: dict[str, Asked] = {
    "a feature": ("POST", VALIDATE, ABOUT_DAVINCI),
    "a use": ("POST", TRACK, ABOUT_DAVINCI),
    "a use of a license": ("POST", TRACK, {"feature": "can_editor", "license_id": "lic-1"}),
    "features": ("GET", f"/api/v1/features?product_id={DAVINCI}", None),
    "licenses": ("GET", f"/api/v1/licenses?product_id={DAVINCI}", None),
    "a license": ("GET", "/api/v1/licenses/lic-1", None),
    "leases": ("GET", f"/api/v1/leases?product_id={DAVINCI}", None),
    "denials": ("GET", f"/api/v1/denials?product_id={DAVINCI}", None),
    "usage": ("GET", f"/api/v1/usage?start_date=2026-11-01&end_date=2026-11-02&product_id={DAVINCI}", None),
}
NAMING_NONE: dict[str, Asked] = {
    "a feature of any": ("POST", VALIDATE, {"feature": "can_editor"}),
    "a use of any": ("POST", TRACK, {"feature": "can_editor"}),
    "all features": ("GET", "/api/v1/features", None),
    "all licenses": ("GET", "/api/v1/licenses", None),
    "all leases": ("GET", "/api/v1/leases", None),
    "all denials": ("GET", "/api/v1/denials", None),
    "all usage": ("GET", "/api/v1/usage?start_date=2026-11-01&end_date=2026-11-02", None),
    "all events": ("GET", "/api/v1/events/stream", None),
}
# What would be read as another product, or is not read at all, names none.
TRICKS: dict[str, Asked] = {
    "blanks around it": ("POST", VALIDATE, {"feature": "can_editor", "product_id": f" {DAVINCI} "}),
    "another blank": ("POST", VALIDATE, {"feature": "can_editor", "product_id": f"{DAVINCI}\u00a0"}),
    "no string": ("POST", VALIDATE, {"feature": "can_editor", "product_id": [MULTI]}),
    "a null in a query": ("GET", f"/api/v1/features?product_id={DAVINCI}%00", None),
    "named twice, the last counts": ("GET", f"/api/v1/features?product_id={MULTI}&product_id={DAVINCI}", None),
    "in a query that isn't read": ("GET", f"/api/v1/events/stream?product_id={MULTI}", None),
    "in a query beside the path": ("GET", "/api/v1/licenses/lic-1?license_id=lic-2&product_id=multi-ide", None),
    "in a query beside the body": ("POST", f"{VALIDATE}?product_id={MULTI}", {"feature": "can_editor"}),
    "a license that isn't there": ("POST", TRACK, {"feature": "can_editor", "license_id": "lic-none"}),
    "no JSON": ("POST", VALIDATE, b'{"product_id": "multi-ide"'),
}


@dataclass
class Application:
    """Calls the control API with a key, and what else it is given."""

    site: sites.Site
    key: str
    secret: BySecret | None = None
    fingerprint: str = ""

    def ask(self, asked: Asked) -> str:
        return code(self.send(asked, self.signature(asked)))

    def send(self, asked: Asked, signature: str = "") -> Any:
        method, path, body = asked
        sent = {"x_app_signature": signature, "x_app_fingerprint": self.fingerprint}
        answer = self.site.ask(method, path, body, key=self.key, **{name: text for name, text in sent.items() if text})
        answer.is_success = answer.status_code < 400  # as `code` knows it of other clients
        return answer

    def signature(self, asked: Asked, *, at: float | None = None) -> str:
        if self.secret is None:
            return ""
        method, path, body = asked
        content = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        return header(self.secret, self.site.host, path, content, at=at, method=method)


@pytest.fixture
def application(mercedes_site: sites.Site, db: None) -> Application:
    with inside("mercedes"):
        builders.granted(features=["can_editor"])
        builders.granted("lic-2", product=cast.MULTI, features=["can_editor"])
        return Application(mercedes_site, builders.tenant_key(), fingerprint=f"sha256:{random.token_hex(32)}")


@pytest.fixture
def secret(db: None) -> BySecret:
    return secret_of(cast.DAVINCI)


def secret_of(ware: cast.Ware, *, is_required: bool = True) -> BySecret:
    with acting_for(ware.vendor_id):
        text = secrets.generate(builders.actor(), ware.vendor_id, ware.id).text
        secrets.require(builders.actor(), ware.vendor_id, ware.id, is_required=is_required)
    return BySecret(text)


def set_mode(mode: str, product_id: str = DAVINCI) -> None:
    with inside("mercedes"):
        fingerprints.set_mode(builders.actor(), product_id, mode)


def seen() -> list[tuple[str, str, str]]:
    with inside("mercedes"):
        return list(Fingerprint.objects.values_list("product_id", "value", "state"))


def good(asked: Asked) -> str:
    return "201" if asked[1] == TRACK else "200"


@pytest.mark.parametrize("asked", [*NAMING.values(), *NAMING_NONE.values()], ids=[*NAMING, *NAMING_NONE])
def test_where_a_product_has_to_sign_only_its_application_comes_in(
    asked: Asked, application: Application, secret: BySecret
) -> None:
    assert application.ask(asked) == "signature_invalid"
    application.secret = BySecret("clps_vector-de_guessed")
    assert application.ask(asked) == "signature_invalid"
    application.secret = secret
    assert application.ask(asked) == good(asked)


@pytest.mark.parametrize("asked", [*NAMING.values(), *NAMING_NONE.values()], ids=[*NAMING, *NAMING_NONE])
def test_where_a_product_blocks_only_what_is_known_comes_in(asked: Asked, application: Application) -> None:
    set_mode("block")
    known = f"sha256:{random.token_hex(32)}"
    with inside("mercedes"):
        builders.fingerprint(known, state="known")
        builders.fingerprint("of-another-product", product_id=MULTI, state="known")
    for value in ("", application.fingerprint, "of-another-product"):
        application.fingerprint = value
        assert application.ask(asked) == "fingerprint_blocked"
    application.fingerprint = known
    assert application.ask(asked) == good(asked)


@pytest.mark.parametrize("asked", [*NAMING.values(), *NAMING_NONE.values()], ids=[*NAMING, *NAMING_NONE])
def test_what_is_blocked_is_refused_in_every_mode(asked: Asked, application: Application) -> None:
    with inside("mercedes"):
        builders.fingerprint(application.fingerprint, state="blocked")
    assert application.ask(asked) == "fingerprint_blocked"
    application.fingerprint = f"sha256:{random.token_hex(32)}"
    assert application.ask(asked) == good(asked)


@pytest.mark.parametrize("asked", TRICKS.values(), ids=TRICKS)
@pytest.mark.parametrize("guard", ["signature_invalid", "fingerprint_blocked"])
def test_no_way_of_writing_it_leads_past_the_product_that_asks(
    guard: str, asked: Asked, application: Application, request: pytest.FixtureRequest
) -> None:
    if guard == "signature_invalid":
        request.getfixturevalue("secret")
    else:
        set_mode("block")
    assert application.ask(asked) == guard


def test_another_product_is_asked_for_as_ever(application: Application, secret: BySecret) -> None:
    set_mode("block")
    assert application.ask(("POST", VALIDATE, {"feature": "can_editor", "product_id": MULTI})) == "200"
    assert application.ask(("GET", f"/api/v1/licenses?product_id={MULTI}", None)) == "200"
    answer = application.send(("GET", f"/api/v1/licenses?product_id={MULTI}", None)).json()
    assert [each["product_id"] for each in answer["data"]] == [MULTI]


@pytest.mark.parametrize("asked", [NAMING["a feature"], NAMING["licenses"], NAMING_NONE["all licenses"]])
def test_a_signed_request_passes_once(asked: Asked, application: Application, secret: BySecret) -> None:
    application.secret = secret
    signature = application.signature(asked)
    assert [code(application.send(asked, signature)) for _ in range(3)] == ["200", *["signature_invalid"] * 2]


def test_nor_when_valkey_has_forgotten_it(application: Application, secret: BySecret) -> None:
    application.secret = secret
    signature = application.signature(NAMING["licenses"])
    assert code(application.send(NAMING["licenses"], signature)) == "200"
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    assert code(application.send(NAMING["licenses"], signature)) == "signature_invalid"


def test_a_signature_is_for_its_body_its_address_and_its_time(application: Application, secret: BySecret) -> None:
    application.secret = secret
    feature, other = NAMING["a feature"], ("POST", VALIDATE, {**ABOUT_DAVINCI, "feature": "another"})
    assert code(application.send(other, application.signature(feature))) == "signature_invalid"
    assert code(application.send(NAMING["leases"], application.signature(NAMING["denials"]))) == "signature_invalid"
    old = application.signature(feature, at=time.time() - 65)
    assert "clock" in application.send(feature, old).json()["detail"]


@pytest.mark.parametrize("asked", [NAMING["a feature"], NAMING_NONE["all licenses"]])
def test_what_is_signed_without_need_must_be_right(asked: Asked, application: Application) -> None:
    right = secret_of(cast.DAVINCI, is_required=False)
    assert application.ask(asked) == "200"
    application.secret = BySecret("clps_vector-de_guessed")
    assert application.ask(asked) == "signature_invalid"
    application.secret = right
    assert application.ask(asked) == "200"


def test_the_secret_of_one_product_signs_for_no_other_that_has_to_sign(
    application: Application, secret: BySecret
) -> None:
    application.secret = secret_of(cast.MULTI, is_required=False)
    for asked in (NAMING["a feature"], NAMING_NONE["all licenses"]):
        assert application.ask(asked) == "signature_invalid"


def test_a_fingerprint_is_learned_once_with_the_product_that_was_named(application: Application) -> None:
    for _ in range(2):
        assert application.ask(NAMING["a feature"]) == "200"
        assert application.ask(NAMING_NONE["all licenses"]) == "200", "it is in the list"
    assert seen() == [(DAVINCI, application.fingerprint, "learned")]


def test_nothing_is_learned_of_products_that_nobody_sold_here(application: Application) -> None:
    assert application.ask(("POST", VALIDATE, {"feature": "can_editor", "product_id": "made-up"})) == "200"
    assert seen() == []


def test_what_is_new_is_told_of_or_waits_for_approval(application: Application) -> None:
    set_mode("alert")
    assert application.ask(NAMING["a feature"]) == "200"
    assert seen() == [(DAVINCI, application.fingerprint, "unknown")]
    with inside("mercedes"):
        assert AuditEntry.objects.get(event="fingerprint.unknown").facts["product_id"] == DAVINCI
    set_mode("block")
    application.fingerprint = f"sha256:{random.token_hex(32)}"
    assert application.ask(NAMING["a feature"]) == "fingerprint_blocked"
    with inside("mercedes"):
        fingerprints.approve(builders.actor(), [Fingerprint.objects.get(value=application.fingerprint).id])
    assert application.ask(NAMING["a feature"]) == "200"


def test_who_was_known_to_use_it_stays_known(application: Application) -> None:
    with inside("mercedes"):
        builders.fingerprint(application.fingerprint, user="alice")
    application.ask(NAMING["a feature"])
    with inside("mercedes"):
        seen_again = Fingerprint.objects.get()
    assert (seen_again.user, seen_again.key_id[:4]) == ("alice", "key-")


def test_what_names_no_product_is_learned_of_none_when_no_list_has_it(application: Application) -> None:
    for _ in range(2):
        assert application.ask(NAMING_NONE["all licenses"]) == "200"
    assert seen() == [("", application.fingerprint, "learned")]
    with inside("mercedes"):
        assert queries.products() == {}, "it is no product of which a mode could be chosen"


def test_in_the_strictest_mode_of_all_products_it_is_told_of(application: Application) -> None:
    set_mode("alert", MULTI)
    assert application.ask(NAMING_NONE["all licenses"]) == "200"
    assert seen() == [("", application.fingerprint, "unknown")]
    with inside("mercedes"):
        assert AuditEntry.objects.get(event="fingerprint.unknown").facts["product_id"] == ""


def test_what_is_refused_without_a_product_waits_for_approval_too(application: Application) -> None:
    """It is known of a product that blocks nothing; and an administrator may let it ask for lists, not for seats."""
    assert application.ask(("POST", VALIDATE, {"feature": "can_editor", "product_id": MULTI})) == "200"
    set_mode("block")
    assert application.ask(NAMING_NONE["all licenses"]) == "fingerprint_blocked"
    assert sorted(seen()) == [("", application.fingerprint, "unknown"), (MULTI, application.fingerprint, "learned")]
    with inside("mercedes"):
        waiting = Fingerprint.objects.get(product_id="")
        fingerprints.approve(builders.actor(), [waiting.id])
    assert application.ask(NAMING_NONE["all licenses"]) == "200"
    assert application.ask(NAMING["a feature"]) == "fingerprint_blocked"
    with inside("mercedes"):
        fingerprints.block(builders.actor(), [waiting.id])
    set_mode("observe")
    assert application.ask(NAMING_NONE["all licenses"]) == "fingerprint_blocked"
    assert application.ask(NAMING["a feature"]) == "200"


def test_that_a_product_has_to_sign_is_known_once_this_process_is_told(application: Application) -> None:
    """As the plane's memory, and with the same bound when nobody tells it."""
    assert application.ask(NAMING["a feature"]) == "200"
    secret_of(cast.DAVINCI)
    guards.must_sign.forget("product", DAVINCI)
    assert application.ask(NAMING["a feature"]) == "signature_invalid"
    assert wakeups.REMEMBERED_SECONDS <= 5


def test_where_nothing_is_guarded_the_database_is_asked_once(application: Application) -> None:
    """Beside what finds the key; the second time, when the fingerprint is known to be in the list."""
    for asked in (NAMING["a feature"], NAMING_NONE["all licenses"]):
        application.ask(asked)
        with CaptureQueriesContext(connection) as made:
            application.ask(asked)
        about_guards = [one["sql"] for one in made if "applications_" in one["sql"] or "signing_" in one["sql"]]
        assert len(about_guards) == 1, about_guards


def test_nobody_fills_the_list_with_what_is_made_up(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST_A_MINUTE", 1)
    for _ in range(3):
        application.fingerprint = f"sha256:{random.token_hex(32)}"
        assert application.ask(NAMING["a feature"]) == "200"
    assert len(seen()) == 1


def test_a_refused_application_is_told_of_and_uses_up_nothing(application: Application, secret: BySecret) -> None:
    answer = application.send(NAMING["a feature"])
    assert "RateLimit-Remaining" not in answer.headers
    with inside("mercedes"):
        entry = AuditEntry.objects.get(event="key.refused")
    assert (entry.code, entry.fingerprint) == ("signature_invalid", application.fingerprint)


def test_a_key_is_for_its_products_here_too(application: Application) -> None:
    with inside("mercedes"):
        application.key = builders.tenant_key(allowed_products=[MULTI])
    assert application.ask(NAMING["a feature"]) == "product_not_allowed"
    assert application.ask(("POST", VALIDATE, {"feature": "can_editor", "product_id": MULTI})) == "200"


def test_a_person_is_asked_for_nothing_of_it(application: Application, secret: BySecret) -> None:
    set_mode("block")
    with inside("mercedes"):
        application.site.force_login(builders.person())
    assert application.site.ask("GET", "/api/v1/licenses").status_code == 200
