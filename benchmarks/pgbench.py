"""The yardstick: pgbench running the SQL of the seat rule on the same server, without HTTP, keys, limits and signatures.

Everything that says what "the same SQL" is stands here. Each client of pgbench acts as one tenant for as long as it is connected
(set once, so that nothing is switched and every plan stays warm: of the ways to act for many tenants this gives pgbench its best
figure); `switching=True` sets role and path for each transaction instead, as a pooled connection has to.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.load import percentiles
from benchmarks.rounds import SECONDS, Figures
from benchmarks.scene import Scene
from licensing.pipeline import PLANS
from tenants.roles import SCHEMA_PREFIX
from tenants.snapshot import pg_dump_binary

CLIENTS = (1, 8, 32)
TOGETHER = 64

WHO = "'key_id', 'key-bench', 'key_name', 'bench', 'ip', '127.0.0.1', 'fingerprint', '', 'user_agent', '', 'request_id', ''"
CHECKOUTS = """SELECT seat_serve('[]', '[]', (SELECT jsonb_agg(jsonb_build_object(
  'lease_id', {lease} || i, 'tenant_id', 'bench-' || lpad(:tenant, 4, '0'), 'product_id', 'product-' || :product,
  'user', 'engineer@bench.example', 'hostname', 'workstation-042', 'version', '', 'versions', '{{}}'::jsonb,
  'features', '[]'::jsonb, 'ttl', 900, 'offline', false, 'metadata', '{{}}'::jsonb, 'caller', '', 'idempotency_key', '',
  'digest', '', {who})) FROM generate_series(1, {together}) i));"""
RETURNS = """SELECT seat_serve((SELECT jsonb_agg(jsonb_build_object(
  'lease_id', {lease} || i, 'how', 'returned', 'usage', null, 'hostname', 'workstation-042', {who}))
  FROM generate_series(1, {together}) i), '[]', '[]');"""
LEASE = "'lease-' || :n || '-' || :m || '-'"

DRAW = r"""\set n random(1, 1000000000)
\set m random(1, 1000000000)
\set product random(1, {licenses})
"""
IN_TURN = r"""\if :held = 0
{draw}{checkout}
\set held 1
\else
{give_back}
\set held 0
\endif
"""
BECOME_ONCE = r"""\if :ready = 0
\set tenant :client_id % {tenants} + 1
SELECT set_config('search_path', '{schema}bench-' || lpad(:tenant, 4, '0') || ', public', false);
SELECT set_config('role', '{role}bench-' || lpad(:tenant, 4, '0'), false);
\set ready 1
\endif
"""
BECOME = """SELECT set_config('search_path', '{schema}bench-' || lpad(:tenant, 4, '0') || ', public', true),
  set_config('role', '{role}bench-' || lpad(:tenant, 4, '0'), true);"""


def pgbench(scene: Scene, clients: int, *, switching: bool = False) -> Figures:
    """Operations a second, each a checkout or a return in a transaction of its own."""
    return _run(scene, clients, one_at_a_time(scene, switching=switching))


def one_at_a_time(scene: Scene, *, switching: bool = False) -> str:
    """A script that checks out when it is run first, and at its next run returns."""
    checkout, give_back, draw, once = _checkouts(1), _returns(1), _draw(scene), _become_once(scene)
    if switching:
        become = _fill(BECOME, scene)
        checkout, give_back = (f"BEGIN;\n{become}\n{operation}\nCOMMIT;" for operation in (checkout, give_back))
        draw, once = rf"\set tenant random(1, {len(scene.tenants)})" + "\n" + draw, ""
    return once + IN_TURN.format(draw=draw, checkout=checkout, give_back=give_back)


def at_rate(scene: Scene, clients: int, rate: float) -> Figures:
    """The latency of single operations offered at a rate, each counted from the instant at which it was due."""
    with tempfile.TemporaryDirectory() as directory:
        options = ("--rate", str(rate), "--log", "--log-prefix", f"{directory}/log")
        figures = _run(scene, clients, one_at_a_time(scene), options=options)
        took = [
            int(line.split()[2]) / 1e6 for log in Path(directory).iterdir() for line in log.read_text().splitlines()
        ]
    return {**figures, **percentiles("", took)}


def ceiling(scene: Scene, clients: int = 1) -> Figures:
    """64 checkouts in one call and one transaction, then their returns likewise: the most that the same SQL could give."""
    script = _become_once(scene) + _draw(scene) + _checkouts(TOGETHER) + "\n" + _returns(TOGETHER)
    return _run(scene, clients, script, 2 * TOGETHER)


def _checkouts(together: int) -> str:
    return CHECKOUTS.format(lease=LEASE, who=WHO, together=together)


def _returns(together: int) -> str:
    return RETURNS.format(lease=LEASE, who=WHO, together=together)


def _draw(scene: Scene) -> str:
    return DRAW.format(licenses=len(scene.sites[0].products))


def _become_once(scene: Scene) -> str:
    return _fill(BECOME_ONCE, scene)


def _fill(text: str, scene: Scene) -> str:
    return text.format(tenants=len(scene.tenants), schema=SCHEMA_PREFIX, role=scene.role_prefix)


def _run(scene: Scene, clients: int, script: str, operations: int = 1, options: tuple[str, ...] = ()) -> Figures:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [str(Path(pg_dump_binary()).with_name("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "1",
             "-T", str(max(1, int(SECONDS))), "-D", "ready=0", "-D", "tenant=1", "-D", "held=0", "-f", file.name, *options],
            env={**os.environ, **scene.database, "PGOPTIONS": PLANS}, check=False, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    found = re.search(r"tps = ([\d.]+)", done.stdout)  # not there when it was too slow to finish a single one
    return {"ops": float(found[1]) * operations if found else 0.0}
