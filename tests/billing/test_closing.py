"""Closing a month: the roll-up equals the ledger, invoices are made once, a changed month makes a new revision."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import AuditEntry
from billing import invoicing, rollup
from billing.models import ClosedMonth, Invoice, StatementLine, WebhookDelivery
from billing.refusals import MonthNotBegun
from billing.webhooks import endpoints
from cloudlicenses.kit import jsonmoney
from tenants.context import acting_for, platform
from tests import builders, cast
from tests.billing import history
from tests.billing.conftest import SetClock
from vendors.models import Product

NOVEMBER = date(2025, 11, 1)


@pytest.fixture(autouse=True)
def _now(in_november: None) -> None: ...


def lines() -> list[tuple[str, Decimal, int, Decimal]]:
    return list(
        StatementLine.objects.order_by("kind", "unit_price").values_list("kind", "unit_price", "quantity", "amount")
    )


def test_the_story_comes_out_as_27000_euros(db: None) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 5, kind="commit")
    history.checkouts(license, 44)
    closing = rollup.close_month(NOVEMBER)
    assert lines() == [
        ("commit", Decimal("0.00"), 5, Decimal("0.00")),
        ("commit_fee", Decimal("5000.00"), 1, Decimal("5000.00")),
        ("overage", Decimal("500.00"), 44, Decimal("22000.00")),
    ]
    assert [invoice.total for invoice in closing.invoices] == [Decimal("27000.00")]
    assert jsonmoney.loads(closing.invoices[0].body) == {
        "source": "cloudlicenses.com",
        "period": "2025-11",
        "crm_account_id": "ACC-98765",
        "line_items": [
            {
                "description": "DaVinci Configurator SE - Commit (5 licenses)",
                "amount": Decimal("5000.00"),
                "quantity": 1,
            },
            {
                "description": "DaVinci Configurator SE - Overage (44 checkouts)",
                "amount": Decimal("22000.00"),
                "unit_price": Decimal("500.00"),
                "quantity": 44,
            },
        ],
        "total": Decimal("27000.00"),
        "currency": "EUR",
    }
    assert '"total":27000.00' in closing.invoices[0].body


def test_several_prices_in_a_month_are_several_lines(db: None) -> None:
    license = history.sold(to=history.customer())
    history.checkouts(license, 3)
    history.checkouts(license, 2, price=Decimal("450.50"))
    (invoice,) = rollup.close_month(NOVEMBER).invoices
    items = jsonmoney.loads(invoice.body)["line_items"]
    assert [(item.get("unit_price"), item["quantity"], item["amount"]) for item in items] == [
        (None, 1, Decimal("5000.00")),
        (Decimal("450.50"), 2, Decimal("901.00")),
        (Decimal("500.00"), 3, Decimal("1500.00")),
    ]


def test_closing_again_changes_and_sends_nothing(db: None) -> None:
    listen()
    history.checkouts(history.sold(to=history.customer()), 2)
    first, again = rollup.close_month(NOVEMBER), rollup.close_month(NOVEMBER)
    assert (first.changed_lines, len(first.invoices)) == (2, 1)
    assert (again.changed_lines, again.invoices) == (0, ())
    assert WebhookDelivery.objects.count() == 1


def test_what_came_later_makes_a_new_revision(db: None) -> None:
    listen()
    license = history.sold(to=history.customer())
    history.checkouts(license, 2)
    rollup.close_month(NOVEMBER)
    history.checkouts(license, 1)
    (invoice,) = rollup.close_month(NOVEMBER).invoices
    assert (invoice.revision, invoice.total) == (2, Decimal("6500.00"))
    assert WebhookDelivery.objects.count() == 2


def test_another_name_is_not_another_invoice(db: None) -> None:
    account = history.customer()
    other = Product.objects.create(
        id="dyna4", vendor_id=cast.VECTOR.id, name="DYNA4", created_at=builders.LONG_AGO, features=[]
    )
    history.checkouts(license := history.sold(to=account), 2)
    history.checkouts(history.sold("lic-2", to=account, product=cast.Ware(other.id, cast.VECTOR.id, other.name)), 1)
    rollup.close_month(NOVEMBER)
    license.product.name = "The other end of the alphabet"
    license.product.save()
    assert rollup.close_month(NOVEMBER).invoices == ()


def test_an_invoice_for_each_account_and_currency(db: None) -> None:
    first, second = history.customer(), history.customer("ACC-2", "Daimler Truck AG")
    history.sold("lic-1", to=first)
    history.sold("lic-2", to=first, currency="USD")
    history.sold("lic-3", to=second)
    rollup.close_month(NOVEMBER)
    assert list(Invoice.objects.order_by("crm_account_id", "currency").values_list("crm_account_id", "currency")) == [
        ("ACC-2", "EUR"),
        ("ACC-98765", "EUR"),
        ("ACC-98765", "USD"),
    ]


def test_nothing_used_and_nothing_due_is_no_invoice(db: None) -> None:
    history.checkouts(history.sold(to=history.customer(), commit_fee_monthly=0), 3, kind="commit")
    assert rollup.close_month(NOVEMBER).invoices == ()


def test_a_month_that_is_not_over_is_closed_for_now_only(db: None, set_clock: SetClock) -> None:
    history.sold(to=history.customer())
    assert not rollup.close_month(NOVEMBER).is_final
    set_clock(datetime(2025, 12, 1, tzinfo=UTC))
    assert not rollup.close_month(NOVEMBER).is_final  # the last instant's checkouts may not have been committed yet
    set_clock(datetime(2025, 12, 1, 0, 10, tzinfo=UTC))
    assert rollup.close_month(NOVEMBER).is_final


def test_a_month_that_ends_while_it_is_closed_is_closed_again(
    db: None, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    license = history.sold(to=history.customer())
    issue = invoicing.issue

    def slowly(month: date) -> list[Invoice]:
        history.checkouts(license, 1)
        set_clock(datetime(2025, 12, 1, 0, 11, tzinfo=UTC))
        return issue(month)

    set_clock(datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC))
    with monkeypatch.context() as patch:
        patch.setattr(invoicing, "issue", slowly)
        assert not rollup.close_month(NOVEMBER).is_final
    assert [invoice.total for closing in rollup.close_what_is_over() for invoice in closing.invoices][-1] == 5500


def test_a_month_that_has_not_begun_is_refused(db: None) -> None:
    with pytest.raises(MonthNotBegun):
        rollup.close_month(date(2025, 12, 1))


def test_by_itself_every_month_is_closed_once_it_is_over(db: None, set_clock: SetClock) -> None:
    history.sold(to=history.customer(), provisioned_at=datetime(2025, 9, 15, tzinfo=UTC))
    set_clock(datetime(2025, 12, 1, 0, 9, tzinfo=UTC))
    assert [closing.month for closing in rollup.close_what_is_over()] == [date(2025, 9, 1), date(2025, 10, 1)]
    set_clock(datetime(2025, 12, 1, 0, 10, tzinfo=UTC))
    assert [closing.month for closing in rollup.close_what_is_over()] == [NOVEMBER]
    assert rollup.close_what_is_over() == []


def test_a_month_that_was_left_out_is_closed_too(db: None, set_clock: SetClock) -> None:
    history.sold(to=history.customer())
    set_clock(datetime(2025, 12, 2, tzinfo=UTC))
    rollup.close_month(NOVEMBER)
    assert [closing.month for closing in rollup.close_what_is_over()] == [date(2025, 10, 1)]


def test_on_an_empty_platform_there_is_nothing_to_close(db: None) -> None:
    assert rollup.close_what_is_over() == []


def test_two_closings_at_a_time_make_one_invoice(committed: None) -> None:
    history.checkouts(history.sold(to=history.customer()), 3)
    barrier, made = threading.Barrier(4), []

    def close() -> None:
        try:
            barrier.wait(120)
            made.append(len(rollup.close_month(NOVEMBER).invoices))
        finally:
            connection.close()

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 1]


def test_the_command_says_what_was_done(db: None) -> None:
    history.checkouts(history.sold(to=history.customer()), 44)
    out = StringIO()
    call_command("close_month", "2025-11", stdout=out)
    assert "closed for now" in out.getvalue()
    assert "vector-de -> ACC-98765: 27000.00 EUR (revision 1)" in out.getvalue()
    out = StringIO()
    call_command("close_month", "2025-11", "--json", stdout=out)
    assert jsonmoney.loads(out.getvalue()) == {
        "month": "2025-11",
        "is_final": False,
        "changed_lines": 0,
        "invoices": [],
    }
    entries = AuditEntry.objects.filter(event="month.closed", actor_kind="operator", subject_id="2025-11")
    assert entries.count() == 2
    assert ClosedMonth.objects.get().is_final is False


@pytest.mark.parametrize("text", ["2025-13", "november", "2026-01", "2025-1"])
def test_the_command_refuses_what_is_no_month(db: None, text: str) -> None:
    with pytest.raises(CommandError):
        call_command("close_month", text)


def listen() -> None:
    with acting_for(cast.VECTOR.id):
        endpoints.add(
            cast.VECTOR.id, url="https://vector.example/in", listens_to=["invoice.created"], actor=builders.actor()
        )
    with platform():
        assert not WebhookDelivery.objects.exists()
