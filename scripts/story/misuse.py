"""Chapter 5: the key is tried where it may not be used; each attempt is refused with its own code and raises its alert."""

from __future__ import annotations

import re
import time
from typing import Any

from scripts.story.neighbours import text_of
from scripts.story.stage import Stage
from scripts.story.telling import Teller, check, same

CHECKOUT = "/api/v1/licenses/checkout"
ALERTS_SECONDS = 30
KNOWN_EVERYWHERE_SECONDS = 1.0
RAISED = {
    "hostname_not_allowed": "unknown_hostname",
    "ip_not_allowed": "unknown_address",
    "client_certificate_required": "certificate_refused",
    "fingerprint_blocked": "unknown_fingerprint",
    "rate_limited": "unusual_rate",
    "wrong_tenant": "cross_tenant",
}


def misuse_key(scene: Stage, key: str, *, hostname: str, product: str, administrator: Teller) -> None:
    here, body = (
        Teller(scene.port, scene.base_domain, "mercedes"),
        {"product_id": product, "user": "mallory@example.com"},
    )
    bearer = {"Authorization": f"Bearer {key}", "X-Hostname": hostname}
    key_id = administrator.ask("GET", "/api/v1/keys", expect=200, quietly=True).json()["data"][0]["key_id"]

    def refused(headers: dict[str, str], status: int, code: str, teller: Teller = here) -> None:
        answer = teller.ask("POST", CHECKOUT, expect=status, json=body, headers=headers)
        same(answer.json()["code"], code, "refused with")

    def bind(**restrictions: Any) -> None:
        """And wait until every process knows."""
        path = f"/api/v1/keys/{key_id}/restrictions"
        administrator.ask("POST", path, expect=200, json=restrictions, quietly=True)
        time.sleep(KNOWN_EVERYWHERE_SECONDS)

    register_neighbour(scene)
    refused(bearer, 403, "wrong_tenant", Teller(scene.port, scene.base_domain, "bmw"))
    refused({**bearer, "X-Hostname": "laptop.mallory.example"}, 403, "hostname_not_allowed")
    refused({**bearer, "X-Forwarded-For": "203.0.113.9"}, 403, "ip_not_allowed")
    refused({"Authorization": f"Bearer {key[:-1]}!"}, 401, "key_invalid")
    refused({}, 401, "key_missing")
    bind(require_mtls=True)
    refused(bearer, 403, "client_certificate_required")
    bind(require_mtls=False)
    look_at_applications(administrator, product, "block")
    refused({**bearer, "X-App-Fingerprint": f"sha256:{'0' * 64}"}, 403, "fingerprint_blocked")
    look_at_applications(administrator, product, "observe")
    bind(checkouts_per_minute=1)
    for _ in range(3):  # it may be that the minute has room for one
        last = here.ask("POST", CHECKOUT, expect=None, json=body, headers=bearer)
    same(last.json()["code"], "rate_limited", "too fast: refused with")
    bind(checkouts_per_minute=None)
    hear_of_it(scene, administrator)


def look_at_applications(administrator: Teller, product: str, mode: str) -> None:
    """And wait until every process knows."""
    administrator.ask("PUT", f"/api/v1/fingerprint-modes/{product}", expect=200, json={"mode": mode})
    time.sleep(KNOWN_EVERYWHERE_SECONDS)


def register_neighbour(scene: Stage) -> None:
    """BMW is a tenant, too."""
    Teller(scene.port, scene.base_domain).ask("POST", "/api/v1/tenants/register", expect=201, quietly=True, json={
        "company": {"name": "BMW AG", "domain": "bmw.com", "country": "DE", "tax_id": "DE987654321"},
        "tenant": {"id": "bmw", "region": "eu-central", "plan": "enterprise"},
        "admin": {"email": "admin@bmw.com", "name": "License Administrator"},
    })  # fmt: skip
    scene.command("verify_tenant", "bmw")


def hear_of_it(scene: Stage, administrator: Teller) -> None:
    """On the page, and by mail with a link that revokes."""
    deadline, kinds = time.monotonic() + ALERTS_SECONDS, set[str]()
    while not set(RAISED.values()) <= kinds and time.monotonic() < deadline:
        time.sleep(0.5)
        answer = administrator.ask("GET", "/api/v1/alerts", expect=200, quietly=True)
        kinds = {alert["kind"] for alert in answer.json()["data"]}
    for code, kind in RAISED.items():
        check(kind in kinds, f"{code} raised no alert of the kind {kind}: {kinds}")
        print(f"  ✓ {code} raised the alert {kind}")
    letter = scene.mailbox.wait_for("admin@mercedes.com", "another tenant")
    print(f"\n(mail) Subject: {letter['Subject']}\n{text_of(letter)}")
    link = re.search(r"/alerts/revoke/[\w-]+", text_of(letter))
    check(link is not None, "no link that revokes in the mail")
    scanner = Teller(scene.port, scene.base_domain, "mercedes")
    page = scanner.ask("GET", link[0], expect=200, quietly=True)  # type: ignore[index]
    check("Revoke it" in page.text, "the link asks nothing")
    print("  ✓ the link in the mail asks before it revokes")
