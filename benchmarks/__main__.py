"""`python -m benchmarks [NAME…]`: those named, or all. Exit code 1 when a goal was missed; ROUNDS and SECONDS by the environment.

    make bench ARGS="hot many"     SECONDS=2 make bench ARGS=hot

Benchmarks that want the same furniture share one database, since a thousand tenants take minutes to provision; each has a server
of its own. What deploys can't share one, and runs apart.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from itertools import groupby
from types import ModuleType

from benchmarks.scene import Furniture, furnished, scene

NAMES = (
    "hot", "many", "drf", "offered", "noisy", "overload", "pools", "rlm", "tenants", "memory", "streams", "closing", "sdk", "pages",
    "layers", "sealing",
)  # fmt: skip
APART = ("deploying",)


def main(wanted: list[str]) -> int:
    if unknown := sorted(set(wanted) - {*NAMES, *APART}):
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join((*NAMES, *APART))}.", file=sys.stderr)
        return 2
    modules = [import_module(f"benchmarks.{name}") for name in NAMES if not wanted or name in wanted]
    met = [_together(furniture, list(sharing)) for furniture, sharing in groupby(modules, lambda one: one.FURNITURE)]
    met += [_apart(name) for name in APART if not wanted or name in wanted]
    return 0 if all(met) else 1


def _together(furniture: Furniture, modules: list[ModuleType]) -> bool:
    with furnished(furniture) as sites:
        met = []
        for module in modules:
            _announce(module)
            with scene(sites) as measured:
                met.append(module.main(measured))
    return all(met)


def _apart(name: str) -> bool:
    _announce(import_module(f"benchmarks.{name}"))
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode == 0


def _announce(module: ModuleType) -> None:
    print(f"── {module.__name__.rpartition('.')[2]}: {(module.__doc__ or '').splitlines()[0]}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
