"""What belongs to somebody, one of each kind, by the name that addresses call it: `key_id`, `license_id`, …

An address that names something in its path names one of these kinds. Whoever adds another kind adds a maker here, and is told so by
tests/attacks/test_not_yours.py. Everything made carries CANARY wherever people see a text of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from accounts import tokens
from alerts import channels, revoking
from alerts.models import Alert, Channel, Delivery
from applications.models import Device, Fingerprint
from applications.signing import secrets
from applications.signing.models import ProductSecret
from audit.models import AuditEntry
from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks import endpoints
from certificates import issuing, uploading
from certificates.models import Certificate
from cloudlicenses.kit import clock
from cloudlicenses.kit.tokens import digests
from cloudlicenses.sealing import data_keys
from keys.models import ApiKey
from licensing.models import License
from tenants import context
from tenants.models import Registration
from tests import builders, cast
from tests.attacks import victims
from tests.attacks.victims import CANARY, PERSON
from tests.certificates import pki
from tests.tenants.conftest import registered
from vendors.models import Product


@dataclass(frozen=True, slots=True)
class Belonging:
    """`make` runs in the scope of its owner and gives its id; `absent` is an id of the same shape that nothing has.

    `of_person`: it is one person's, so colleagues are strangers to it. `by_link`: for anybody, on its own host."""

    make: Callable[[], object]
    absent: str
    of_person: bool = False
    by_link: bool = False


def _granted(license_id: str) -> License:
    made = builders.granted(license_id, commit_in_use=1)
    made.product_name = CANARY
    made.save()
    return made


def _license() -> str:
    return _granted("lic-of-the-victim").id


def _certificate() -> Certificate:
    return issuing.issue(builders.actor(), pki.request(CANARY))


def _key(text: str) -> str:
    return ApiKey.objects.values_list("id", flat=True).get(secret_hash=digests(text)[0])


def _endpoint() -> str:
    with context.acting_for(cast.VECTOR.id):
        url = f"https://{CANARY}.example/in"
        return endpoints.add(cast.VECTOR.id, url=url, listens_to=["license.provisioned"], actor=builders.actor())[0].id


def _delivery() -> str:
    return WebhookDelivery.objects.create(
        id="whd-of-the-victim", endpoint_id=_endpoint_there(), vendor_id=cast.VECTOR.id, message_id="msg-1",
        event="license.provisioned", body="{}", status="failed", next_try_at=clock.now(),
    ).id  # fmt: skip


def _endpoint_there() -> str:
    known = WebhookEndpoint.objects.values_list("id", flat=True).first()
    return known or _endpoint()


def _product() -> str:
    Product.objects.filter(id=cast.DAVINCI.id).update(name=CANARY)
    return cast.DAVINCI.id


def _registration() -> int:
    registered()
    return Registration.objects.values_list("pk", flat=True).get()


def _issued() -> str:
    return builders.issued("lic-of-the-victim", tenant_id=cast.MERCEDES.id, status="provisioned").id


def _account() -> int:
    made = builders.account(crm_account_id=CANARY, tenant_id=cast.MERCEDES.id)
    type(made).objects.filter(pk=made.pk).update(customer_name=CANARY)
    return made.pk


def _alert() -> Alert:
    known, now = Alert.objects.first(), clock.now()
    return known or Alert.objects.create(
        id="alert-of-the-victim", kind="cross_tenant", severity="critical", subject_kind="key", subject_id=CANARY,
        subject_name=CANARY, first_at=now, last_at=now, facts={"ip": "203.0.113.9"},
    )  # fmt: skip


def _channel() -> Channel:
    target = {"url": f"https://{CANARY}.example/in"}
    return channels.add("webhook", target, actor=builders.actor(), name=CANARY)[0]


def _revoke_link() -> str:
    """In a mail about one of the victim's keys."""
    alert, now = _alert(), clock.now()
    Alert.objects.filter(pk=alert.pk).update(subject_id=_key(builders.tenant_key(app_name=CANARY)))
    alert.refresh_from_db()
    delivery = Delivery.objects.create(
        id="ald-of-the-victim", endpoint=_channel(), alert=alert, message_id="msg-1", event="alert.raised", body="{}",
        next_try_at=now, created_at=now,
    )  # fmt: skip
    return revoking.link_for(delivery, alert, victims.victim()).rpartition("/")[2]


def _entry(vendor_id: str = "") -> int:
    number = PERSON + bool(vendor_id)  # the platform's log stands in the same table
    return AuditEntry.objects.create(
        pk=number, event="test.happened", actor_kind="system", actor_label=CANARY, vendor_id=vendor_id
    ).pk


def _fingerprint() -> str:
    now = clock.now()
    return Fingerprint.objects.create(
        id="fp-of-the-victim",
        product_id=cast.DAVINCI.id,
        value=CANARY,
        state="unknown",
        first_seen_at=now,
        last_seen_at=now,
    ).id


def _public_key() -> bytes:
    return Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _device() -> str:
    return Device.objects.create(
        id="dev-of-the-victim", thumbprint="A" * 43, algorithm="Ed25519", public_key=_public_key(), name=CANARY, state="pending",
        created_at=clock.now(),
    ).id  # fmt: skip


def _product_secret() -> str:
    with transaction.atomic(), context.acting_for(cast.VECTOR.id):
        secrets.generate(builders.actor(), cast.VECTOR.id, cast.DAVINCI.id)
    return ProductSecret.objects.values_list("id", flat=True)[0]


