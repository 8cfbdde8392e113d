"""Facts as people read them: each with a label, in their words and their language; what has no word is shown as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from accounts.models import Role
from accounts.roles import RIGHTS as ROLES
from alerts.kinds import KINDS, bounds_of_thresholds
from alerts.models import Channel
from applications.forms import MODES
from audit import fact_words, facts
from certificates.forms import REASONS
from keys.forms import SCOPES
from licensing.caps import COLUMNS
from tests.audit.sources import nodes
from vendors.forms.settings import SCOPES as VENDOR_SCOPES

NOT_FACTS = {"actor", "subject", "code", "vendor_id", "announce", "before", "after"}


def _recorded() -> Iterator[str]:
    """Every name that a fact is recorded by, in Python and in the seat rule."""
    for node in nodes("cloudlicenses"):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"record", "_record"}:
            yield from (word.arg for word in node.keywords if word.arg and word.arg not in NOT_FACTS)
    rule = (settings.BASE_DIR / "licensing/sql/decisions.sql").read_text(encoding="utf-8")
    for noted in re.findall(r"seat_entry_of\('.*?jsonb_build_object\((.*?)\)\);", rule, re.DOTALL):
        yield from re.findall(r"'(\w+)', (?=l\.|wanted|granted|best|lease|coalesce)", noted)


def told(event: str, said: dict[str, Any], language: str = "en") -> dict[str, str]:
    with translation.override(language):
        return {fact.label: str(fact.text) for fact in facts.told(event, said, {})}


def test_every_fact_that_is_recorded_has_a_label() -> None:
    found = set(_recorded())
    assert {"license_id", "lease_type", "cost", "overage_per_use", "role"} <= found
    assert found - set(fact_words.LABELS) == set()


def test_what_a_fact_may_be_has_words() -> None:
    values = fact_words.VALUES
    assert set(Role.values) <= set(values["role"])
    assert dict(Role.choices) == dict(values["role"])
    assert set().union(*ROLES.values()) & set(values["right"]) == set(values["right"]) - {"account:manage"}
    assert dict(SCOPES) | dict(VENDOR_SCOPES) == {
        scope: word for scope, word in values["scopes"].items() if scope not in values["right"]
    }
    assert {name: kind.title for name, kind in KINDS.items()}.items() <= values["kind"].items()
    assert set(Channel.Kind.values) <= set(values["kind"])
    assert dict(MODES) == dict(values["mode"])
    assert dict(REASONS) == dict(values["reason"])
    assert set(COLUMNS) | set(bounds_of_thresholds()) <= set(fact_words.LABELS)


GRANTED = {
    "product_id": "davinci-configurator-se", "revision": 3, "total_licenses": 1200, "commit_qty": 5, "overage_per_use": "500.0000",
    "commit_fee_monthly": "5000.00", "currency": "EUR", "ends_at": "2027-01-01T00:00:00Z",
}  # fmt: skip


def test_a_granted_license_reads_as_a_contract_does() -> None:
    said = told("license.provisioned", GRANTED)
    assert said["Seats in all"] == "1,200"
    assert said["Price of an overage checkout"] == "500.00\u00a0EUR"
    assert "1 Jan 2027" in said["Ends"]
    assert "Currency" not in said
    german = told("license.provisioned", GRANTED, "de")
    assert german["Plätze insgesamt"] == "1.200"
    assert german["Preis einer Ausleihe im Mehrverbrauch"] == "500,00\u00a0EUR"


def test_a_change_says_what_became_of_what() -> None:
    assert told("user.role_changed", {"before": "viewer", "after": "license_admin"}) == {
        "Role": "Viewer → License administrator"
    }
    amended = {"before": {"commit_qty": 5, "max_overage": 15}, "after": {"commit_qty": 8, "max_overage": 15}}
    assert told("license.amended", amended) == {"Committed seats": "5 → 8"}
    assert told("policy.changed", {"before": [], "after": ["owner"]}) == {
        "Roles that need a second factor": "– → Owner"
    }


def test_limits_and_rules_are_told_one_by_one() -> None:
    capped = {"caps": {"max_in_use": "1500", "monthly_budget": "2000.00", "max_overage": None}}
    assert told("license.capped", capped) == {
        "At most in use": "1,500", "Overage at most": "–", "Overage budget a month": "2,000.00"
    }  # fmt: skip
    ruled = {"changes": {"is_on": True, "thresholds": {"minutes": 10}, "quiet_from": "20:00:00"}}
    assert told("alert_rule.changed", ruled) == {"On": "yes", "Quiet from": "20:00", "Within minutes": "10"}


def test_names_of_what_was_changed_are_words() -> None:
    restricted = {"changes": ["allowed_hostnames", "require_mtls"]}
    assert told("key.restricted", restricted, "de") == {
        "Geändert": "Nur auf diesen Hosts, Nur mit einem Client-Zertifikat, dem wir vertrauen"
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"moon_phase": "full"},
        {"cost": "much", "ends_at": "soon", "max_in_use": "²", "quiet_from": 7, "role": 3, "user": [1, {"a": None}]},
        {"before": 1, "after": {"a": 2}, "changes": {"thresholds": {"x": {"y": []}}}, "overage_per_use": "NaN"},
        {"ends_at": 10**30, "end_date": "0000-00-00", "total_licenses": 1.5, "caps": [], "status": "<b>"},
    ],
)
def test_whatever_was_recorded_is_shown(odd: dict[str, Any]) -> None:
    for language in ("en", "de"):
        assert told("moon.landed_on", odd, language)


def test_an_unknown_fact_is_said_by_its_name() -> None:
    assert told("moon.landed_on", {"moon_phase": "full"}) == {"Moon phase": "full"}


def test_what_strangers_chose_is_never_markup() -> None:
    [fact] = facts.told("user.described", {"names": ["<b>", "&"]}, {})
    assert str(fact.text) == "&lt;b&gt;, &amp;"
