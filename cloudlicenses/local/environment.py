"""The variables that `make run` hands to the product: what is set already, what `.env` says, and what is made here.

The environment wins over `.env`, and both win over what this machine would choose.
"""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from cloudlicenses.settings.env import load_dotenv

from .refusals import CannotRun
from .secrets import new_master_key, new_secret_key, write_private

DEFAULT_PORT = "8000"


def complete(local: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Add to `environment` what `.env` says, the address, and this machine's secrets from `local`/env."""
    local.mkdir(mode=0o700, exist_ok=True)
    load_dotenv(local.parent / ".env")
    port = environment.get("PORT") or DEFAULT_PORT
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {port!r}.")
    environment["PORT"] = port
    for name, value in {"BASE_DOMAIN": f"localhost:{port}", **_kept_secrets(local / "env")}.items():
        if not is_set(name, environment):
            environment[name] = value


@contextmanager
def told_to_others(local: Path, told: Mapping[str, str]) -> Iterator[None]:
    """While inside, `local`/running.env tells `manage.py` in other shells where everything is."""
    names = (*told, "PORT", "BASE_DOMAIN", "SECRET_KEY", "MASTER_KEY")
    path = local / "running.env"
    write_private(path, "".join(f"{name}={os.environ[name]}\n" for name in names if os.environ.get(name)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def is_set(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the product will find `name`, as a value or as the file that holds it."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _kept_secrets(path: Path) -> dict[str, str]:
    """SECRET_KEY and MASTER_KEY of this machine, made once: what they wrap is lost with them."""
    if not path.exists():
        write_private(path, f"SECRET_KEY={new_secret_key()}\nMASTER_KEY={new_master_key()}\n")
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, _, value in lines}
