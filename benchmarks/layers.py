"""What each layer of security costs a checkout, in microseconds; all of them together, as a part of the throughput without any."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from benchmarks.layer_costs import costs
from benchmarks.rounds import SECONDS, goal, interleaved, over_http, told
from benchmarks.scenario import Scenario, Site
from benchmarks.scene import HOSTNAME, Furniture, Scene, grant, host_of, serving
from benchmarks.signers import public_der

FURNITURE = Furniture(tenants=2)
PRODUCT = "guarded-product"
FINGERPRINT = "sha256:" + "ab" * 32
LEAST = 1 / 3  # of the throughput without any: to check one Ed25519 signature takes half as long as all else
UNLIMITED: Mapping[str, Any] = {"checkouts_per_minute": 1_000_000, "requests_per_hour": 100_000_000}


def main(scene: Scene) -> bool:
    """Prints the cost of each layer, then both loads."""
    open_tenant, guarded_tenant = scene.tenants
    guarded = guard(guarded_tenant)
    print("        microseconds a request, in one process that does nothing else:")
    for name, cost in costs(guarded_tenant, guarded.layers):
        print(f"        {name:<52} {cost:8.2f} µs", flush=True)
    os.environ["TRUSTED_PROXIES"] = "127.0.0.0/8"  # a certificate is believed from one
    try:
        with serving() as (port, _):
            return _throughput(port, {"without any": unguarded(open_tenant), "all seven": guarded.site})
    finally:
        del os.environ["TRUSTED_PROXIES"]


def _throughput(port: int, sites: Mapping[str, Site]) -> bool:
    contestants: dict[str, Callable[[], dict[str, Any]]] = {
        f"{name}, {count} connections": partial(over_http, Scenario(port, [site], connections=count, seconds=SECONDS))
        for count in (32, 128)
        for name, site in sites.items()
    }
    figures = interleaved(contestants)
    for name, each in figures.items():
        told(name, each)
    best = {wanted: max(each["ops"] for name, each in figures.items() if name.startswith(wanted)) for wanted in sites}
    print("        the load's own work, signing included, is done on the same processors")
    return goal(
        "all layers, of the throughput without any", best["all seven"] / best["without any"], LEAST, at_least=True
    )


@dataclass(frozen=True, slots=True)
class Layers:
    """What the guarded key is bound to, for those who measure each layer by itself."""

    certificate: str
    secret: str
    device: Ed25519PrivateKey
    key_id: str


@dataclass(frozen=True, slots=True)
class Guarded:
    site: Site
    layers: Layers


def unguarded(tenant_id: str) -> Site:
    """A key that is bound to nothing but its scopes."""
    from cloudlicenses.kit.actor import SYSTEM
    from keys import issuing
    from tenants.context import inside

    with inside(tenant_id):
        key = issuing.issue(
            SYSTEM, owner=tenant_id, app_name="open", restrictions=issuing.Restrictions(**UNLIMITED)
        ).text
    return Site(host_of(tenant_id), key, ["product-1"])


def guard(tenant_id: str) -> Guarded:
    """A license whose product must be signed for, and a key bound to everything a key can be bound to."""
    from cloudlicenses.kit.actor import SYSTEM
    from keys import issuing
    from tenants.context import inside

    bound = issuing.Restrictions(
        allowed_hostnames=(HOSTNAME,), allowed_ip_ranges=("10.0.0.0/8", "127.0.0.0/8"), allowed_products=(PRODUCT,),
        require_mtls=True, client_cert_cn=HOSTNAME, require_device=True, **UNLIMITED,
    )  # fmt: skip
    with inside(tenant_id):
        grant(PRODUCT, 10_000)
        certificate = _certificate()
        issued = issuing.issue(SYSTEM, owner=tenant_id, app_name="guarded", restrictions=bound)
        device = _approved_device()
        _approve_fingerprint()
    secret = _required_secret()
    headers = {
        "X-Hostname": HOSTNAME,
        "X-Client-Cert": certificate,
        "X-App-Fingerprint": FINGERPRINT,
        "X-Lib-Version": "1",
    }
    site = Site(host_of(tenant_id), issued.text, [PRODUCT], headers, secret, device.private_bytes_raw().hex())
    return Guarded(site, Layers(certificate, secret, device, issued.key.id))


def _approved_device() -> Ed25519PrivateKey:
    from applications import devices
    from cloudlicenses.kit.actor import SYSTEM
    from cloudlicenses.kit.signatures import ED25519

    private = Ed25519PrivateKey.generate()
    device, _ = devices.register(SYSTEM, devices.Wanted(ED25519, public_der(private), "bench"))
    devices.approve(SYSTEM, device.id)
    return private


def _approve_fingerprint() -> None:
    from applications import fingerprints
    from applications.fingerprints import Sighting
    from applications.models import Fingerprint
    from cloudlicenses.kit import clock
    from cloudlicenses.kit.actor import SYSTEM

    seen = Sighting(PRODUCT, FINGERPRINT, "learned", "observe", "1", "engineer", clock.now(), SYSTEM)
    fingerprints.learn([seen])
    fingerprints.approve(SYSTEM, [Fingerprint.objects.get().id])
    fingerprints.set_mode(SYSTEM, PRODUCT, "block")


def _required_secret() -> str:
    from applications.signing import secrets
    from cloudlicenses.kit.actor import SYSTEM
    from tenants.context import platform

    with platform():
        text = secrets.generate(SYSTEM, "vendor", PRODUCT).text
        secrets.require(SYSTEM, "vendor", PRODUCT, is_required=True)
    return text


def _certificate() -> str:
    """One of the tenant's own authority, as a proxy passes it on."""
    from certificates import issuing
    from cloudlicenses.kit.actor import SYSTEM

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTNAME)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    return quote(issuing.issue(SYSTEM, signed.public_bytes(Encoding.PEM).decode()).pem)
