"""`manage.py close_month 2026-10`: roll-up, invoices, webhooks. Repeatable; the scheduler does it on the first of the month."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import rollup
from cloudlicenses.kit import jsonmoney, months
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import Refusal

OPERATOR = Actor(kind="operator", id="command line", label="command line")


class Command(BaseCommand):
    help = "Close a month: roll up the ledger, make invoices, send their webhooks. Sends nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        month = months.parsed(options["month"])
        if month is None:
            raise CommandError(f"Not a month: {options['month']!r}. Write it as 2026-10.")
        try:
            closing = rollup.close_month(month, actor=OPERATOR)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        self.stdout.write(_as_json(closing) if options["json"] else _in_words(closing))


def _as_json(closing: rollup.Closing) -> str:
    return jsonmoney.dumps(
        {
            "month": months.label(closing.month),
            "is_final": closing.is_final,
            "changed_lines": closing.changed_lines,
            "invoices": [
                {
                    "id": invoice.id,
                    "vendor_id": invoice.vendor_id,
                    "crm_account_id": invoice.crm_account_id,
                    "revision": invoice.revision,
                    "total": invoice.total,
                    "currency": invoice.currency,
                }
                for invoice in closing.invoices
            ],
        }
    ).decode()


def _in_words(closing: rollup.Closing) -> str:
    kind = (
        "closed"
        if closing.is_final
        else "closed for now (the month is not over, or only just: this is an interim statement)"
    )
    lines = [
        f"{months.label(closing.month)} is {kind}: {closing.changed_lines} lines changed, {len(closing.invoices)} invoices made."
    ]
    lines += [
        f"  {invoice.vendor_id} -> {invoice.crm_account_id}: {invoice.total} {invoice.currency} (revision {invoice.revision})"
        for invoice in closing.invoices
    ]
    return "\n".join(lines)
