"""People. The same tables stand in `public` (operators, vendor staff) and in each tenant's schema (its own people)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import roles
from cloudlicenses.sealing.fields import SealedField

NO_SCOPES = models.Value([], models.JSONField())


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
    def visiting(self) -> models.QuerySet[User]:
        """Those who may come in, each with what is asked of every visitor: which roles of theirs need a second factor."""
        asked = AccessPolicy.objects.filter(pk=models.OuterRef("vendor_id")).values("second_factor_roles")
        return self.filter(is_active=True).annotate(roles_asked=models.Subquery(asked))

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
    language = models.CharField(max_length=10, blank=True, db_default="")  # empty: what the browser asks for
    time_zone = models.CharField(max_length=64, blank=True, db_default="")  # empty: UTC
    second_factor_since = models.DateTimeField(null=True)  # kept by second_factors.py

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    @property
    def rights(self) -> frozenset[str]:
        """All that this person may do, by their role (accounts/roles.py)."""
        return roles.rights_of(self.role)

    def may(self, right: str) -> bool:
        return roles.may(self.role, right)

    @property
    def state(self) -> str:
        """`active`, `invited` (has no password yet) or `deactivated`."""
        if not self.is_active:
            return "deactivated"
        return "active" if self.password else "invited"

    @property
    def must_enrol(self) -> bool:
        """Whether their role needs a second factor that this person doesn't have yet."""
        return self.second_factor_since is None and AccessPolicy.asks_second_factor_of(self)


class Link(models.Model):
    """A single-use, expiring link by mail; only the hash of its secret is kept (links.py)."""

    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Invitation(Link):
    """To set a first password."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")


class PasswordReset(Link):
    """To set another password than the forgotten one. `asked_in` is the event that asked for it, heard more than once at times."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="resets")
    asked_in = models.CharField(max_length=64, unique=True)


class Totp(models.Model):
    """An authenticator app's secret, sealed. It counts once a code has confirmed it; `last_step` is the time step last used up."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="totp")
    sealed_secret = SealedField(vendor="user.vendor_id")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """For whoever has lost the other factors; each works once, and only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="one_row_a_recovery_code")]


class Passkey(models.Model):
    """A WebAuthn credential. It works on the host where it was made (`rp_id`), and nowhere else."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url
    credential = models.BinaryField()  # attested credential data, with the public key
    sign_count = models.BigIntegerField()
    rp_id = models.CharField(max_length=253)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class Session(AbstractBaseSession):
    """A browser that is signed in (sessions.py); taking the row away signs it out."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)


class AccessPolicy(models.Model):
    """Which roles need a second factor, where not everybody does: of a tenant (in its schema), or of one vendor (in `public`)."""

    vendor_id = models.CharField(primary_key=True, max_length=40)  # empty in a tenant's schema
    second_factor_roles = models.JSONField(default=list)

    @classmethod
    def asks_second_factor_of(cls, user: User) -> bool:
        if settings.SECOND_FACTOR_FOR == "everybody":
            return True
        if user.role == Role.OPERATOR:
            return bool(settings.OPERATORS_NEED_SECOND_FACTOR)
        if not hasattr(user, "roles_asked"):  # no visitor, but somebody looked up by another way
            return cls.objects.filter(pk=user.vendor_id, second_factor_roles__contains=user.role).exists()
        return user.role in (user.roles_asked or ())


class PersonalToken(models.Model):
    """`clpt_{tenant}_…`: acts as its user in the API, as far as the user's role allows. Stored hashed."""

    id = models.CharField(primary_key=True, max_length=40)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list, db_default=NO_SCOPES)  # rights; none: all that the role has
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def may(self, right: str) -> bool:
        """What its user may do now, as far as it was made for it."""
        return self.user.may(right) and (not self.scopes or right in self.scopes)
