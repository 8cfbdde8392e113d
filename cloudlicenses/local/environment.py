"""The variables that `make run` hands to the product: what is set already, what `.env` says, and what is made here.

The environment wins over `.env`, and both win over what this machine would choose.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudlicenses.settings.env import is_set, load_dotenv

from .refusals import CannotRun
from .secrets import new_master_key, new_secret_key, write_private

DEFAULT_PORT = "8000"
PLACES = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "MAIL_SINK_DIR",
    "PORT",
    "BASE_DOMAIN",
    "SECRET_KEY",
    "MASTER_KEY",
)


def complete(local: Path) -> None:
    """Add to the environment what `.env` says, the address, and this machine's secrets from `local`/env."""
    local.mkdir(mode=0o700, exist_ok=True)
    load_dotenv(local.parent / ".env")
    port = os.environ.get("PORT") or DEFAULT_PORT
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {port!r}.")
    os.environ["PORT"] = port
    for name, value in {"BASE_DOMAIN": f"localhost:{port}", **_kept_secrets(local / "env")}.items():
        if not is_set(name):
            os.environ[name] = value


@contextmanager
def told_to_others(local: Path) -> Iterator[None]:
    """While inside, `local`/running.env tells `manage.py` in other shells where everything is."""
    names = [name for place in PLACES for name in (place, f"{place}_FILE") if os.environ.get(name)]
    path = local / "running.env"
    write_private(path, "".join(f"{name}={os.environ[name]}\n" for name in names))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _kept_secrets(path: Path) -> dict[str, str]:
    """SECRET_KEY and MASTER_KEY of this machine, made once: what they wrap is lost with them."""
    if not path.exists():
        write_private(path, f"SECRET_KEY={new_secret_key()}\nMASTER_KEY={new_master_key()}\n")
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, _, value in lines}