def _owner_of_a_data_key() -> str:
    with transaction.atomic(), context.acting_for(cast.VECTOR.id):
        data_keys.in_use(owner := f"vendor:{cast.VECTOR.id}")
    return owner


NUMBER, SECRET = "990001", "A" * 43
OF_TENANTS = {
    "key_id": Belonging(lambda: _key(builders.tenant_key(app_name=CANARY)), "key-not-there"),
    "license_id": Belonging(_license, "lic-not-there"),
    "lease_id": Belonging(
        lambda: builders.leased(_granted("lic-leased"), "lease-of-the-victim", user=CANARY).id,
        "lease-not-there",
    ),
    "user_id": Belonging(lambda: victims.colleague(victims.victim()), NUMBER),
    "user_id/withdraw": Belonging(lambda: victims.invited(role="viewer"), NUMBER),
    "user_id/invite-again": Belonging(lambda: victims.invited(role="viewer"), NUMBER),
    "token_id": Belonging(
        lambda: tokens.issue(victims.victim(), CANARY, actor=builders.actor())[0].id, "tok-not-there", True
    ),
    "session_id": Belonging(lambda: victims.session(victims.victim()), "0" * 32, True),
    "passkey_id": Belonging(lambda: victims.passkey(victims.victim()), NUMBER, True),
    "fingerprint_id": Belonging(_fingerprint, "fp-not-there"),
    "device_id": Belonging(_device, "dev-not-there"),
    "alert_id": Belonging(lambda: _alert().id, "alert-not-there"),
    "channel_id": Belonging(lambda: _channel().id, "channel-not-there"),
    "alerts/secret": Belonging(_revoke_link, SECRET, by_link=True),
    "entry_id": Belonging(_entry, NUMBER),
    "certificate_id": Belonging(lambda: _certificate().id, "cert-not-there"),
    "authority_id": Belonging(
        lambda: uploading.upload(builders.actor(), pki.authority(CANARY).pem)[0].id, "ca-not-there"
    ),
    "authority_id/certificate": Belonging(lambda: _certificate().authority_id, "ca-not-there", by_link=True),
    "authority_id/crl": Belonging(lambda: _certificate().authority_id, "ca-not-there", by_link=True),
    "invitations/secret": Belonging(lambda: victims.invitation(role="viewer"), SECRET, by_link=True),
    "resets/secret": Belonging(lambda: victims.reset(victims.victim()), SECRET, by_link=True),
}
OF_VENDORS = {
    "key_id": Belonging(lambda: _key(builders.vendor_key(app_name=CANARY)), "key-not-there"),
    "secrets/key_id": Belonging(_product_secret, "0" * 16),
    "signing/key_id": Belonging(_product_secret, "0" * 16),
    "license_id": Belonging(_issued, "lic-not-there"),
    "account_id": Belonging(_account, NUMBER),
    "product_id": Belonging(_product, "product-not-there"),
    "endpoint_id": Belonging(_endpoint_there, "wh-not-there"),
    "entry_id": Belonging(lambda: _entry(cast.VECTOR.id), NUMBER),
    "delivery_id": Belonging(_delivery, "whd-not-there"),
    "user_id": Belonging(lambda: victims.colleague(victims.vendor_victim()), NUMBER),
    "user_id/withdraw": Belonging(lambda: victims.invited(role="sales", vendor_id=cast.VECTOR.id), NUMBER),
    "user_id/invite-again": Belonging(lambda: victims.invited(role="sales", vendor_id=cast.VECTOR.id), NUMBER),
    "session_id": Belonging(lambda: victims.session(victims.vendor_victim()), "0" * 32, True),
    "passkey_id": Belonging(lambda: victims.passkey(victims.vendor_victim()), NUMBER, True),
    "invitations/secret": Belonging(
        lambda: victims.invitation(role="sales", vendor_id=cast.VECTOR.id), SECRET, by_link=True
    ),
    "resets/secret": Belonging(lambda: victims.reset(victims.vendor_victim()), SECRET, by_link=True),
}
OF_THE_PLATFORM = {
    "tenant_id": Belonging(lambda: cast.MERCEDES.id, "not-there"),
    "vendor_id": Belonging(lambda: cast.VECTOR.id, "not-there"),
    "registration_id": Belonging(_registration, NUMBER),
    "entry_id": Belonging(_entry, NUMBER),
    "owner": Belonging(_owner_of_a_data_key, "tenant:not-there"),
}
OF = {"tenant": OF_TENANTS, "vendors": OF_VENDORS, "apex": OF_THE_PLATFORM}

# Parts of addresses that name nothing of anybody's, and a value to ask with.
NOBODYS = {
    "period": "2026-10",
    "ending": "csv",
    "slug": "quick-start",
    "code": "wrong_tenant",
    "name": "x",  # a file of the mail viewer, which `make run` alone has
    "digest": "0" * 16,
    "kind": "unknown_address",  # of alerts: a word of the product's
    "sent": "x",  # a question about certificates, which answers for itself
}
BRANDS = {"vendor_id": cast.VECTOR.id}  # a vendor's logo, for everybody to see: the digest guards it
WARES = {
    "product_id": cast.DAVINCI.id
}  # at a tenant: a vendor's word for what it sells, and what the tenant says of it
