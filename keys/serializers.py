"""What may be sent about keys, and how a key is shown. The key's text appears in one answer only: the one that made it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from certificates import names
from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Flag, Line, Network, Whole
from cloudlicenses.web.json import FreeFormField
from cloudlicenses.web.pages import tenant_url
from keys.issuing import APPLICATION_SCOPES, Issued, Restrictions
from keys.models import ApiKey

HOST_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
APP_TYPES = ("desktop", "ci_cd", "cloud_service")
LONGEST_LIFE_DAYS = 3650


class Hostname(Line):
    pattern = f"{HOST_LABEL}([.]{LABEL})*"
    default_error_messages = {"shape": "Must be a host name, such as dev-ws-042.example.com."}


class CertificateName(Line):
    told: ClassVar[dict[str, Any]] = {
        "anyOf": [{"pattern": f"^{pattern}$", "maxLength": longest} for pattern, longest in names.WRITTEN]
    }
    default_error_messages = {"shape": f"Must be a name with its sort, such as {names.EXAMPLES}."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": names.LONGEST} | options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return names.tidied(super().to_internal_value(data))
        except names.NotAName:
            self.fail("shape")


class RestrictionsRequest(serializers.Serializer[Any]):
    """Only what is named changes; an empty list lifts a restriction."""

    allowed_hostnames = serializers.ListField(child=Hostname(max_length=253), max_length=200, required=False)
    allowed_ip_ranges = serializers.ListField(child=Network(), max_length=200, required=False)
    allowed_products = serializers.ListField(child=Line(max_length=100), max_length=200, required=False)
    require_mtls = Flag(required=False)
    client_cert_cn = Line(max_length=253, allow_blank=True, required=False)
    client_cert_names = serializers.ListField(child=CertificateName(), max_length=200, required=False)
    require_device = Flag(required=False)
    checkouts_per_minute = Whole(min_value=1, max_value=1_000_000, allow_null=True, required=False)
    requests_per_hour = Whole(min_value=1, max_value=100_000_000, allow_null=True, required=False)

    def restrictions(self) -> Restrictions:
        named = {
            name: value for name, value in self.validated_data.items() if name in Restrictions.__dataclass_fields__
        }
        frozen: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in named.items()}
        return Restrictions(**frozen)


class GenerateRequest(RestrictionsRequest):
    app_name = Line(max_length=100)
    app_type = serializers.ChoiceField(choices=APP_TYPES, default="desktop")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=APPLICATION_SCOPES),
        min_length=1,
        default=["license:checkout", "license:return"],
    )
    expires_in_days = Whole(min_value=1, max_value=LONGEST_LIFE_DAYS, allow_null=True, default=365)
    metadata = FreeFormField(default=dict)


class KeyAnswer(serializers.Serializer[Any]):
    """A key as it is listed."""

    key_id = serializers.CharField()
    hint = serializers.CharField(help_text="The key's last characters.")
    app_name = serializers.CharField()
    app_type = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    allowed_hostnames = serializers.ListField(child=serializers.CharField())
    allowed_ip_ranges = serializers.ListField(child=serializers.CharField())
    allowed_products = serializers.ListField(child=serializers.CharField())
    require_mtls = serializers.BooleanField()
    client_cert_cn = serializers.CharField()
    client_cert_names = serializers.ListField(child=serializers.CharField())
    require_device = serializers.BooleanField()
    checkouts_per_minute = serializers.IntegerField(allow_null=True)
    requests_per_hour = serializers.IntegerField(allow_null=True)
    metadata = FreeFormField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    replaced_by = serializers.CharField(allow_null=True)


class SnippetAnswer(serializers.Serializer[Any]):
    environment_variables = serializers.DictField(child=serializers.CharField())
    config_file = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))


class IssuedAnswer(serializers.Serializer[Any]):
    """A new key: `api_key` is shown this once."""

    key_id = serializers.CharField()
    api_key = serializers.CharField()
    tenant_url = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    integration_snippet = SnippetAnswer()


class JwkAnswer(serializers.Serializer[Any]):
    """A public key (RFC 7517): `x` of an Ed25519 key, `pub` of an ML-DSA-65 key."""

    kty = serializers.CharField()
    kid = serializers.CharField()
    alg = serializers.CharField()
    use = serializers.CharField()
    crv = serializers.CharField(required=False)
    x = serializers.CharField(required=False)
    pub = serializers.CharField(required=False)


class JwkSet(serializers.Serializer[Any]):
    keys = JwkAnswer(many=True)


def shown(key: ApiKey) -> dict[str, Any]:
    """A key without its text."""
    same = (
        "hint", "app_name", "app_type", "scopes", "allowed_hostnames", "allowed_ip_ranges", "allowed_products", "require_mtls",
        "client_cert_cn", "client_cert_names", "require_device",
        "checkouts_per_minute", "requests_per_hour", "metadata", "created_by",
    )  # fmt: skip
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "key_id": key.id,
        **{name: getattr(key, name) for name in same},
        **{name: rfc3339(value) if (value := getattr(key, name)) else None for name in moments},
        "replaced_by": key.replaced_by or None,
    }


def shown_once(issued: Issued) -> dict[str, Any]:
    """A new key with its text, and what to paste where."""
    key, url = issued.key, tenant_url(issued.key.owner)
    return {
        "key_id": key.id,
        "api_key": issued.text,
        "tenant_url": url,
        "scopes": key.scopes,
        "expires_at": rfc3339(key.expires_at) if key.expires_at else None,
        "created_at": rfc3339(key.created_at),
        "integration_snippet": snippet(url, issued.text),
    }


def snippet(url: str, text: str) -> dict[str, Any]:
    return {
        "environment_variables": {"LICENSE_SERVER_URL": url, "LICENSE_API_KEY": text},
        "config_file": {"license_server": {"url": url, "api_key": text}},
    }


class LeakReport(serializers.Serializer[Any]):
    """One key or token that was found. `type` and `source` are what secret scanners send along; nothing depends on them."""

    token = Line(max_length=500)
    type = Line(max_length=100, allow_blank=True, default="")
    url = Line(max_length=500, allow_blank=True, default="")
    source = Line(max_length=100, allow_blank=True, default="")  # type: ignore[assignment]  # a field may be named so


class LeakReports(serializers.Serializer[Any]):
    reports = serializers.ListField(child=LeakReport(), max_length=100)


class LeakAnswer(serializers.Serializer[Any]):
    """Always the same, whatever was reported."""

    status = serializers.ChoiceField(choices=["received"])


class KeyKind(serializers.Serializer[Any]):
    prefix = serializers.CharField()
    description = serializers.CharField()


class KeyPatterns(serializers.Serializer[Any]):
    """`pattern` is a regular expression; the last six characters are a checksum of the rest."""

    pattern = serializers.CharField()
    kinds = KeyKind(many=True)
    report_to = serializers.URLField()
