"""A customer that is watched: alerts in hundreds, where they are sent, and client certificates."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from tenants.context import inside

KIND = "unknown_address"


def write(tenant_id: str, *, alerts: int, certificates: int, admin: str) -> dict[str, str]:
    """Names of single ones, as addresses have them. `admin` is somebody who may revoke keys."""
    with inside(tenant_id):
        _devices(alerts)
        return _alerts(alerts, admin) | _certificates(certificates)


def _devices(number: int) -> None:
    """Every other one waits for an administrator."""
    from applications.models import Device

    now = clock.now()
    Device.objects.bulk_create(
        Device(
            id=f"device-{n}", thumbprint=f"thumbprint-{n}", algorithm="ed25519", public_key=b"-", name=f"Workstation {n}",
            state="pending" if n % 2 else "active", created_at=now,
        )
        for n in range(1, number + 1)
    )  # fmt: skip


def _alerts(number: int, admin: str) -> dict[str, str]:
    from accounts.models import Role, User
    from alerts import channels, revoking
    from alerts.models import Alert, Delivery

    now = clock.now()
    Alert.objects.bulk_create(
        Alert(
            id=f"alert-{n}", kind=KIND, severity="high", status="open" if n <= number // 10 else "resolved", subject_kind="key",
            subject_id=f"key-{n}", subject_name=f"Workstation {n}", count=n, first_at=now - timedelta(hours=n), last_at=now,
        )
        for n in range(1, number + 1)
    )  # fmt: skip
    channel, _secret = channels.add("webhook", {"url": "https://hooks.example.com/"}, actor=SYSTEM, name="Watch")
    Delivery.objects.bulk_create(
        Delivery(
            id=f"delivery-{n}", endpoint=channel, alert_id=f"alert-{n}", message_id=f"msg-{n}", event="alert.opened", body="{}",
            status="delivered", attempts=1, next_try_at=now, delivered_at=now, created_at=now,
        )
        for n in range(1, number + 1)
    )  # fmt: skip
    reader = User.objects.create(email=admin, name="Admin", role=Role.LICENSE_ADMIN, created_at=now)
    link = revoking.link_for(Delivery.objects.get(pk="delivery-1"), Alert.objects.get(pk="alert-1"), reader)
    return {"alert": "alert-1", "channel": channel.pk, "revoking": link.rpartition("/")[2], "rule": KIND}


def _certificates(number: int) -> dict[str, str]:
    from certificates import building, issuing, uploading
    from certificates.models import Certificate

    _key, theirs = building.new_authority("elsewhere", "Elsewhere AG", clock.now())
    [uploaded] = uploading.upload(SYSTEM, theirs.public_bytes(Encoding.PEM).decode())
    made: list[Certificate] = [issuing.issue(SYSTEM, _request(f"workstation-{n}")) for n in range(number)]
    return {"certificate": made[0].pk, "authority": made[0].authority_id, "uploaded": uploaded.pk}


def _request(name: str) -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return signed.public_bytes(Encoding.PEM).decode()
