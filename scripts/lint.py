"""`make lint`: every check that is no test, each named and timed. All of them run; one failure fails the whole."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.vulnerabilities import audit

BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")
YAML = ("docker-compose.yml", "deploy", ".yamllint")
# Deployment's checks judge what faces the internet, not the milder settings of localhost.
DEPLOYED = {"BASE_DOMAIN": "licenses.example", "LOG_FORMAT": "json"}


@dataclass(frozen=True)
class Check:
    """A command that must succeed."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        return subprocess.run(self.command, env={**os.environ, **self.environment}, check=False).returncode == 0


CHECKS = (
    Check("format", (sys.executable, "-m", "ruff", "format", "--check", ".")),
    Check("ruff", (sys.executable, "-m", "ruff", "check", ".")),
    Check("secrets", (sys.executable, "-m", "scripts.secret_scan")),
    Check("types", (sys.executable, "-m", "mypy")),
    Check("imports", (str(BIN / "lint-imports"),)),
    Check("templates", (sys.executable, "-m", "djlint", "templates", "--lint", "--quiet")),
    Check("yaml", (sys.executable, "-m", "yamllint", "--strict", *YAML)),
    Check("database", (*MANAGE, "prepare_database")),
    Check("migrations", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    Check("deployment", (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"), DEPLOYED),
    Check("OpenAPI", (*MANAGE, "openapi", "--check")),
)


def main() -> int:
    steps: list[tuple[str, Callable[[], bool]]] = [(check.name, check.passes) for check in CHECKS]
    failed = [name for name, passes in [*steps, ("known vulnerabilities", audit)] if not _step(name, passes)]
    print(f"lint: failed: {', '.join(failed)}" if failed else "lint: all checks passed")
    return 1 if failed else 0


def _step(name: str, passes: Callable[[], bool]) -> bool:
    print(f"── {name}", flush=True)
    began = time.monotonic()
    passed = passes()
    print(f"── {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s\n", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
