"""`make lock`: renews requirements/*.lock from pyproject.toml, every version with its hashes, for all platforms.

Versions stay as they are while they fit; `make lock ARGS=--upgrade` takes the newest. `dev` is resolved first and the
others are held to its versions, so that what runs is what was tested.
"""

import subprocess
import sys

OPTIONS = (
    "--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11", "--quiet",
    "--custom-compile-command", "make lock",
)  # fmt: skip
CONSTRAINED = ("--constraint", "requirements/dev.lock")


def main() -> None:
    """Renew every lock, the widest first."""
    _install_uv()
    _compile("dev", "pyproject.toml", "--extra", "local", "--extra", "dev")
    _compile("run", "pyproject.toml", "--extra", "local", *CONSTRAINED)
    _compile("app", "pyproject.toml", *CONSTRAINED)
    _compile("installer", "requirements/installer.in")


def _install_uv() -> None:
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes")
    subprocess.run((*pip, "--requirement", "requirements/installer.lock"), check=True)


def _compile(name: str, source: str, *options: str) -> None:
    target = f"requirements/{name}.lock"
    print(f"{target} ...", flush=True)
    uv = (sys.executable, "-m", "uv", "pip", "compile", source, "--output-file", target)
    subprocess.run((*uv, *OPTIONS, *options, *sys.argv[1:]), check=True)


if __name__ == "__main__":
    main()
