"""`python -m benchmarks [NAME…]`: those named, or all. Exit code 1 when a goal was missed; ROUNDS and SECONDS by the environment.

    make bench ARGS="hot many"     SECONDS=2 make bench ARGS=hot

Benchmarks that want the same furniture share one database, since a thousand tenants take minutes to provision; each has a server
of its own.
"""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import groupby
from types import ModuleType

from benchmarks.scene import Furniture, furnished, scene

NAMES = (
    "hot",
    "many",
    "drf",
    "offered",
    "noisy",
    "overload",
    "pools",
    "rlm",
    "tenants",
    "memory",
    "streams",
    "closing",
    "sdk",
)


def main(wanted: list[str]) -> int:
    if unknown := sorted(set(wanted) - set(NAMES)):
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    modules = [import_module(f"benchmarks.{name}") for name in NAMES if not wanted or name in wanted]
    met = [_together(furniture, list(sharing)) for furniture, sharing in groupby(modules, lambda one: one.FURNITURE)]
    return 0 if all(met) else 1


def _together(furniture: Furniture, modules: list[ModuleType]) -> bool:
    with furnished(furniture) as sites:
        met = []
        for module in modules:
            print(f"── {module.__name__.partition('.')[2]}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
            with scene(sites) as measured:
                met.append(module.main(measured))
    return all(met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
