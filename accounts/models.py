"""People. The same tables stand in `public` (operators, vendor staff) and in each tenant's schema (its own people)."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import roles


class Role(models.TextChoices):
    """What somebody is here; roles.py says what each may do. The first four are customers', the next four vendors'."""

    OWNER = "owner", _("Owner")
    LICENSE_ADMIN = "license_admin", _("License administrator")
    FINANCE = "finance", _("Finance")
    VIEWER = "viewer", _("Viewer")
    VENDOR_OWNER = "vendor_owner", _("Owner")
    SALES = "sales", _("Sales")
    VENDOR_FINANCE = "vendor_finance", _("Finance")
    VENDOR_VIEWER = "vendor_viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. `vendor_id` is set for a vendor's staff (in `public` only)."""

    email = models.EmailField(max_length=254, unique=True)  # kept in lower case
    name = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    vendor_id = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    @property
    def rights(self) -> frozenset[str]:
        """All that this person may do, by their role (accounts/roles.py)."""
        return roles.rights_of(self.role)

    def may(self, right: str) -> bool:
        return roles.may(self.role, right)


class Invitation(models.Model):
    """A single-use, expiring link to set a password. Only the hash of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class PersonalToken(models.Model):
    """`clpt_{tenant}_…`: acts as its user in the API, as far as the user's role allows. Stored hashed."""

    id = models.CharField(primary_key=True, max_length=40)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
