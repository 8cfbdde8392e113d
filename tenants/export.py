"""Everything a tenant has, as one zip: a JSON-lines file for each table, and a manifest that says what is in it.

All tables are read in one snapshot of the database. What is a tenant's own in `public` (its part of the ledger) is in it too.
Left out: password hashes, hashes and sealed keys, sessions and kept answers; they are of no use elsewhere and only a risk.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from audit import events
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import gettext_noop
from cloudlicenses.sealing.fields import SealedField
from tenants import queries, roles
from tenants.models import Tenant
from tenants.ownership import owner_connection
from tenants.refusals import TenantNotReady

LEFT_OUT_TABLES = ("django_migrations", "accounts_session", "django_session", "web_idempotentanswer")
LEFT_OUT_COLUMNS = ("password", "secret_hash", "code_hash")  # and whatever is sealed
LEDGER = "billing_usagerecord"
TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = %s AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ALL (%s) ORDER BY relname
"""


def export(tenant_id: str, path: Path, *, actor: Actor) -> dict[str, int]:
    """Write the zip; how many rows of each table are in it. Raises `NotFound`, `TenantNotReady`."""
    tenant = queries.tenant(tenant_id)
    if tenant.status == Tenant.Status.DELETED:
        raise TenantNotReady(gettext_noop("The tenant is deleted: there is nothing to export."))
    with owner_connection() as owner, owner.transaction(), zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        owner.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        rows = {
            name: _write(archive, name, _copy(owner, statement)) for name, statement in _statements(owner, tenant_id)
        }
        archive.writestr("manifest.json", json.dumps(_manifest(tenant, rows), indent=2))
    events.record("tenant.exported", actor=actor, subject=("tenant", tenant_id), rows=sum(rows.values()))
    return rows


def _statements(owner: psycopg.Connection[tuple[object, ...]], tenant_id: str) -> Iterator[tuple[str, sql.Composed]]:
    schema = roles.schema_of(tenant_id)
    for (table,) in owner.execute(TABLES, [schema, list(LEFT_OUT_TABLES)]).fetchall():
        yield str(table), _select(schema, str(table))
    yield (
        LEDGER,
        _select("public", LEDGER) + sql.SQL(" WHERE tenant_id = {}").format(sql.Literal(tenant_id)),
    )


def _select(schema: str, table: str) -> sql.Composed:
    left_out = [*LEFT_OUT_COLUMNS, *_sealed_columns(table)]
    source = sql.Identifier(schema, table)
    return sql.SQL("SELECT to_jsonb(t) - {}::text[] FROM {} AS t").format(sql.Literal(left_out), source)


def _sealed_columns(table: str) -> list[str]:
    models = [model for model in apps.get_models() if model._meta.db_table == table]
    return [field.column for model in models for field in model._meta.fields if isinstance(field, SealedField)]


def _copy(owner: psycopg.Connection[tuple[object, ...]], statement: sql.Composed) -> Iterator[Any]:
    with owner.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(statement)) as copy:
        copy.set_types(["jsonb"])
        for (row,) in copy.rows():
            yield row


def _write(archive: zipfile.ZipFile, table: str, rows: Iterator[Any]) -> int:
    count = 0
    with archive.open(f"{table}.jsonl", "w") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def _manifest(tenant: Tenant, rows: dict[str, int]) -> dict[str, Any]:
    return {
        "tenant_id": tenant.pk,
        "crm_id": tenant.crm_id,
        "company_name": tenant.company_name,
        "domain": tenant.domain,
        "region": tenant.region,
        "plan": tenant.plan,
        "exported_at": clock.rfc3339(clock.now()),
        "rows": rows,
    }
