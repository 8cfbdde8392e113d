"""Which names a tenant may have."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from tenants.names import canonical_domain, fault_of_tenant_id


@pytest.mark.parametrize("text", ["bmw", "mercedes", "3m-company", "a-b", "a--b", "x" * 40])
def test_a_good_tenant_id(text: str) -> None:
    assert fault_of_tenant_id(text) == ""


@pytest.mark.parametrize(
    "text",
    ["", "ab", "x" * 41, "-abc", "abc-", "Mercedes", "mer_cedes", "mer.cedes", "müller", "abc\n", "ab c", "a'b", "١٢٣"],
)
def test_a_malformed_tenant_id(text: str) -> None:
    assert fault_of_tenant_id(text).startswith("Must be 3 to 40 characters")


@pytest.mark.parametrize("text", ["vendors", "www", "api", "admin", "static", "mail", "status", "xn--mller-kva"])
def test_a_reserved_tenant_id(text: str) -> None:
    assert fault_of_tenant_id(text) == "This name is reserved. Choose another."


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("mercedes-benz.com", "mercedes-benz.com"),
        (" Mercedes-Benz.COM. ", "mercedes-benz.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("licenses.acme.co.uk", "licenses.acme.co.uk"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("1und1.de", "1und1.de"),
    ],
)
def test_a_domain_as_dns_knows_it(text: str, domain: str) -> None:
    assert canonical_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "-a.com", "a-.com", "a b.com", "a_b.com", "http://a.com", "a.com/x", "admin@a.com", "127.0.0.1", "[::1]",
     "a.123",
     "x" * 64 + ".com", "a." * 130 + "com", "a\0b.com", "\u2024\u2024", "*.com", "a.com:80"],
)  # fmt: skip
def test_what_is_no_domain(text: str) -> None:
    with pytest.raises(ValueError, match="Must be a domain name"):
        canonical_domain(text)


@pytest.mark.parametrize("text", ["com", "co.uk", "localhosts"])
def test_a_registry_is_nobodys_own(text: str) -> None:
    with pytest.raises(ValueError, match="of your own, such as"):
        canonical_domain(text)


@pytest.mark.parametrize("text", ["cloudlicenses.example", "mercedes.cloudlicenses.example"])
def test_our_own_domain_is_ours(text: str, settings: Settings) -> None:
    settings.BASE_HOST = "cloudlicenses.example"
    with pytest.raises(ValueError, match="This domain is ours"):
        canonical_domain(text)
