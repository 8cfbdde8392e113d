"""A scene to look at with a profiler: stands until Ctrl-C, and prints the process id and what `benchmarks.load` takes.

python -m benchmarks.standing [TENANTS [LICENSES [SEATS]]] > scenario.json      python -m benchmarks.load < scenario.json
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from benchmarks.scenario import Scenario
from benchmarks.scene import Furniture, furnished, scene


def main(tenants: int = 1, licenses: int = 1, seats: int = 10_000) -> int:
    with suppress(KeyboardInterrupt), furnished(Furniture(tenants, licenses, seats)) as sites, scene(sites) as standing:
        print(f"The server is process {standing.pid}, on port {standing.port}.", file=sys.stderr)
        print(Scenario(standing.port, sites).as_json(), flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
