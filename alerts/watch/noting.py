"""How it is noted that tenants are to be looked at: one statement, for Django's connection and for the plane's."""

from __future__ import annotations

LOOK = """
    INSERT INTO alerts_watch AS known (tenant_id, look_at) SELECT unnest(%(tenants)s::text[]), %(at)s ORDER BY 1
        ON CONFLICT (tenant_id) DO UPDATE SET look_at = excluded.look_at
     WHERE known.look_at IS NULL OR known.look_at > excluded.look_at
"""
