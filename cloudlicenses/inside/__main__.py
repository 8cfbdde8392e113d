"""Makes the authority and everybody's certificates, and renews them for as long as it runs.

    python -m cloudlicenses.inside --authority DIRECTORY --place DIRECTORY --identity postgres:owner=999,host=postgres ...

Each identity's files are in a directory of its name below `--place`. Clients read theirs at each new connection. Servers are
told to read theirs again, where DATABASE_URL and REDIS_URL lead to them. With `--once` it ends when everybody has one.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path

from cloudlicenses.inside import authority, identities
from cloudlicenses.inside.telling import CouldNotTell, tell_servers

TICK_SECONDS = 60


def main(arguments: list[str]) -> None:
    read = _parser().parse_args(arguments)
    lifetime = timedelta(hours=read.hours)
    renewed = _renew(read, lifetime)
    is_told = True  # servers that start after this read what is there
    print("Everybody has their certificate.", flush=True)
    while not read.once:
        time.sleep(TICK_SECONDS)
        renewed = _renew(read, lifetime)
        is_told = _tell() if renewed or not is_told else True


def _renew(read: argparse.Namespace, lifetime: timedelta) -> list[str]:
    """The names of those whose time had come."""
    vouching = authority.kept_in(read.authority)
    renewed = [one.name for one in read.identity if identities.renew(one, vouching, read.place, lifetime)]
    if renewed:
        print(f"New certificates: {', '.join(renewed)}", flush=True)
    return renewed


def _tell() -> bool:
    try:
        tell_servers()
    except CouldNotTell as error:
        print(f"Once more in {TICK_SECONDS} s: {error}", file=sys.stderr, flush=True)
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cloudlicenses.inside", description="Certificates inside a deployment.")
    parser.add_argument("--authority", type=Path, required=True, help="where the authority is kept; nobody else's")
    parser.add_argument("--place", type=Path, required=True, help="below it, a directory for each identity")
    parser.add_argument("--identity", type=identities.parse, action="append", required=True, metavar="NAME:FACTS")
    parser.add_argument("--hours", type=float, default=identities.LIFETIME / timedelta(hours=1), help="a life's length")
    parser.add_argument("--once", action="store_true", help="end when everybody has a certificate")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
