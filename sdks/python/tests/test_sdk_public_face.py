"""What the package promises: its names, its types, and that it stands alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import cloudlicenses_client

PACKAGE = Path(cloudlicenses_client.__file__).parent
FORBIDDEN = ("django", "rest_framework", "celery", "cloudlicenses.", "licensing", "tenants", "keys.")


def test_the_public_names_are_exactly_those_imported() -> None:
    visible = {
        name
        for name, thing in vars(cloudlicenses_client).items()
        if not isinstance(thing, ModuleType) and (not name.startswith("_") or name == "__version__")
    }
    assert visible == set(cloudlicenses_client.__all__)
    assert cloudlicenses_client.__all__ == sorted(cloudlicenses_client.__all__)


def test_every_public_class_says_what_it_is() -> None:
    for name in cloudlicenses_client.__all__:
        thing = getattr(cloudlicenses_client, name)
        assert isinstance(thing, str) or thing.__doc__, f"{name} has no docstring"


def test_the_package_is_typed_and_its_version_is_its_projects() -> None:
    assert (PACKAGE / "py.typed").exists()
    project = (PACKAGE.parent.parent / "pyproject.toml").read_text()
    assert f'version = "{cloudlicenses_client.__version__}"' in project


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_knows_the_server_project(module: Path) -> None:
    imported = re.findall(r"^\s*(?:from|import) +([\w.]+)", module.read_text(), re.MULTILINE)
    assert not [name for name in imported if f"{name}.".startswith(FORBIDDEN)]


def test_importing_it_loads_nothing_of_django() -> None:
    program = "import sys, cloudlicenses_client; print([m for m in sys.modules if m.partition('.')[0] == 'django'])"
    shown = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "[]\n"


def test_errors_can_be_caught_by_their_root() -> None:
    for name in cloudlicenses_client.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(cloudlicenses_client, name), cloudlicenses_client.CloudLicensesError)
