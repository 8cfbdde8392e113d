"""Sealing the audit log: entries a second, against a bare INSERT of the same entries, and against what the plane writes.

One worker seals a tenant's log as its job does: batch by batch, each in a transaction of its own that ends with a signed head. It
takes turns with whoever writes the very entries that it seals: SQL that knows nothing of us, and checkouts over HTTP.
"""

from __future__ import annotations

import time
from functools import partial

from benchmarks.rounds import SECONDS, Figures, goal, interleaved, over_http, told
from benchmarks.scenario import Scenario
from benchmarks.scene import Furniture, Scene

FURNITURE = Furniture(seats=10_000)
ENTRIES, AT_ONCE = 50_000, 5_000  # as many as the sealer takes at once
CONNECTIONS = 128
LEAST_OF_PLANE = 2.0  # so that a log is caught up with while the plane goes on at its fastest
INSERT = """
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                  key_id, ip, hostname, fingerprint, user_agent, request_id, facts)
    SELECT 'license.checked_out', clock_timestamp(), 'success', '', 'key', 'key-1', 'bench', 'lease', 'lease-' || n, '', 'key-1',
           '127.0.0.1', 'workstation-042', 'sha256:' || repeat('a', 64), 'bench', 'req-' || n,
           '{"license_id": "lic-1", "lease_type": "commit"}'
      FROM generate_series(1, %s) AS n
"""


def main(scene: Scene) -> bool:
    (tenant_id,) = scene.tenants
    load = Scenario(scene.port, scene.sites, connections=CONNECTIONS, seconds=SECONDS)
    plane = f"the plane's entries, HTTP at {CONNECTIONS}"
    _seal(tenant_id)
    figures = interleaved(
        {"INSERT": partial(_insert, tenant_id), plane: partial(over_http, load), "sealed": partial(_seal, tenant_id)}
    )
    for name, each in figures.items():
        told(name, each)
    sealed = figures["sealed"]["ops"]
    print(f"        against the bare INSERT: {sealed / figures['INSERT']['ops']:.2f} ×")
    return goal(
        "sealed by one worker, against what the plane writes",
        sealed / figures[plane]["ops"],
        LEAST_OF_PLANE,
        at_least=True,
        unit=" ×",
    )


def _insert(tenant_id: str) -> Figures:
    from django.db import connection

    from tenants.context import inside

    with inside(tenant_id), connection.cursor() as cursor:
        began = time.perf_counter()
        for _ in range(ENTRIES // AT_ONCE):
            cursor.execute(INSERT, [AT_ONCE])
        return {"ops": ENTRIES / (time.perf_counter() - began)}


def _seal(tenant_id: str) -> Figures:
    """All that waits."""
    from audit import sealing
    from audit.seals.models import SealDue
    from cloudlicenses.kit import clock
    from tenants.context import inside, platform

    sealed = 0
    with platform():
        sealing.keep_watch_on([tenant_id])
        began = time.perf_counter()
        while True:
            SealDue.objects.filter(source=tenant_id).update(due_at=clock.now())
            found = sealing.seal_source(tenant_id, inside=inside, due_by=clock.now())
            sealed += found
            if not found:
                return {"ops": sealed / (time.perf_counter() - began)}
