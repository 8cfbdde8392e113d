"""The story in product.md, told from an empty database: read it downwards."""

from __future__ import annotations

import csv
import io
import re
import sys
import time
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cloudlicenses_client import LicenseClient, OverageMaxExceededError
from pypdf import PdfReader
from standardwebhooks.webhooks import Webhook

from cloudlicenses.kit import jsonmoney, months
from scripts.story.misuse import misuse_key
from scripts.story.neighbours import text_of
from scripts.story.stage import Stage, stage
from scripts.story.telling import Teller, chapter, check, same

PASSWORD = "three-pointed-star-at-dawn"  # noqa: S105 - of an account that lives as long as this story
PRODUCT = "davinci-configurator-se"
HOSTNAME = "dev-ws-042.mercedes.com"
OVERAGE_CHECKOUTS = 44
LONGEST = timedelta(minutes=3)  # to tell it all


def main() -> int:
    try:
        with stage() as scene:
            tell(scene)
    except AssertionError as failure:
        print(f"\nThe story fails here: {failure}", flush=True)
        return 1
    print("\nThe story holds.")
    return 0


def tell(scene: Stage) -> None:
    wait_for_a_month_that_lasts()
    chapter(1, "Mercedes registers, proves its domain, and its administrator signs in")
    register_mercedes(scene)
    people = sign_in_administrator(scene)
    chapter(2, "Vector closes a deal: the license is signed and provisioned, the customer is told")
    vector = create_vector(scene)
    generate_license(scene, vector)
    chapter(3, "The administrator sees the license and generates a key for workstation 042")
    key, administrator = generate_key(scene, people)
    chapter(4, "DaVinci Configurator checks out: five commit seats, then overage, then a clear refusal")
    workstation = Workstation(scene, key)
    held = use_all_seats(workstation)
    chapter(5, "The key is tried where it may not be used")
    misuse_key(scene, key, hostname=HOSTNAME, product=PRODUCT, administrator=administrator)
    chapter(6, "Seats are returned; an application is killed, and its seat comes back by itself")
    give_seats_back(workstation, held)
    lose_an_application(scene, workstation)
    chapter(7, "The month closes: 44 overage checkouts and the commit fee are 27,000.00 EUR everywhere")
    use_overage_up_to(workstation, OVERAGE_CHECKOUTS)
    close_the_month(scene, vector, people)


def wait_for_a_month_that_lasts() -> None:
    """All checkouts are to be on one bill."""
    now = datetime.now(UTC)
    end = months.start_of(months.following(months.month_of(now)))
    if end - now < LONGEST:
        print("The month is about to end: the story begins with the next one.", flush=True)
        time.sleep((end - now).total_seconds())


def register_mercedes(scene: Stage) -> None:
    apex = Teller(scene.port, scene.base_domain)
    registered = apex.ask("POST", "/api/v1/tenants/register", expect=201, json={
        "company": {"name": "Mercedes-Benz AG", "domain": "mercedes.com", "country": "DE", "tax_id": "DE123456789"},
        "tenant": {"id": "mercedes", "region": "eu-central", "plan": "enterprise"},
        "admin": {"email": "admin@mercedes.com", "name": "License Administrator"},
    }).json()  # fmt: skip
    record = registered["verification"]["dns_record"]
    token = record["value"].removeprefix("cloudlicenses-verify=")
    proof = {"tenant_id": "mercedes", "verification_token": token}
    same(
        apex.ask("POST", "/api/v1/tenants/verify", expect=409, json=proof).json()["code"],
        "verification_pending",
        "before the record",
    )
    scene.zone.records[record["name"]] = record["value"]
    print(f"\n(the TXT record {record['name']} appears in mercedes.com's DNS)")
    verified = apex.ask("POST", "/api/v1/tenants/verify", expect=200, json=proof).json()
    same(verified["status"], "verified", "status")
    apex.ask("GET", "/api/v1/tenants/mercedes/status", expect=200, headers={"Authorization": f"Bearer {token}"})


