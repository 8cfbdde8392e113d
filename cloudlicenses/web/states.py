"""How a state looks and reads, the same on every page: colour, picture, word. What is not listed is shown as it is, in grey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class State:
    """`tone` is good, bad, warn, info, or empty for grey."""

    tone: str
    icon: str
    word: StrPromise | str


STATES: dict[str, State] = {
    "active": State("good", "check", _("active")),
    "learned": State("", "check", _("learned")),
    "known": State("good", "check", _("approved")),
    "unknown": State("warn", "alert-triangle", _("new")),
    "blocked": State("bad", "ban", _("blocked")),
    "retired": State("", "x", _("retired")),
    "expiring": State("warn", "clock", _("expires soon")),
    "valid": State("good", "check", _("valid")),
    "provisioned": State("good", "check", _("provisioned")),
    "delivered": State("good", "check", _("delivered")),
    "success": State("good", "check", _("done")),
    "verified": State("good", "check", _("verified")),
    "suspended": State("warn", "player-pause", _("suspended")),
    "paused": State("warn", "player-pause", _("paused")),
    "commit_fee": State("", "", _("commit fee")),
    "rotated": State("warn", "refresh", _("replaced")),
    "invited": State("info", "mail", _("invited")),
    "not_started": State("info", "calendar", _("not started")),
    "pending": State("info", "clock", _("pending")),
    "pending_customer": State("info", "clock", _("waits for the customer")),
    "not_registered": State("info", "clock", _("not registered yet")),
    "generated": State("info", "file-certificate", _("generated")),
    "commit": State("info", "", _("commit")),
    "overage": State("warn", "", _("overage")),
    "expired": State("bad", "clock", _("expired")),
    "revoked": State("bad", "x", _("revoked")),
    "distrusted": State("bad", "shield-x", _("authority removed")),
    "refused": State("bad", "x", _("refused")),
    "failed": State("bad", "alert-triangle", _("failed")),
    "deleted": State("bad", "trash", _("deleted")),
    "deactivated": State("", "player-pause", _("deactivated")),
    "product_not_licensed": State("bad", "", _("product not licensed")),
    "license_suspended": State("bad", "", _("license suspended")),
    "license_expired": State("bad", "", _("contract over")),
    "license_not_started": State("bad", "", _("contract not begun")),
    "version_not_licensed": State("bad", "", _("version not covered")),
    "feature_not_licensed": State("bad", "", _("feature not included")),
    "no_licenses_available": State("bad", "", _("all seats in use")),
    "max_overage_exceeded": State("bad", "", _("all overage in use")),
    "customer_cap_reached": State("warn", "", _("own limit reached")),
    "reserved_for_others": State("warn", "", _("reserved for others")),
    "hostname_not_allowed": State("bad", "", _("other host")),
    "ip_not_allowed": State("bad", "", _("other network")),
    "product_not_allowed": State("bad", "", _("other product")),
    "wrong_tenant": State("bad", "", _("other tenant")),
    "scope_missing": State("bad", "", _("scope missing")),
    "role_not_allowed": State("bad", "", _("role not enough")),
    "rate_limited": State("warn", "", _("too many requests")),
    "key_missing": State("bad", "", _("no key")),
    "key_invalid": State("bad", "", _("unknown key")),
    "key_expired": State("bad", "", _("key expired")),
    "key_revoked": State("bad", "", _("key revoked")),
    "client_certificate_required": State("bad", "", _("no certificate")),
    "client_certificate_rejected": State("bad", "", _("certificate rejected")),
    "fingerprint_blocked": State("bad", "", _("installation not approved")),
    "signature_invalid": State("bad", "", _("signature invalid")),
    "device_required": State("bad", "", _("no device")),
    "device_not_allowed": State("bad", "", _("device not approved")),
    "device_revoked": State("bad", "", _("device revoked")),
    "tenant_suspended": State("bad", "", _("tenant suspended")),
    "vendor_suspended": State("bad", "", _("vendor suspended")),
    "vendor_mismatch": State("bad", "", _("other vendor")),
    "token_invalid": State("bad", "", _("unknown token")),
    "token_expired": State("bad", "", _("token expired")),
    "token_revoked": State("bad", "", _("token revoked")),
    "wrong_password": State("bad", "", _("wrong password")),
    "wrong_code": State("bad", "", _("wrong code")),
    "passkey_refused": State("bad", "", _("passkey not verified")),
    "password_easily_guessed": State("bad", "", _("password easily guessed")),
    "second_factor_required": State("bad", "", _("second factor needed")),
    "confirmation_required": State("bad", "", _("confirmation needed")),
    "open": State("bad", "alert-circle", _("open")),
    "acknowledged": State("info", "user-check", _("acknowledged")),
    "resolved": State("good", "check", _("resolved")),
    "superseded": State("", "", _("superseded")),
    "off": State("", "", _("off")),
    "low": State("", "", _("low")),
    "medium": State("info", "", _("medium")),
    "high": State("warn", "alert-triangle", _("high")),
    "critical": State("bad", "alert-triangle", _("critical")),
    "returned": State("", "check", _("returned")),
    "taken_back": State("", "arrow-back-up", _("taken back")),
}


def state_of(value: str) -> State:
    return STATES.get(value) or State("", "", value.replace("_", " "))
