"""Hostile text in everything that is stored, and every page that there is opened in a real browser: nothing of it comes to life.

No script of it ran, no element of it was made, nothing of it was asked for, no link leads to a script, and the browser's console,
which says so when the policy stops something, is silent: the pages are safe before the policy has to save them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request

from accounts import tokens
from accounts.models import Role
from billing.models import UsageRecord
from cloudlicenses.access.addresses import Address, addresses
from cloudlicenses.kit import clock
from tenants import context
from tests import builders, cast, sites
from tests.attacks import belongings, intruders, poison, victims
from tests.attacks.routes import belongings_in, filled
from tests.browser.conftest import Visit, Visitor
from tests.servers import Server

SIGNED_OUT = ("logout", "login", "forgotten-password", "invitations/", "resets/", "dev/mail", "billing/<str:period>.",
              "costs/month.", "costs/charges.", "audit.", "brands/", "docs")  # fmt: skip
LOOK = """() => ({
  ran: Boolean(window.pwned),
  made: document.querySelectorAll("#xss, [src*=xss-beacon], svg[onload], [hx-get*=xss-beacon]").length,
  links: [...document.querySelectorAll("a[href], form[action]")].filter(
    each => /^\\s*(javascript|data|vbscript):/i.test(each.getAttribute("href") || each.getAttribute("action"))).length,
  handlers: [...document.querySelectorAll("*")].filter(
    each => [...each.attributes].some(attribute => /^on/i.test(attribute.name))).length,
})"""
IS_A_PAGE = """async address => {
  const answer = await fetch(address);
  return (answer.headers.get("content-type") || "").startsWith("text/html") && (await answer.text()).length > 0;
}"""
NOTHING = {"ran": False, "made": 0, "links": 0, "handlers": 0}
FORMULAS = (
    '=cmd|" /C calc"!A1',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    "\uff1d1+1",
    '=HYPERLINK("https://evil")',
)


@dataclass(slots=True)
class Furnished:
    """What stands at each kind of host, by the names in addresses; who may see all of it; and how programs come in."""

    ids: dict[str, dict[str, object]]
    callers: dict[str, dict[str, str]]


@pytest.fixture
def furnished(server: Server) -> Furnished:
    """One of everything."""
    many = {"requests_per_hour": 1_000_000, "checkouts_per_minute": 1_000_000}
    builders.person("ops@platform.example", role=Role.OPERATOR)
    with context.inside(cast.MERCEDES.id):
        ids = {"tenant": _made(belongings.OF_TENANTS)}
        builders.granted("lic-1", total_licenses=1000, commit_qty=500)
        token = tokens.issue(victims.victim(), "api", actor=builders.actor())[1]
        application = builders.tenant_key(**many)
    ids["vendors"] = _made(belongings.OF_VENDORS)
    ids["apex"] = _made(belongings.OF_THE_PLATFORM)
    with context.acting_for(cast.VECTOR.id):
        vendors = builders.vendor_key(**many)
    return Furnished(ids, {
        "tenant": {"Host": "mercedes.localhost", "Authorization": f"Bearer {token}"},
        "plane": {"Host": "mercedes.localhost", "Authorization": f"Bearer {application}"},
        "vendors": {"Host": "vendors.localhost", "Authorization": f"Bearer {vendors}", "X-Vendor-ID": cast.VECTOR.id},
    })  # fmt: skip


def _made(kinds: dict[str, belongings.Belonging]) -> dict[str, object]:
    """By plain names; of a person, a colleague, and not somebody who was only invited."""
    plain = {name: kind for name, kind in kinds.items() if "/" not in name}
    return {name: kind.make() for name, kind in plain.items()}


def pages() -> Iterator[Address]:
    """Every page that shows something to somebody who is signed in."""
    for address in addresses():
        if address.is_page and not address.route.removeprefix("operator/").startswith(SIGNED_OUT):
            yield address


@pytest.mark.timeout(900)
def test_nothing_that_is_stored_comes_to_life_on_any_page(server: Server, furnished: Furnished, visit: Visit) -> None:
    taken = poison.poison_by_api(server.url, furnished.callers)
    assert len(taken) >= 10, taken
    people = {
        "tenant": _signed_in(visit, victims.OWNER, "/login", cast.MERCEDES.id),
        "vendors": _signed_in(visit, victims.OWNER, "/login", "vendors"),
        "apex": _signed_in(visit, "ops@platform.example", "/operator/login", ""),
    }
    assert poison.poison_rows() >= 20
    shown = dict.fromkeys(people, 0)
    for address in pages():
        kinds = belongings_in(address)
        where = filled(
            address, {name: furnished.ids[address.host].get(name, kind.absent) for name, kind in kinds.items()}
        )
        shown[address.host] += _open(people[address.host], address.host, where)
    assert min(shown.values()) >= 3, shown


def _signed_in(visit: Visit, email: str, path: str, host: str) -> Visitor:
    visitor = visit()
    visitor.page.add_init_script("window.xss = () => { window.pwned = true; }")
    visitor.page.on("request", lambda request: _note(visitor, request))
    visitor.page.on("dialog", lambda dialog: visitor.complaints.append(f"dialog on {visitor.page.url}"))
    visitor.sign_in(email, host=host, path=path)
    return visitor


def _note(visitor: Visitor, request: Request) -> None:
    if "xss-beacon" in request.url:
        visitor.complaints.append(f"{visitor.page.url} asked for {request.url}")


def _open(visitor: Visitor, host: str, where: str) -> bool:
    """Whether the page showed hostile text, as text."""
    label = {"tenant": cast.MERCEDES.id, "vendors": "vendors", "apex": ""}[host]
    page: Page = visitor.page
    address = f"http://{f'{label}.' if label else ''}localhost:8000{where}"
    if not _has_something_to_show(visitor, address):
        return False
    answer = page.goto(address)
    assert answer is not None
    assert answer.status < 500, where
    assert page.evaluate(LOOK) == NOTHING, where
    assert visitor.complaints == [], where
    return "xss" in page.inner_text("body") or "xss" in page.content()


def _has_something_to_show(visitor: Visitor, address: str) -> bool:
    """Files are for saving; and what takes a form only answers 405 and nothing else, of which a browser makes a page of its own."""
    return bool(visitor.page.evaluate(IS_A_PAGE, address))


def test_no_cell_of_any_file_is_a_formula(db: None) -> None:
    """Names, users, hostnames and clients as an attacker would like to see them opened in a spreadsheet."""
    site, portal = sites.tenant(cast.MERCEDES.id), sites.vendors()
    with context.inside(cast.MERCEDES.id):
        intruders.signed_in(site, victims.victim())
        for number, formula in enumerate(FORMULAS):
            license_ = builders.granted(f"lic-{number}")
            license_.product_name = license_.vendor_name = formula
            license_.save()
            builders.leased(license_, f"lease-{number}", user=formula, hostname=formula)
    intruders.signed_in(portal, victims.vendor_victim())
    for number, formula in enumerate(FORMULAS):
        _sold_to(formula, number)
    month = f"{clock.now():%Y-%m}"
    files = {
        site: ("/costs/month.csv", "/costs/charges.csv", "/audit.csv"),
        portal: (f"/billing/{month}.csv",),
    }
    shown = 0
    for client, paths in files.items():
        for path in paths:
            answer = client.get(path, headers={"user-agent": FORMULAS[0]})
            assert answer.status_code == 200, path
            shown += _cells_that_are_formulas_as_text(answer.content.decode(), path)
    assert shown > len(FORMULAS)


def _sold_to(formula: str, number: int) -> None:
    account = builders.account(crm_account_id=f"{formula}{number}", tenant_id=cast.MERCEDES.id)
    type(account).objects.filter(pk=account.pk).update(customer_name=formula)
    license_ = builders.issued(f"lic-{number}", tenant_id=cast.MERCEDES.id)
    license_.account = account
    license_.save()
    UsageRecord.objects.create(
        entry=f"lease-{number}", at=clock.now(), kind="overage", tenant_id=cast.MERCEDES.id, vendor_id=cast.VECTOR.id,
        license_id=f"lic-{number}", product_id=cast.DAVINCI.id, amount=12, currency="EUR",
    )  # fmt: skip


def _cells_that_are_formulas_as_text(text: str, path: str) -> int:
    found = 0
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")), (path, cell)
            found += cell.startswith("'")
    return found