def sign_in_administrator(scene: Stage) -> Teller:
    letter = scene.mailbox.wait_for("admin@mercedes.com", "/invitations/")
    print(f"\n(mail) Subject: {letter['Subject']}\n{text_of(letter)}")
    link = re.search(r"/invitations/[\w-]+", text_of(letter))
    check(link is not None, "no link in the invitation")
    people = Teller(scene.port, scene.base_domain, "mercedes")
    page = people.ask("GET", link[0], expect=200)  # type: ignore[index]
    fields = {"csrfmiddlewaretoken": csrf(page.text), "password": PASSWORD, "again": PASSWORD}
    people.ask("POST", link[0], expect=302, data=fields)  # type: ignore[index]
    home = people.ask("GET", "/", expect=200)
    check("Mercedes-Benz AG" in home.text, "the administrator's home does not greet the company")
    people.ask("GET", link[0], expect=409)  # type: ignore[index]
    return people


def create_vector(scene: Stage) -> Teller:
    created = scene.command(
        "create_vendor", "--id", "vector-de", "--name", "Vector Informatik GmbH", "--email", "sales@vector.example"
    )
    vector = Teller(scene.port, scene.base_domain, "vendors")
    vector.client.headers.update({"Authorization": f"Bearer {created['api_key']}", "X-Vendor-ID": "vector-de"})
    return vector


def generate_license(scene: Stage, vector: Teller) -> None:
    this_year = datetime.now(UTC).year  # a contract's days are days in UTC
    deal = {
        "crm_opportunity_id": "SF-00123456",
        "customer": {
            "crm_account_id": "ACC-98765", "name": "Mercedes-Benz AG",
            "tenant_id": "mercedes", "contact_email": "licenses@mercedes.com",
        },
        "product": {"id": PRODUCT, "name": "DaVinci Configurator SE", "version": ">=8.0.0"},
        "entitlement": {
            "total_licenses": 20, "commit_qty": 5, "max_overage": 15,
            "pricing": {"commit_fee_monthly": 5000.0, "overage_per_use": 500.0, "currency": "EUR"},
        },
        "contract": {
            "start_date": f"{this_year}-01-01", "end_date": f"{this_year}-12-31",
            "auto_renew": True, "billing_cycle": "monthly",
        },
        "auto_provision": True,
    }  # fmt: skip
    first = vector.ask("POST", "/api/v1/licenses/generate", expect=201, json=deal).json()
    same(first["status"], "provisioned", "status")
    again = vector.ask("POST", "/api/v1/licenses/generate", expect=200, json=deal, quietly=True).json()
    same(again["license_id"], first["license_id"], "the same opportunity gives the same license")
    letter = scene.mailbox.wait_for("licenses@mercedes.com", "DaVinci Configurator SE")
    print(f"\n(mail) Subject: {letter['Subject']}\n{text_of(letter)}")


def generate_key(scene: Stage, people: Teller) -> tuple[str, Teller]:
    check(
        "DaVinci Configurator SE" in people.ask("GET", "/licenses", expect=200).text,
        "the license is not on the page of licenses",
    )
    token = scene.command("issue_token", "--tenant", "mercedes", "--email", "admin@mercedes.com")["token"]
    administrator = Teller(scene.port, scene.base_domain, "mercedes")
    administrator.client.headers["Authorization"] = f"Bearer {token}"
    made = administrator.ask(
        "POST", "/api/v1/keys/generate", expect=201,
        json={
            "app_name": "DaVinci Configurator Workstation 042", "app_type": "desktop",
            "scopes": ["license:checkout", "license:return"], "expires_in_days": 365,
            "allowed_hostnames": [HOSTNAME], "allowed_ip_ranges": ["127.0.0.0/8"],
            "metadata": {"department": "Powertrain Engineering"},
        },
    ).json()  # fmt: skip
    return str(made["api_key"]), administrator


@dataclass
class Workstation:
    """DaVinci Configurator on a developer's machine, with our SDK in it."""

    scene: Stage
    key: str
    overage: int = 0

    def __post_init__(self) -> None:
        self.client = LicenseClient(
            f"http://mercedes.{self.scene.base_domain}", self.key, PRODUCT, hostname=HOSTNAME, max_retries=2
        )

    def start(self, user: str) -> Any:
        lease = self.client.checkout(user=user)
        self.overage += lease.type == "overage"
        return lease


def use_all_seats(workstation: Workstation) -> list[Any]:
    held = [workstation.start(f"engineer{number}@mercedes.com") for number in range(1, 21)]
    for lease in held:
        print(f"  {lease.id}  {lease.type:8}  until {lease.expires_at:%H:%M:%S}")
    same([lease.type for lease in held], ["commit"] * 5 + ["overage"] * 15, "five commit seats, then overage")
    try:
        workstation.start("engineer21@mercedes.com")
    except OverageMaxExceededError as refusal:
        print(f"  ✓ the 21st is refused: {refusal}")
    else:
        raise AssertionError("a 21st seat was given")
    return held


