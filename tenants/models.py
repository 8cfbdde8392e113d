"""Tenants, their registrations and how far their provisioning has come. All in `public`."""

from __future__ import annotations

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Registration(models.Model):
    """A company that asked for a tenant. Nothing else exists for it until its domain is proved."""

    class Status(models.TextChoices):
        PENDING = "pending_verification"
        VERIFIED = "verified"
        EXPIRED = "expired"
        CLOSED = "closed"  # another registration of its names was proved

    tenant_id = models.CharField(max_length=40, db_index=True)
    company_name = models.CharField(max_length=255)
    domain = models.CharField(max_length=253, db_index=True)
    country = models.CharField(max_length=2, blank=True)
    tax_id = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=20)
    plan = models.CharField(max_length=20)
    admin_email = models.EmailField(max_length=254)
    admin_name = models.CharField(max_length=255, blank=True)
    token = models.CharField(max_length=64, unique=True)  # public by nature: it is shown in the company's DNS
    status = models.CharField(max_length=24, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=40, blank=True)  # "dns", or the operator who vouched
    next_look_at = models.DateTimeField(null=True)
    looks = models.PositiveIntegerField(default=0)
    last_found = models.JSONField(default=list)  # TXT texts seen at the last look
    last_problem = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_look_at"], condition=models.Q(status="pending_verification"), name="due_looks")
        ]


class Tenant(TenantMixin):
    """A customer's isolated space: a row here, a schema and a role of the database there."""

    class Status(models.TextChoices):
        PROVISIONING = "provisioning"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        DELETED = "deleted"

    auto_create_schema = False  # provisioning.py makes it, step by step
    auto_drop_schema = False

    id = models.CharField(primary_key=True, max_length=40)
    company_name = models.CharField(max_length=255)
    domain = models.CharField(max_length=253, unique=True)
    country = models.CharField(max_length=2, blank=True)
    tax_id = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=20)
    plan = models.CharField(max_length=20)
    crm_id = models.CharField(max_length=20, unique=True)  # CUST-00001: how vendors may refer to it
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PROVISIONING)
    admin_email = models.EmailField(max_length=254)
    admin_name = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    is_provisioned = models.BooleanField(default=False)
    tidied_at = models.DateTimeField(null=True)  # when its schema was last rid of what is only kept for a while


class Domain(DomainMixin):
    """A customer's own host name that leads to its tenant, besides `{tenant}.BASE_DOMAIN`."""


class OnboardingStep(models.Model):
    """One step of provisioning: done once, whoever tries and however often."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_problem = models.CharField(max_length=500, blank=True)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_row_a_step")]
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(done_at=None), name="due_steps")]


class SweepDue(models.Model):
    """When a tenant's leases have to be looked through for lapsed ones; no row, nothing in use. One query finds who is due."""

    tenant_id = models.CharField(primary_key=True, max_length=40)
    due_at = models.DateTimeField(db_index=True)
    idle_looks = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often in a row nothing was in use
