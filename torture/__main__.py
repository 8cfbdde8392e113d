"""`make torture`: 100,000 operations under fire, then the counts. Exit code 1 when any promise was broken.

    make torture ARGS="--operations 20000 --clients 32 --seed 7"

The seed decides what every client asks, what is done to the house and in which order, and where connections break; when each thing
happens is left to the machine.
"""

from __future__ import annotations

import argparse
import secrets
import sys

from torture import report
from torture.trial import Wanted, try_out


def main(arguments: list[str]) -> int:
    wanted = _read(arguments)
    print(f"torture: seed {wanted.seed}", flush=True)
    outcome = try_out(wanted)
    print("\n".join(report.lines_of(outcome)))
    return 1 if outcome.violations else 0


def _read(arguments: list[str]) -> Wanted:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000, help="end when so many were answered")
    parser.add_argument("--seconds", type=float, default=3600.0, help="end after so many seconds at the latest")
    parser.add_argument("--clients", type=int, default=48)
    parser.add_argument("--tenants", type=int, default=4)
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between two disturbances, on average")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    read = parser.parse_args(arguments)
    return Wanted(read.operations, read.seconds, read.clients, read.tenants, read.pause, read.seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
