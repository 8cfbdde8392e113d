"""The layer end to end: a client, the real nginx with the configuration that we deploy, the real application.

nginx proves that the client holds the key of its certificate; everything else is found out by the application.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cloudlicenses_client import (
    ClientCertificateRejectedError,
    ClientCertificateRequiredError,
    LicenseClient,
)
from cryptography import x509

from audit.models import AuditEntry
from certificates import authorities, issuing, proving, uploading
from certificates.models import Certificate
from keys.models import ApiKey
from licensing.models import Lease
from tenants.context import inside
from tests import builders, cast, servers
from tests.certificates import pki
from tests.local import proxies
from tests.servers import Server

ACTOR = builders.actor()
NOW = datetime.now(UTC)
CHECKOUT = "/api/v1/licenses/checkout"
PATIENCE_SECONDS = 60
SPIFFE = "URI:spiffe://mercedes.com/build"


@dataclass
class Site:
    """Mercedes' host behind nginx, as a client on the same machine reaches it."""

    port: int
    directory: Path
    key: str = ""

    def client(self, identity: pki.Identity | None = None) -> LicenseClient:
        cert = str(identity.saved(self.directory)) if identity else None
        return LicenseClient(
            f"https://mercedes.localhost:{self.port}", self.key, cast.DAVINCI.id, cert=cert,
            verify=self.directory / "authority.pem", max_retries=0, offline_fallback=False,
        )  # fmt: skip

    def check_out(self, identity: pki.Identity | None = None) -> str:
        """The id of the lease."""
        with self.client(identity) as client:
            return client.checkout(user="alice@mercedes.com").id

    def refusal(self, identity: pki.Identity) -> str:
        """Why the certificate is rejected."""
        with pytest.raises(ClientCertificateRejectedError) as refused:
            self.check_out(identity)
        return str(refused.value.detail)

    def awaited_refusal(self, identity: pki.Identity) -> str:
        """Why it is rejected from some moment on."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.check_out(identity)
            except ClientCertificateRejectedError as refused:
                return str(refused.detail)
            assert time.monotonic() < until
            time.sleep(0.2)  # a key has so many checkouts a minute


@pytest.fixture(scope="module")
def _site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server forgets no certificate by itself: what it knows anew, it was told by Valkey."""
    directory = tmp_path_factory.mktemp("nginx")
    command = servers.command_with({"licensing.plane.callers.REMEMBERED_SECONDS": 3600.0})
    with (
        servers.running(command=command, TRUSTED_PROXIES="127.0.0.1/32") as server,
        proxies.started(directory, (server.port,)) as port,
    ):
        yield Site(port, directory)


@pytest.fixture
def site(_site: Site, committed: None) -> Site:
    with inside("mercedes"):
        builders.granted(total_licenses=100, commit_qty=50, max_overage=50)
        _site.key = builders.tenant_key(require_mtls=True)
    return _site


def issued(name: str = "ws-042", *also: x509.GeneralName) -> tuple[Certificate, pki.Identity]:
    """By the tenant's authority here; the key stays with the client."""
    key = pki.new_key()
    with inside("mercedes"):
        made = issuing.issue(ACTOR, pki.request(name, also=also, key=key))
    return made, pki.Identity(x509.load_pem_x509_certificate(made.pem.encode()), key)


def bind(**restriction: Any) -> None:
    with inside("mercedes"):
        ApiKey.objects.update(**restriction)


def test_a_certificate_issued_here_opens_the_way_to_a_seat(site: Site) -> None:
    _, identity = issued("ws-042")
    bind(client_cert_cn="WS-042")
    with site.client(identity) as client:
        lease = client.checkout(user="alice@mercedes.com")
        client.return_license(lease.id)
    with inside("mercedes"):
        assert Lease.objects.get().id == lease.id


def test_without_one_there_is_no_seat_and_the_log_knows(site: Site) -> None:
    with pytest.raises(ClientCertificateRequiredError) as refused:
        site.check_out()
    assert "--cert" in str(refused.value.detail)
    with inside("mercedes"):
        assert AuditEntry.objects.get(event="key.refused").code == "client_certificate_required"
        assert not Lease.objects.exists()


OF_MERCEDES, OF_BMW = pki.authority("Mercedes Root"), pki.authority("BMW Root")
OLD = {"begins": NOW - 2 * pki.DAY, "ends": NOW - pki.DAY}
WRONG = {
    "another tenant's": (pki.client(OF_BMW), proving.UNKNOWN_ISSUER),
    "self-signed": (pki.client(None), proving.UNKNOWN_ISSUER),
    "of an authority that only has the name": (pki.client(pki.authority("Mercedes Root")), proving.UNKNOWN_ISSUER),
    "expired": (pki.client(OF_MERCEDES, **OLD), proving.EXPIRED),
    "not valid yet": (pki.client(OF_MERCEDES, begins=NOW + pki.DAY, ends=NOW + 2 * pki.DAY), proving.NOT_YET),
    "for servers": (pki.client(OF_MERCEDES, usage=(pki.SERVER,)), proving.NOT_FOR_CLIENTS),
}


