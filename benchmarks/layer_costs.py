"""Each layer by itself, in this process: the very functions that the plane calls, with what it would hand them."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.scene import HOSTNAME

if TYPE_CHECKING:
    from benchmarks.layers import Layers
    from keys.recognising import KeyFacts

CALLS = 2_000
TOGETHER = 64
AUDIT_ENTRIES = 20_000
AUDIT = """
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                  key_id, ip, hostname, fingerprint, user_agent, request_id, facts)
    SELECT event, noted_at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, '',
           key_id, ip, hostname, fingerprint, user_agent, request_id, facts
    FROM generate_series(1, %s) n, LATERAL public.seat_entry_of(
        'license.checked_out', '', 'lease', 'lease-' || n, %s::jsonb, clock_timestamp(), '{"license_id": "lic-1"}')
"""


def costs(tenant_id: str, layers: Layers) -> Iterator[tuple[str, float]]:
    """Each layer's name and its microseconds a request, over what a key without it costs."""
    from certificates import presenting
    from keys import restrictions
    from keys.restrictions import Presented
    from tenants.context import inside

    with inside(tenant_id):
        proof = presenting.prove(layers.certificate)
    plain, here = _plain(tenant_id), Presented("127.0.0.1", (HOSTNAME,), proof)

    def check(**bound: Any) -> float:
        key = replace(plain, **bound)
        return _each(lambda: restrictions.check(key, here, scope="license:checkout"))

    scope = check()
    yield "1  key scope", scope
    yield "2  hostname", check(allowed_hostnames=(HOSTNAME,)) - scope
    yield "3  address among two networks", check(allowed_ip_ranges=("10.0.0.0/8", "127.0.0.0/8")) - scope
    yield f"4  two rate limits, {TOGETHER} requests at a time", _limits(tenant_id)
    yield "5  client certificate, remembered", check(require_mtls=True, client_cert_cn=HOSTNAME) - scope
    yield "5  client certificate, judged anew each 5 s", _judged_anew(tenant_id, layers.certificate)
    yield "6  fingerprint, of 20,000 accepted", _fingerprint()
    yield "6  the application's signature (HMAC-SHA-256)", _by_secret(layers)
    yield "6  the device's signature (Ed25519)", _by_ed25519(layers)
    yield "6  the device's signature (P-256)", _by_p256()
    yield f"6  a nonce, {TOGETHER} requests at a time", _nonces(tenant_id)
    yield "7  audit entry, inside PostgreSQL", _audit(tenant_id)


def _each(call: Callable[[], object], calls: int = CALLS) -> float:
    """Microseconds a call; the best of five goes, since whatever disturbs only adds."""
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, (time.perf_counter() - started) / calls)
    return best * 1e6


def _plain(tenant_id: str) -> KeyFacts:
    from keys.recognising import KeyFacts

    return KeyFacts(
        id="key-1", owner=tenant_id, app_name="bench", scopes=("license:checkout",), allowed_hostnames=(), allowed_ip_ranges=(),
        allowed_products=(), require_mtls=False, client_cert_cn="", client_cert_names=(),
        checkouts_per_minute=None, requests_per_hour=None,
        expires_at=None, revoked_at=None,
    )  # fmt: skip


def _judged_anew(tenant_id: str, certificate: str) -> float:
    from certificates import presenting
    from tenants.context import inside

    with inside(tenant_id):
        return _each(lambda: presenting.prove(certificate), calls=200)


def _limits(tenant_id: str) -> float:
    from cloudlicenses.kit.limits import Limit

    return _asked_together(lambda n: [Limit(f"{tenant_id}:hour", 10**8, 3600), Limit(f"{tenant_id}:minute", 10**8, 60)])


def _nonces(tenant_id: str) -> float:
    from cloudlicenses.kit.limits import Limit

    return _asked_together(lambda n: [Limit(f"nonce:{tenant_id}:{time.monotonic_ns()}:{n}", 1, 125)])


def _asked_together(question: Callable[[int], list[Any]]) -> float:
    """Microseconds of one of `TOGETHER` questions that reach Valkey in one call, as in a busy server."""
    from django.conf import settings

    from cloudlicenses.kit.limiter import Limiter

    async def work() -> float:
        limiter = Limiter(settings.REDIS_URL)
        best = float("inf")
        for _ in range(50):
            asked = [question(n) for n in range(TOGETHER)]
            started = time.perf_counter()
            await asyncio.gather(*(limiter.take_async(each) for each in asked))
            best = min(best, (time.perf_counter() - started) / TOGETHER)
        await limiter.close()
        return best * 1e6

    return asyncio.run(work())


def _fingerprint() -> float:
    from applications.judging import Guards, fingerprint_in, judge_fingerprint

    guards = Guards({"p": ("block", 1)}, frozenset({("p", "sha256:blocked")}), frozenset())
    accepted = frozenset(f"sha256:{n:064x}" for n in range(20_000))
    value = f"sha256:{7:064x}"
    return _each(lambda: judge_fingerprint(guards, "p", fingerprint_in(value), accepted))


def _by_secret(layers: Layers) -> float:
    from applications.judging import ProductSigning, judge_application
    from cloudlicenses.kit import signatures

    secret, now = layers.secret.encode(), time.time()
    key_id, asked = signatures.secret_id(layers.secret), _asked()
    made = hmac.digest(secret, asked.canonical(key_id, int(now), "n" * 22), "sha256")
    header = signatures.written(key_id, int(now), "n" * 22, made)
    signing = ProductSigning(is_required=True, secrets={key_id: secret})
    return _each(lambda: judge_application(signing, asked, header, now))


def _by_ed25519(layers: Layers) -> float:
    return _by_device(layers.device.public_key(), layers.device.sign)


def _by_p256() -> float:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    private = ec.generate_private_key(ec.SECP256R1())

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return _by_device(private.public_key(), sign)


def _by_device(public: Any, sign: Callable[[bytes], bytes]) -> float:
    from applications.judging import DeviceFacts, judge_device
    from cloudlicenses.kit import signatures

    device, asked, now = DeviceFacts("thumbprint-of-43", "active", "", public), _asked(), time.time()
    made = sign(asked.canonical(device.thumbprint, int(now), "n" * 22))
    header = signatures.written(device.thumbprint, int(now), "n" * 22, made)
    return _each(lambda: judge_device(device, asked, header, now, key_id="key-1", is_required=True))


def _asked() -> Any:
    from cloudlicenses.kit.signatures import Signed

    body = b'{"product_id":"guarded-product","user":"engineer@bench.example"}'
    return Signed("POST", "bench.localhost", "/api/v1/licenses/checkout", body)


def _audit(tenant_id: str) -> float:
    """The row, its indexes and its log; undone afterwards."""
    import json

    from django.db import connection, transaction

    from tenants.context import inside

    who = {"key_id": "key-1", "key_name": "bench", "ip": "127.0.0.1", "hostname": HOSTNAME, "fingerprint": "sha256:" + "a" * 64,
           "user_agent": "bench", "request_id": "req-1"}  # fmt: skip
    best = float("inf")
    with inside(tenant_id), connection.cursor() as cursor:
        for _ in range(3):
            with transaction.atomic():
                started = time.perf_counter()
                cursor.execute(AUDIT, [AUDIT_ENTRIES, json.dumps(who)])
                best = min(best, (time.perf_counter() - started) / AUDIT_ENTRIES)
                transaction.set_rollback(True)
    return best * 1e6
