"""A check for schemathesis: what the schema allows may be refused as invalid only for what no JSON Schema can say.

Loaded by way of SCHEMATHESIS_HOOKS, into a process that has none of our code.
"""

from __future__ import annotations

import json
from typing import Any

import schemathesis

BEYOND_SCHEMAS = frozenset(
    (
        ("idempotency_conflict", "", ""),  # what was sent before under the same key
        ("invalid_input", "cursor", "invalid"),  # signed by us
        ("invalid_input", "", "invalid"),  # exactly one of several parameters
        ("invalid_input", "", "required"),  # at least one of many members
        ("invalid_input", "signature_required", "required"),  # a PATCH's only member
        ("invalid_input", "product.name", "required"),  # what the catalogue knows
        ("invalid_input", "timestamp", "invalid"),  # days that no calendar has
        ("invalid_input", "timestamp", "out_of_range"),  # one instant against another
        ("invalid_input", "end_date", "invalid"),  # one day against another, or against today
        ("invalid_input", "contract.end_date", "before_start"),
        ("invalid_input", "contract.end_date", "past"),
        ("invalid_range", "start_date", "out_of_range"),
        ("invalid_range", "end_date", "out_of_range"),
        ("invalid_range", "end_date", "before_start"),
        ("invalid_range", "end_date", "too_far"),
        ("invalid_input", "entitlement.commit_qty", "too_many"),  # one quantity against another
        ("invalid_input", "entitlement.max_overage", "too_many"),
        ("invalid_input", "entitlement.max_overage", "unused_seats"),
        ("invalid_input", "max_in_use", "above_contract"),  # what the vendor sold
        ("invalid_input", "max_overage", "above_contract"),
        ("webhook_url_not_allowed", "", ""),  # where a name leads
        ("invalid_input", "quiet_until", "incomplete"),  # one time of day without the other
        ("invalid_input", "zone", "invalid_choice"),  # what the time zone database knows
        ("invalid_input", "hours", "before_start"),  # one time of day against the other
        ("invalid_input", "target.to", "required"),  # what the kind of channel needs, and how it looks there
        ("invalid_input", "target.to", "invalid"),
        ("invalid_input", "target.url", "invalid"),
        ("invalid_input", "target.routing_key", "invalid"),
        ("invalid_input", "public_key", "key"),  # what is in a PEM
        ("invalid_input", "csr", "unreadable"),
        ("invalid_input", "certificates", "unreadable"),
        ("invalid_input", "crl", "unreadable"),
        *(
            ("invalid_input", f"thresholds.{name}", code)  # which kind of alert has which
            for name in (
                "learning_days",
                "checkouts",
                "times",
                "addresses",
                "minutes",
                "refusals",
                "denials",
                "days",
                "percent",
            )
            for code in ("unknown", "out_of_range")
        ),
    )
)


@schemathesis.check
def refusals_have_reasons_beyond_schemas(ctx: Any, response: Any, case: Any) -> None:
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and response.status_code in {400, 413, 422}:
        problem = json.loads(response.content)
        reasons = {(problem["code"], error["field"], error["code"]) for error in problem.get("errors", [])}
        strange = (reasons or {(problem["code"], "", "")}) - BEYOND_SCHEMAS
        assert not strange, f"The schema should say what was refused here: {sorted(strange)}"
