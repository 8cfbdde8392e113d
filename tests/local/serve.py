"""A program for these tests to start, kill and look at: the services of `make run`, in a directory of the test's own.

python tests/local/serve.py DIRECTORY [namespace|switch REACHABLE]
"""

import json
import sys
from pathlib import Path

from cloudlicenses.local import identity, postgres, services
from cloudlicenses.local.supervisor import Stopped, Supervisor


def main(directory: Path, root_as: str = "namespace", reachable: str | None = None) -> None:
    supervisor = Supervisor(sys.stderr)
    supervisor.listen()
    try:
        if reachable is None:
            urls = services.start_lasting(supervisor, directory)
        else:
            identity.REACHABLE = Path(reachable)
            server = postgres.prepare(directory / "postgres", root_as=root_as)
            supervisor.start(server.part)
            urls = {"DATABASE_URL": server.url}
        print(json.dumps(urls), flush=True)
        supervisor.watch()
    except Stopped:
        pass
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
