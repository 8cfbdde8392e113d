"""What the tenants' API takes and gives, as its OpenAPI says it. Rules about names live in registration.py."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from cloudlicenses.kit.clock import rfc3339
from cloudlicenses.web.fields import Email, Line
from cloudlicenses.web.pages import tenant_url
from tenants.models import Registration, Tenant
from tenants.names import LONGEST_DOMAIN, RESERVED, fault_of_tenant_id
from tenants.plans import COUNTRIES, PLANS, REGIONS
from tenants.progress import Progress
from tenants.registration import Application
from tenants.roles import TENANT_ID
from tenants.verification import record_name, record_value

LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


class TenantId(Line):
    """A name for a new tenant. Reserved names are refused by the story (names.py)."""

    pattern = TENANT_ID.pattern
    told: ClassVar[dict[str, Any]] = {"not": {"anyOf": [{"enum": sorted(RESERVED)}, {"pattern": "^xn--"}]}}
    default_error_messages = {"shape": fault_of_tenant_id("")}


class DomainName(Line):
    """The company's domain. The story knows the rules (names.py), and takes names in other scripts besides."""

    told: ClassVar[dict[str, Any]] = {"pattern": rf"^({LABEL}\.)+[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?$"}


class CompanySerializer(serializers.Serializer[Any]):
    name = Line(max_length=255)
    domain = DomainName(max_length=LONGEST_DOMAIN, help_text="To be proved by a DNS record.")
    country = serializers.ChoiceField(
        sorted(COUNTRIES), required=False, allow_blank=True, help_text="ISO 3166-1 alpha-2."
    )
    tax_id = Line(max_length=64, required=False, allow_blank=True)


class TenantWishSerializer(serializers.Serializer[Any]):
    id = TenantId(max_length=40, help_text="Will be the subdomain.")
    region = serializers.ChoiceField(list(REGIONS), help_text="Where the data lives.")
    plan = serializers.ChoiceField(list(PLANS))


class AdministratorSerializer(serializers.Serializer[Any]):
    email = Email()
    name = Line(max_length=255, required=False, allow_blank=True)


class RegisterRequest(serializers.Serializer[Any]):
    company = CompanySerializer()
    tenant = TenantWishSerializer()
    admin = AdministratorSerializer()

    def application(self) -> Application:
        company, tenant, admin = (self.validated_data[part] for part in ("company", "tenant", "admin"))
        return Application(
            tenant_id=tenant["id"], region=tenant["region"], plan=tenant["plan"],
            company_name=company["name"], domain=company["domain"], country=company.get("country", ""),
            tax_id=company.get("tax_id", ""), admin_email=admin["email"], admin_name=admin.get("name", ""),
        )  # fmt: skip


class DnsRecordSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()


class VerificationMethodSerializer(serializers.Serializer[Any]):
    method = serializers.ChoiceField(["dns"])
    dns_record = DnsRecordSerializer()


class RegisterAnswer(serializers.Serializer[Any]):
    tenant_id = serializers.CharField()
    tenant_url = serializers.CharField()
    status = serializers.ChoiceField(["pending_verification"])
    verification = VerificationMethodSerializer()
    next_steps = serializers.ListField(child=serializers.CharField())


class VerifyRequest(serializers.Serializer[Any]):
    tenant_id = Line(max_length=40)
    verification_token = Line(max_length=64)


class VerifyAnswer(serializers.Serializer[Any]):
    tenant_id = serializers.CharField()
    status = serializers.ChoiceField(["verified"])
    tenant_url = serializers.CharField()
    admin_login = serializers.CharField()
    crm_id = serializers.CharField()
    created_at = serializers.DateTimeField()


class StepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(["pending", "in_progress", "done"])
    done_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()


class ProgressCountSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class StatusAnswer(serializers.Serializer[Any]):
    tenant_id = serializers.CharField()
    status = serializers.CharField()
    steps = StepSerializer(many=True)
    progress = ProgressCountSerializer()


def registered(registration: Registration) -> dict[str, Any]:
    """The answer to a registration."""
    return {
        "tenant_id": registration.tenant_id,
        "tenant_url": tenant_url(registration.tenant_id),
        "status": registration.status,
        "verification": {
            "method": "dns",
            "dns_record": {
                "type": "TXT",
                "name": record_name(registration.domain),
                "value": record_value(registration.token),
            },
        },
        "next_steps": [
            f"Add DNS TXT record to {registration.domain}",
            "Wait for verification (usually < 5 minutes)",
            "Receive admin credentials via email",
        ],
    }


def verified(tenant: Tenant) -> dict[str, Any]:
    """The answer to a proof."""
    return {
        "tenant_id": tenant.pk,
        "status": "verified",
        "tenant_url": tenant_url(tenant.pk),
        "admin_login": tenant_url(tenant.pk, "/login"),
        "crm_id": tenant.crm_id,
        "created_at": rfc3339(tenant.created_at),
    }


def progressed(progress: Progress) -> dict[str, Any]:
    """The answer to "how far is it?"."""
    return {
        "tenant_id": progress.tenant_id,
        "status": progress.status,
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "done_at": rfc3339(step.done_at) if step.done_at else None,
                "attempts": step.attempts,
            }
            for step in progress.steps
        ],
        "progress": {"done": progress.done, "total": len(progress.steps)},
    }
