"""Hostile text in every place that keeps text: through the API wherever it takes some, and then in every column of every row.

The second is no attack that a stranger could make; it shows the pages to be safe whatever stands in the database, and finds each
new column by itself. Left alone is what names something to the program: keys of rows, states, codes, hashes, sealed secrets.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import httpx
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Field, JSONField, Model, TextField
from psycopg import sql
from psycopg.types.json import Jsonb

from tenants import roles
from tenants.ownership import owner_connection
from tests import cast
from tests.attacks.routes import paths_of

LONG = (
    "'\"></title></textarea></script><b id=xss hx-get=/xss-beacon hx-trigger=load>"
    "<img src=/xss-beacon onerror=xss()><svg onload=xss()><a href=javascript:xss()>{{7*7}}"
)
MIDDLE = "'\"><img src=/xss-beacon onerror=xss()>"
SHORT = '"><b id=xss>'
OURS = {
    "accounts",
    "alerts",
    "applications",
    "certificates",
    "audit",
    "billing",
    "keys",
    "licensing",
    "tenants",
    "vendors",
}
NAMES = re.compile(
    r"id|pk|.*_id|.*hash|.*digest|password|package|token|secret|schema_name|owner|currency|status|role|region|plan|language|"
    r"time_zone|brand_color|event|kind|code|result|.*_kind|lease_type|ended_by|algorithm|kid|rp_id|country|session_.*|body|entry|hint|"
    r"caller|key|request_digest|asked_in|billing_cycle|second_factor_roles|scopes|events|allowed_ip_ranges|allowed_products|domain|fingerprint|serial|pem|key_type|revocation_reason|revoked_serials|subject|severity|least_severity|kinds|thresholds|hours|holidays|zone|thumbprint|state|mode"
)
CLIENTS_OWN = {"licensing_denial.product_id", "audit_auditentry.subject_id", "vendors_crmaccount.crm_account_id"}


def fitting(longest: int | None) -> str:
    """Nothing where there is no room for a tag."""
    return next((text for text in (LONG, MIDDLE, SHORT, "<b>") if longest is None or len(text) <= longest), "")


def columns() -> Iterator[tuple[type[Model], Field[Any, Any]]]:
    """Every column that keeps a text of somebody's."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields if model._meta.app_label in OURS else ():
            is_text = isinstance(field, CharField | TextField | JSONField | ArrayField) and not field.choices
            is_clients = f"{model._meta.db_table}.{field.column}" in CLIENTS_OWN
            if is_text and not field.primary_key and (is_clients or not NAMES.fullmatch(field.name)):
                yield model, field


def poison_rows() -> int:
    """In every schema; how many columns there were with a row in them."""
    found = 0
    with owner_connection() as owner:
        for schema in ("public", roles.schema_of(cast.MERCEDES.id)):
            for model, field in columns():
                table = f"{schema}.{model._meta.db_table}"
                if owner.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
                    found += bool(_overwrite(owner, schema, model, field))
    return found


def _overwrite(owner: Any, schema: str, model: type[Model], field: Field[Any, Any]) -> int:
    """A unique text gets the row's own in front, so that it stays one."""
    text: Any = fitting(field.max_length and field.max_length - (20 if _is_unique(model, field) else 0))
    if not text:
        return 0
    if isinstance(field, ArrayField):
        text = [fitting(field.base_field.max_length)]
    if isinstance(field, JSONField):
        text = Jsonb({"note": LONG, LONG: [LONG, {LONG: LONG}]} if field.default is dict else [])
    own = (
        sql.SQL("{}::text || ").format(sql.Identifier(model._meta.pk.column))
        if _is_unique(model, field)
        else sql.SQL("")
    )
    place = (sql.Identifier(schema), sql.Identifier(model._meta.db_table), sql.Identifier(field.column))
    statement = sql.SQL("UPDATE {}.{} SET {} = {}%s").format(*place, own)
    return int(owner.execute(statement, [text]).rowcount)


def _is_unique(model: type[Model], field: Field[Any, Any]) -> bool:
    """By itself, or together with others."""
    together = {name for each in model._meta.constraints for name in getattr(each, "fields", ())}
    return bool(field.unique) or field.name in together


def poison_by_api(url: str, callers: dict[str, dict[str, str]]) -> list[str]:
    """Each documented example with hostile text in one of its texts, for each of them; what was accepted."""
    taken = []
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for kind in ("vendors", "tenant"):
            for method, path, body in _variants(kind):
                who = "plane" if kind == "tenant" and "/licenses/" in path and method == "POST" else kind
                answer = client.request(method, path, json=body, headers=callers[who])
                assert answer.status_code < 500, f"{method} {path}: {answer.text}"
                taken += [f"{method} {path}"] if answer.status_code < 300 else []
    return taken


def _variants(kind: str) -> Iterator[tuple[str, str, Any]]:
    for path, operations in paths_of(kind).items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            example = content.get("example")
            for place in _texts(example, ()) if example and "{" not in path else ():
                body = copy.deepcopy(example)
                if path.endswith("/checkout"):
                    body["product_id"] = cast.DAVINCI.id
                inner = body
                for step in place[:-1]:
                    inner = inner[step]
                inner[place[-1]] = MIDDLE
                yield method.upper(), path, body


def _texts(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, str):
        yield place
    for name, part in inner:
        yield from _texts(part, (*place, name))