@pytest.mark.parametrize(("identity", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_certificate_is_rejected_with_the_reason(site: Site, identity: pki.Identity, fault: str) -> None:
    with inside("mercedes"):
        uploading.upload(ACTOR, OF_MERCEDES.pem)
    with inside("bmw"):
        uploading.upload(ACTOR, OF_BMW.pem)
    assert site.refusal(identity) == fault
    with inside("mercedes"):
        assert AuditEntry.objects.get(event="key.refused").code == "client_certificate_rejected"
        assert not Lease.objects.exists()


@pytest.mark.parametrize(
    ("binding", "reason"),
    [
        ({"client_cert_cn": "ws-042"}, "another common name"),
        ({"client_cert_cn": "ws-043", "client_cert_names": ["DNS:ws-042.mercedes.com"]}, "none of the names"),
        ({"client_cert_names": ["email:ws-043.mercedes.com"]}, "none of the names"),
    ],
)
def test_the_right_authority_with_the_wrong_name_is_rejected(site: Site, binding: dict[str, Any], reason: str) -> None:
    _, identity = issued("ws-043", x509.DNSName("ws-043.mercedes.com"))
    bind(**binding)
    assert reason in site.refusal(identity)


def test_a_workload_comes_in_by_its_spiffe_id(site: Site) -> None:
    bind(client_cert_names=["URI:spiffe://mercedes.com/other", SPIFFE])
    _, identity = issued("", x509.UniformResourceIdentifier("spiffe://mercedes.com/build"))
    assert site.check_out(identity)
    _, other = issued("", x509.UniformResourceIdentifier("spiffe://mercedes.com/Build"))
    assert "none of the names" in site.refusal(other)


def test_a_client_of_the_tenants_own_authority_comes_in_until_that_is_removed(site: Site) -> None:
    between = pki.authority("Mercedes Issuing", OF_MERCEDES)
    with inside("mercedes"):
        row, _ = uploading.upload(ACTOR, between.pem + OF_MERCEDES.pem)
    identity = pki.client(between, also=("email:build@mercedes.com",))
    assert site.check_out(identity)
    with inside("mercedes"):
        authorities.remove(ACTOR, row.id)
    assert site.awaited_refusal(identity) == proving.UNKNOWN_ISSUER


def test_a_revocation_is_in_force_at_once_in_the_running_server(site: Site) -> None:
    made, identity = issued()
    assert site.check_out(identity)
    with inside("mercedes"):
        issuing.revoke(ACTOR, made.id, reason="key_compromise")
    assert site.awaited_refusal(identity) == proving.REVOKED


def test_a_revocation_that_nobody_is_told_of_is_in_force_when_a_proof_is_forgotten(site: Site) -> None:
    """Past nginx, at a server of its own, which remembers for as short a time as it need."""
    made, identity = issued()
    sent = {"label": "mercedes", "key": site.key, "x_client_cert": identity.header}
    body = {"product_id": cast.DAVINCI.id, "user": "alice@mercedes.com"}
    command = servers.command_with({"licensing.plane.callers.REMEMBERED_SECONDS": 0.5})
    with servers.running(command=command, TRUSTED_PROXIES="127.0.0.1/32") as server:
        assert server.ask("POST", CHECKOUT, body, **sent).status_code == 201
        with inside("mercedes"):
            Certificate.objects.filter(pk=made.pk).update(revoked_at=NOW)
        until = time.monotonic() + PATIENCE_SECONDS
        while (answer := server.ask("POST", CHECKOUT, body, **sent)).status_code == 201 and time.monotonic() < until:
            time.sleep(0.2)
    assert (answer.status_code, answer.json()["detail"]) == (403, proving.REVOKED)


def test_a_header_of_the_clients_own_is_no_certificate(site: Site, server: Server) -> None:
    """Through nginx it is replaced; past it, from an address that is no proxy's, it is not read."""
    _, identity = issued()
    headers = {"X-Client-Cert": identity.header, "Authorization": f"Bearer {site.key}"}
    body = {"product_id": cast.DAVINCI.id, "user": "mallory"}
    context = ssl.create_default_context(cafile=str(site.directory / "authority.pem"))
    through = httpx.post(
        f"https://localhost:{site.port}{CHECKOUT}",
        json=body,
        headers=headers | {"Host": "mercedes.localhost"},
        verify=context,
        timeout=60,
    )
    past = server.ask("POST", CHECKOUT, body, label="mercedes", key=site.key, x_client_cert=identity.header)
    for answer in (through, past):
        assert (answer.status_code, answer.json()["code"]) == (403, "client_certificate_required")


def test_the_control_api_asks_for_it_as_well(site: Site) -> None:
    _, identity = issued()
    with site.client(identity) as client:
        assert [one["product_id"] for one in client.licenses()] == [cast.DAVINCI.id]
    with site.client() as client, pytest.raises(ClientCertificateRequiredError):
        client.licenses()
    with site.client(pki.client(None)) as client, pytest.raises(ClientCertificateRejectedError):
        client.licenses()
