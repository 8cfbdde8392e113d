"""Alerts in a browser: the pages by axe-core's rules, a key revoked from a mail, and a number that follows what happens."""

from __future__ import annotations

import re

from django.core import mail
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.models import Role
from alerts import channels, looking, sending, watching
from alerts.models import Alert
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from keys.models import ApiKey
from tenants import context
from tests import builders, cast
from tests.browser.conftest import Visit
from tests.browser.test_accessibility import check

MERCEDES = cast.MERCEDES.id
ANNA = "anna@mercedes-benz.com"


def raised(code: str) -> None:
    with context.inside(MERCEDES):
        AuditEntry.objects.create(
            event="key.refused", at=clock.now(), code=code, result="refused", actor_kind="key", key_id="key-042", ip="203.0.113.9",
            hostname="laptop.mallory.example",
        )  # fmt: skip
    with context.platform():
        watching.look_soon([MERCEDES])
    looking.look_due()


def furnish() -> None:
    with context.inside(MERCEDES):
        builders.person(ANNA, role=Role.LICENSE_ADMIN)
        builders.tenant_key(id="key-042", app_name="Workstation 042")
    raised("hostname_not_allowed")


def test_pages_of_alerts(visit: Visit) -> None:
    furnish()
    with context.inside(MERCEDES):
        slack = {"url": "https://hooks.slack.com/services/T000/B000/XXXXXXXX"}
        channel, _ = channels.add("slack", slack, actor=builders.actor(), name="On call")
        alert = Alert.objects.get()
    customer = visit()
    customer.sign_in(ANNA, host=MERCEDES)
    for path in (
        "/alerts", f"/alerts/{alert.id}", "/alerts?status=resolved", "/alerts/rules", "/alerts/rules/repeated_refusals",
        "/alerts/hours", "/alerts/channels",
        f"/alerts/channels/{channel.id}", f"/alerts/channels/{channel.id}/remove", "/alerts/channels/add/email",
        "/alerts/channels/add/webhook",
    ):  # fmt: skip
        check(customer.open(path, host=MERCEDES))
    page = customer.open("/alerts/channels", host=MERCEDES)
    menu = page.locator("summary", has_text="Add a channel")
    menu.press("Enter")
    expect(page.get_by_role("link", name="PagerDuty")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="PagerDuty")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.keyboard.press("Shift+Tab")  # the focus goes, and so does what it was in
    expect(page.get_by_role("link", name="PagerDuty")).to_be_hidden()


def test_a_key_is_revoked_from_a_mail_without_signing_in(visit: Visit, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    furnish()
    sending.send_due()
    link = re.search(r"/alerts/revoke/[\w-]+", str(mail.outbox[-1].body))
    assert link
    page = visit().open(link[0], host=MERCEDES)
    check(page)
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("heading", name="The key is revoked")).to_be_visible()
    check(page)
    with context.inside(MERCEDES):
        assert ApiKey.objects.get().revoked_at


def test_the_number_in_the_navigation_and_the_list_follow_what_happens(visit: Visit) -> None:
    furnish()
    customer = visit()
    customer.sign_in(ANNA, host=MERCEDES)
    page = customer.open("/alerts", host=MERCEDES)
    expect(page.locator("#open-alerts [data-count]")).to_have_text("1")
    raised("wrong_tenant")
    expect(page.locator("#open-alerts [data-count]")).to_have_text("2")
    expect(page.get_by_role("link", name="Key of another tenant")).to_be_visible()
