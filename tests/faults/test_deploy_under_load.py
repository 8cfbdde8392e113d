"""A release that adds a column to every tenant, killed in the middle and finished by the next run: no request fails meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests import servers
from tests.faults.steady import Client, at_work, heard_by, until_each_has_done_more
from tests.isolation.deployments import Deployment, deployment

LATER = "benchmarks.later.settings"  # one migration more: a column of licensing_license
PREPARE = (sys.executable, "manage.py", "prepare_database")
CUSTOMERS = 6
WITH_COLUMN = (
    "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE attname = 'later' AND relkind = 'r'"
)


@pytest.fixture
def deployed() -> Iterator[Deployment]:
    with deployment("underload") as made:
        yield made


def test_no_request_fails_while_a_column_is_added_and_the_deploy_killed(deployed: Deployment) -> None:
    command = (sys.executable, "-m", "torture.furnished", str(CUSTOMERS))
    furnished = subprocess.run(command, env=deployed.environment(), capture_output=True, check=True)
    sites = json.loads(furnished.stdout)
    with servers.running(**deployed.environment()) as web:
        clients = [Client(web.url, site["host"], site["key"], "compiler") for site in sites]
        with at_work(clients), psycopg.connect(deployed.url, autocommit=True) as owner:
            until_each_has_done_more(clients)
            _deploy_and_be_killed(deployed, owner, f"tenant_{sites[-1]['tenant_id']}")
            until_each_has_done_more(clients)
            assert 0 < _migrated(owner) < CUSTOMERS
            assert subprocess.run(PREPARE, env=deployed.environment(LATER), check=False).returncode == 0
            until_each_has_done_more(clients)
            assert _migrated(owner) == CUSTOMERS
    assert heard_by(clients) == {"checkout 201", "return 200"}


def _deploy_and_be_killed(deployed: Deployment, owner: psycopg.Connection[tuple[object, ...]], last: str) -> None:
    """With some of the schemas done; one is read from meanwhile, so that the deploy can't be through before."""
    with psycopg.connect(deployed.url) as reader:
        reader.execute(f'SELECT count(*) FROM "{last}".licensing_license')
        process = subprocess.Popen(PREPARE, env=deployed.environment(LATER))
        while not _migrated(owner):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.wait()


def _migrated(owner: psycopg.Connection[tuple[object, ...]]) -> int:
    row = owner.execute(WITH_COLUMN).fetchone()
    assert row is not None
    return int(str(row[0]))
