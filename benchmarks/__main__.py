"""`python -m benchmarks [NAME…]`: those named, or all. Exit code 1 when a goal was missed; ROUNDS and SECONDS by the environment.

make bench ARGS="hot many"     SECONDS=2 make bench ARGS=hot
"""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("hot", "many", "drf")


def main(wanted: list[str]) -> int:
    if unknown := sorted(set(wanted) - set(NAMES)):
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    met = [_run(name) for name in wanted or NAMES]
    return 0 if all(met) else 1


def _run(name: str) -> bool:
    module = import_module(f"benchmarks.{name}")
    print(f"── {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
    is_met: bool = module.main()
    return is_met


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
