"""`/metrics`: who may read it, and that its labels are words of ours alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from cloudlicenses.web import metrics
from keys.signing import ensure_signing_keys
from tenants.context import inside
from tests import builders, cast
from tests.servers import Server
from tests.sites import Site

Samples = dict[str, list[tuple[dict[str, str], float]]]


def read(site: Site, **sent: Any) -> Samples:
    answer = site.get("/metrics", **sent)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found: Samples = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value_of(samples: Samples, name: str, **labels: str) -> float:
    return sum(value for found, value in samples.get(name, []) if labels.items() <= found.items())


FORKED = """
import os
from cloudlicenses.web import metrics

count = lambda: metrics.observe_request("tenant", "/api/v1/licenses/checkout", 201, 0.001)
count()
child = os.fork()
count()
if child:
    os.waitpid(child, 0)
    count()
"""


def test_a_series_that_is_remembered_counts_for_the_process_that_counts(tmp_path: Path) -> None:
    """Once before the fork, once in each of both, and once more when the other is gone."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run((sys.executable, "-c", FORKED), env=environment, check=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))
    labels = {"host_kind": "tenant", "route": "/api/v1/licenses/checkout", "method": "POST", "status": "201"}
    assert registry.get_sample_value("cloudlicenses_request_seconds_count", labels) == 4
    assert len(list(tmp_path.glob("histogram_*.db"))) == 2, "each process has a file of its own"


@pytest.mark.django_db
class TestWhoMayRead:
    def test_this_machine_when_nothing_is_set(self, apex: Site) -> None:
        assert apex.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
        assert apex.get("/metrics", REMOTE_ADDR="::1").status_code == 200
        assert apex.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
    def test_not_through_a_proxy_on_this_machine(self, apex: Site, header: str) -> None:
        assert apex.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404

    def test_networks_that_the_operator_named(self, apex: Site, settings: Any) -> None:
        settings.METRICS_NETWORKS = [ip_network("10.1.0.0/16")]

        assert apex.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
        assert apex.get("/metrics", REMOTE_ADDR="10.2.2.3").status_code == 404
        assert apex.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404

    def test_the_token_from_anywhere_and_nothing_else(self, apex: Site, settings: Any) -> None:
        settings.METRICS_TOKEN = "scrape-me"

        assert (
            apex.get("/metrics", headers={"authorization": "Bearer scrape-me"}, REMOTE_ADDR="203.0.113.7").status_code
            == 200
        )
        for wrong in ("Bearer scrape-you", "Bearer ", "scrape-me", "Bearer scrape-mé"):
            assert apex.get("/metrics", headers={"authorization": wrong}).status_code == 404
        assert apex.get("/metrics").status_code == 404

    def test_to_others_it_is_not_there(self, mercedes_site: Site) -> None:
        answer = mercedes_site.get("/metrics", REMOTE_ADDR="203.0.113.7")

        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


@pytest.mark.django_db
class TestWhatIsCounted:
    def test_requests_by_template_never_by_path(self, mercedes_site: Site) -> None:
        mercedes_site.get("/healthz")
        mercedes_site.get("/api/v1/no-such/secret-4711")
        Site("secret-host.example").get("/")

        samples = read(mercedes_site)
        assert value_of(samples, "cloudlicenses_request_seconds_count", route="/healthz", status="200") >= 1
        assert value_of(samples, "cloudlicenses_request_seconds_count", route=metrics.UNMATCHED, status="404") >= 1
        assert "secret-4711" not in str(samples)
        assert "secret-host" not in str(samples)

    def test_a_made_up_method_is_no_label(self, apex: Site) -> None:
        apex.generic("BREW", "/healthz")

        assert "BREW" not in str(read(apex))

    def test_checkouts_and_denials_by_tenant_and_code(self, apex: Site) -> None:
        metrics.count_checkout("mercedes", "overage")
        metrics.count_denial("mercedes", "max_overage_exceeded")

        samples = read(apex)
        assert value_of(samples, "cloudlicenses_checkouts_total", tenant="mercedes", lease_type="overage") >= 1
        assert value_of(samples, "cloudlicenses_denials_total", tenant="mercedes", code="max_overage_exceeded") >= 1

    def test_who_rushes(self, apex: Site) -> None:
        before = value_of(read(apex), "cloudlicenses_plane_held_back_total", tenant="mercedes")
        metrics.count_held_back("mercedes")
        assert value_of(read(apex), "cloudlicenses_plane_held_back_total", tenant="mercedes") == before + 1

    def test_more_tenants_than_memory_allows_are_counted_together(
        self, apex: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(metrics, "MOST_TENANTS", len(metrics._tenants))
        before = value_of(read(apex), "cloudlicenses_checkouts_total", tenant=metrics.OTHERS)
        metrics.count_checkout("one-too-many", "commit")

        samples = read(apex)
        assert value_of(samples, "cloudlicenses_checkouts_total", tenant=metrics.OTHERS) == before + 1
        assert value_of(samples, "cloudlicenses_checkouts_total", tenant="one-too-many") == 0

    def test_the_batches_of_the_plane(self, apex: Site) -> None:
        before = read(apex)
        metrics.observe_batch(12, 0.004)
        metrics.observe_queue(3)

        after = read(apex)
        grown = value_of(after, "cloudlicenses_plane_batch_requests_sum") - value_of(
            before, "cloudlicenses_plane_batch_requests_sum"
        )
        assert grown == 12
        assert value_of(after, "cloudlicenses_plane_queue_length") == 3
        metrics.observe_queue(0)

    def test_every_name_says_whose_it_is(self, apex: Site) -> None:
        ours = re.compile(r"cloudlicenses_|process_|python_")
        assert all(ours.match(name) for name in read(apex))


def test_the_plane_is_counted_by_the_server_that_it_runs_in(server: Server, mercedes: str) -> None:
    with inside(mercedes):
        ensure_signing_keys(mercedes)
        builders.granted(total_licenses=1, commit_qty=1, max_overage=0)
        key = builders.tenant_key()
    for _ in range(2):
        sent = {"product_id": cast.DAVINCI.id, "user": "alice@mercedes.com"}
        server.ask("POST", "/api/v1/licenses/checkout", sent, label=mercedes, key=key)

    shown = server.ask("GET", "/metrics").text
    route = 'route="/api/v1/licenses/checkout",status="{}"'
    assert f'cloudlicenses_request_seconds_count{{host_kind="tenant",method="POST",{route.format(201)}}}' in shown
    assert f'cloudlicenses_request_seconds_count{{host_kind="tenant",method="POST",{route.format(409)}}}' in shown
    assert 'cloudlicenses_checkouts_total{lease_type="commit",tenant="mercedes"}' in shown
    assert 'cloudlicenses_denials_total{code="no_licenses_available",tenant="mercedes"}' in shown
    assert key not in shown
