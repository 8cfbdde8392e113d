"""How requests travel: `*.localhost`, TLS with an authority of one's own, and client certificates."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudlicenses_client import AsyncLicenseClient, ConfigurationError, LicenseClient, ServerUnreachableError
from sdk_authority import Authority
from sdk_contract_server import ALICE, API_KEY, CHECKOUT, PRODUCT, ContractServer
from sdk_stage import serving

Connect = Callable[..., LicenseClient]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[ContractServer]:
    """A TLS server named mercedes.localhost, which knows who has a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certificate("mercedes.localhost"))
    context.load_verify_locations(authority.certificate_file)
    context.verify_mode = ssl.CERT_OPTIONAL
    yield from serving(ContractServer(context))


@pytest.fixture
def demanding(authority: Authority) -> Iterator[ContractServer]:
    """A TLS server that talks only to those who have a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certificate("mercedes.localhost"))
    context.load_verify_locations(authority.certificate_file)
    context.verify_mode = ssl.CERT_REQUIRED
    yield from serving(ContractServer(context))


def connect(server: ContractServer, tmp_path: Path, **changed: Any) -> LicenseClient:
    return LicenseClient(
        server.url, API_KEY, PRODUCT, cache_dir=tmp_path / "cache", timeout=60, max_retries=0, **changed
    )


def test_a_localhost_name_is_this_machine_and_keeps_its_host_header(
    server: ContractServer, client: LicenseClient
) -> None:
    client.checkout(user=ALICE)
    assert server.asked(CHECKOUT)[0].headers["host"] == f"mercedes.localhost:{server.server_address[1]}"


def test_a_localhost_name_is_verified_by_its_own_name(
    secure: ContractServer, authority: Authority, tmp_path: Path
) -> None:
    with connect(secure, tmp_path, verify=authority.certificate_file) as client:
        assert client.checkout(user=ALICE).is_valid()


def test_an_authority_in_a_context_of_ones_own_will_do(
    secure: ContractServer, authority: Authority, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cafile=str(authority.certificate_file))
    with connect(secure, tmp_path, verify=context) as client:
        assert client.checkout(user=ALICE).is_valid()


def test_a_server_that_no_known_authority_vouches_for_gets_no_key(secure: ContractServer, tmp_path: Path) -> None:
    with connect(secure, tmp_path) as client, pytest.raises(ServerUnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        client.checkout(user=ALICE)
    assert secure.requests == []


def test_a_certificate_for_another_name_gets_no_key(authority: Authority, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certificate("bmw.localhost"))
    for impostor in serving(ContractServer(context)):
        with (
            connect(impostor, tmp_path, verify=authority.certificate_file) as client,
            pytest.raises(ServerUnreachableError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            client.checkout(user=ALICE)
        assert impostor.requests == []


@pytest.mark.parametrize("form", ["pair", "pair with password", "one file"])
def test_a_client_certificate_is_presented(
    demanding: ContractServer, authority: Authority, tmp_path: Path, form: str
) -> None:
    certificate, key = authority.certificate(
        "davinci-ws-042.mercedes.com", password="s3cret" if "password" in form else None
    )
    both = tmp_path / "both.pem"
    both.write_bytes(Path(certificate).read_bytes() + Path(key).read_bytes())
    cert = {"pair": (certificate, key), "pair with password": (certificate, key, "s3cret"), "one file": str(both)}[form]
    with connect(demanding, tmp_path, verify=authority.certificate_file, cert=cert) as client:
        assert client.checkout(user=ALICE).is_valid()


def test_without_a_client_certificate_a_demanding_server_is_out_of_reach(
    demanding: ContractServer, authority: Authority, tmp_path: Path
) -> None:
    with (
        connect(demanding, tmp_path, verify=authority.certificate_file) as client,
        pytest.raises(ServerUnreachableError),
    ):
        client.checkout(user=ALICE)


def test_the_async_client_travels_the_same_way(demanding: ContractServer, authority: Authority, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "verify": authority.certificate_file,
        "cert": authority.certificate("davinci-ws-042.mercedes.com"),
    }

    async def work() -> None:
        async with AsyncLicenseClient(demanding.url, API_KEY, PRODUCT, cache_dir=tmp_path, **options) as client:
            assert (await client.checkout(user=ALICE)).is_valid()

    asyncio.run(work())


@pytest.mark.parametrize("options", [{"cert": "/no/such.pem"}, {"verify": "/no/such.pem"}, {"verify": False}])
def test_certificates_that_cannot_be_used_are_named_before_anything_is_sent(
    server: ContractServer, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError):
        LicenseClient(server.url, API_KEY, PRODUCT, **options)


def test_an_unencrypted_server_elsewhere_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    LicenseClient("http://licenses.mercedes.com", API_KEY, PRODUCT).close()
    assert "the API key travels in clear" in caplog.text
    caplog.clear()
    LicenseClient("http://mercedes.localhost:8000", API_KEY, PRODUCT).close()
    assert caplog.text == ""