def give_seats_back(workstation: Workstation, held: list[Any]) -> None:
    for lease in held:
        workstation.client.return_license(lease.id)
    print(f"  ✓ {len(held)} seats returned")


def lose_an_application(scene: Stage, workstation: Workstation) -> None:
    """It asks for a seat for two seconds and is never heard of again."""
    killed = Teller(scene.port, scene.base_domain, "mercedes")
    bearer = {"Authorization": f"Bearer {workstation.key}", "X-Hostname": HOSTNAME}
    lease = killed.ask("POST", "/api/v1/licenses/checkout", expect=201, headers=bearer, json={
        "product_id": PRODUCT, "user": "engineer1@mercedes.com", "duration_seconds": 2}).json()  # fmt: skip
    time.sleep(2.5)
    beat = killed.ask(
        "POST", "/api/v1/licenses/heartbeat", expect=409, headers=bearer, json={"lease_id": lease["lease_id"]}
    )
    same(beat.json()["code"], "lease_expired", "the seat went back by itself")


def use_overage_up_to(workstation: Workstation, wanted: int) -> None:
    commits = [workstation.start(f"engineer{number}@mercedes.com") for number in range(1, 6)]
    same([lease.type for lease in commits], ["commit"] * 5, "the commit seats are free again")
    while workstation.overage < wanted:
        lease = workstation.start("engineer6@mercedes.com")
        workstation.client.return_license(lease.id)
    same(workstation.overage, wanted, "overage checkouts this month")


def close_the_month(scene: Stage, vector: Teller, people: Teller) -> None:
    secret = vector.ask("POST", "/api/v1/webhooks", expect=201, json={
        "url": f"http://127.0.0.1:{scene.billing_system.port}/api/billing/invoices",
        "events": ["invoice.created"],
    }).json()["secret"]  # fmt: skip
    month = f"{datetime.now(UTC):%Y-%m}"
    scene.command("close_month", month)
    days = monthrange(int(month[:4]), int(month[5:]))[1]
    period = {"start_date": f"{month}-01", "end_date": f"{month}-{days}", "customer_crm_id": "ACC-98765"}
    exported_json(vector, period)
    exported_csv(vector, period)
    exported_pdf(vector, period)
    webhook(scene, secret)
    costs = people.ask("GET", f"/api/v1/costs?period={month}", expect=200)
    check("27000.00" in costs.text, "Mercedes does not see 27000.00")
    print("  ✓ Mercedes sees the same 27,000.00 EUR")


def exported_json(vector: Teller, period: dict[str, str]) -> None:
    answer = vector.ask("GET", "/api/v1/billing/overage", expect=200, params={**period, "format": "json"})
    product = jsonmoney.loads(answer.content)["customers"][0]["products"][0]
    same((product["overage_checkouts"], product["overage_cost"], product["commit_fee"], product["total_billable"]),
         (OVERAGE_CHECKOUTS, Decimal("22000.00"), Decimal("5000.00"), Decimal("27000.00")), "JSON")  # fmt: skip


def exported_csv(vector: Teller, period: dict[str, str]) -> None:
    answer = vector.ask("GET", "/api/v1/billing/overage", expect=200, params={**period, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    same((rows[0]["Total_Overage_Checkouts"], rows[0]["Total_Cost"]), (str(OVERAGE_CHECKOUTS), "22000.00"), "CSV")
    same(sum(Decimal(row["Total_Cost"]) for row in rows), Decimal("27000.00"), "CSV, added up")


def exported_pdf(vector: Teller, period: dict[str, str]) -> None:
    answer = vector.ask("GET", "/api/v1/billing/overage", expect=200, params={**period, "format": "pdf"})
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    check("27,000.00" in text, f"no 27,000.00 in the PDF: {text}")
    print("  ✓ PDF: 27,000.00 EUR")


def webhook(scene: Stage, secret: str) -> None:
    headers, body = scene.billing_system.wait_for_one()
    Webhook(secret).verify(body, headers)
    print(f"\n(webhook, signature verified by the reference library)\n{body.decode()}")
    same(jsonmoney.loads(body)["total"], Decimal("27000.00"), "invoice webhook")


def csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    check(found is not None, "the page has no CSRF token")
    return found[1]  # type: ignore[index]


if __name__ == "__main__":
    sys.exit(main())
