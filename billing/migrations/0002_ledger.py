"""The ledger: partitioned by month, unique by (entry, at), with ten years of partitions and one for whatever falls outside."""

from __future__ import annotations

from datetime import date

from django.db import migrations

FIRST_YEAR, LAST_YEAR = 2025, 2034

TABLE = """
CREATE TABLE billing_usagerecord (
    entry varchar(160) NOT NULL,
    at timestamptz NOT NULL,
    kind varchar(12) NOT NULL CHECK (kind IN ('commit', 'overage', 'commit_fee')),
    tenant_id varchar(40) NOT NULL,
    vendor_id varchar(40) NOT NULL,
    license_id varchar(120) NOT NULL,
    product_id varchar(100) NOT NULL,
    amount numeric(12, 2) NOT NULL CHECK (amount >= 0),
    currency varchar(3) NOT NULL,
    PRIMARY KEY (entry, at)
) PARTITION BY RANGE (at);
CREATE INDEX billing_usagerecord_vendor ON billing_usagerecord (vendor_id, at);
CREATE INDEX billing_usagerecord_tenant ON billing_usagerecord (tenant_id, at);
CREATE TABLE billing_usagerecord_other PARTITION OF billing_usagerecord DEFAULT;
"""


def months() -> list[date]:
    return [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]


def partition(month: date) -> str:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (
        f"CREATE TABLE billing_usagerecord_{month:%Y_%m} PARTITION OF billing_usagerecord"
        f" FOR VALUES FROM ('{month} 00:00:00Z') TO ('{following} 00:00:00Z');"
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLE + "\n".join(map(partition, months())), "DROP TABLE billing_usagerecord"),
    ]
