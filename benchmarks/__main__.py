"""One hot license of 10,000 seats: the whole checkout over HTTP against pgbench running the same functions of the seat rule.

pgbench is handed each checkout and return as a transaction of its own, prepared, under the same role and path, with all that the
seat rule writes (lease, ledger, audit) but without HTTP, keys, limits and signatures. Both take turns; medians of `ROUNDS`.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.scene import PRODUCT, TENANT, Scene, scene
from tenants.snapshot import pg_dump_binary

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "4"))
CONNECTIONS = (32, 128)
PGBENCH_CLIENTS = (1, 8, 32)

WHO = "'key_id', 'key-bench', 'key_name', 'bench', 'ip', '127.0.0.1', 'fingerprint', '', 'user_agent', '', 'request_id', ''"
SCRIPT = f"""
\\set n random(1, 1000000000)
\\set m random(1, 1000000000)
SELECT seat_checkout(jsonb_build_object(
  'lease_id', 'lease-' || :n || '-' || :m, 'tenant_id', '{TENANT}', 'product_id', '{PRODUCT}', 'user', 'engineer@bench.example',
  'hostname', '', 'version', '', 'versions', '{{}}'::jsonb, 'features', '[]'::jsonb, 'ttl', 900, 'offline', false,
  'metadata', '{{}}'::jsonb, 'caller', '', 'idempotency_key', '', 'digest', '', {WHO}));
SELECT seat_end('lease-' || :n || '-' || :m, 'returned', 'null'::jsonb, jsonb_build_object('hostname', '', {WHO}));
"""


def main() -> int:
    with scene() as measured:
        ours: dict[int, list[dict[str, float]]] = {connections: [] for connections in CONNECTIONS}
        theirs: dict[int, list[float]] = {clients: [] for clients in PGBENCH_CLIENTS}
        for _ in range(ROUNDS):
            for connections in CONNECTIONS:
                ours[connections].append(_over_http(measured, connections))
            for clients in PGBENCH_CLIENTS:
                theirs[clients].append(_pgbench(measured, clients))
    best = max(statistics.median(rates) for rates in theirs.values())
    for clients, rates in theirs.items():
        print(f"pgbench, {clients:3} clients        {statistics.median(rates):8.0f} op/s")
    for connections, rounds in ours.items():
        ops, p50, p99 = (statistics.median(one[name] for one in rounds) for name in ("ops", "median_ms", "p99_ms"))
        print(
            f"HTTP,    {connections:3} connections    {ops:8.0f} op/s   median {p50:6.1f} ms   p99 {p99:6.1f} ms"
            f"   {ops / best:5.2f} × pgbench at its best"
        )
    return 0


def _over_http(measured: Scene, connections: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", str(measured.port), measured.host, measured.key, PRODUCT, str(connections),
         str(SECONDS)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _pgbench(measured: Scene, clients: int) -> float:
    """Operations a second; a transaction of the script is two operations, each committed by itself."""
    options = f"-c role={measured.role} -c search_path={measured.schema},public"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        done = subprocess.run(
            [str(Path(pg_dump_binary()).with_name("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "1",
             "-T", str(max(1, int(SECONDS))), "-f", script.name],
            env={**os.environ, **measured.database, "PGOPTIONS": options},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1]) * 2


if __name__ == "__main__":
    sys.exit(main())
