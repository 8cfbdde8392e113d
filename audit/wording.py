"""What happened, on what and by whom, in words for people, in the reader's language. Programs go by the names themselves.

A name without a word is shown as it is, with spaces; a test walks all that are recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

EVENTS: dict[str, StrPromise] = {
    "access.refused": _("Access refused"),
    "alert.acknowledged": _("Alert acknowledged"),
    "alert.raised": _("Alert raised"),
    "alert.repeated": _("Alert repeated"),
    "alert.resolved": _("Alert resolved"),
    "alert.test": _("Test message"),  # sent, not recorded
    "alert_channel.added": _("Alert channel added"),
    "alert_channel.changed": _("Alert channel changed"),
    "alert_channel.removed": _("Alert channel removed"),
    "alert_channel.secret_rotated": _("Signing secret of a channel rotated"),
    "alert_channel.tested": _("Alert channel tested"),
    "alert_rule.changed": _("Alert rule changed"),
    "business_hours.changed": _("Business hours changed"),
    "certificate.issued": _("Certificate issued"),
    "certificate.revoked": _("Certificate revoked"),
    "certificate_authority.created": _("Certificate authority created"),
    "certificate_authority.list_uploaded": _("Revocation list uploaded"),
    "certificate_authority.removed": _("Certificate authority removed"),
    "certificate_authority.uploaded": _("Certificate authority uploaded"),
    "customer.linked": _("Customer linked"),
    "data_key.rotated": _("Data key rotated"),
    "device.approved": _("Device approved"),
    "device.registered": _("Device registered"),
    "device.revoked": _("Device revoked"),
    "device_policy.changed": _("Approval of devices changed"),
    "fingerprint.approved": _("Installation approved"),
    "fingerprint.blocked": _("Installation blocked"),
    "fingerprint.unknown": _("New installation seen"),
    "fingerprint_mode.changed": _("Watch over installations changed"),
    "invitation.accepted": _("Invitation accepted"),
    "invitation.withdrawn": _("Invitation withdrawn"),
    "invoice.created": _("Invoice created"),
    "key.issued": _("Key generated"),
    "key.leaked": _("Key reported as leaked"),
    "key.refused": _("Key refused"),
    "key.restricted": _("Restrictions of a key changed"),
    "key.revoked": _("Key revoked"),
    "key.rotated": _("Key rotated"),
    "lease.expired": _("Seat lapsed"),
    "license.amended": _("License amended"),
    "license.announced": _("License announced"),
    "license.capped": _("Own limits changed"),
    "license.checked_out": _("Seat checked out"),
    "license.denied": _("Seat refused"),
    "license.expired": _("License expired"),
    "license.generated": _("License generated"),
    "license.provisioned": _("License provisioned"),
    "license.renewed": _("License renewed"),
    "license.resumed": _("License resumed"),
    "license.returned": _("Seat returned"),
    "license.revoked": _("License revoked"),
    "license.suspended": _("License suspended"),
    "license.taken_back": _("Seat taken back"),
    "log.erased": _("Personal data in the log erased"),
    "log.exported": _("Audit log exported"),
    "log.misdated": _("Entries put in afterwards"),
    "master_key.rotated": _("Master key rotated"),
    "month.closed": _("Month closed"),
    "passkey.added": _("Passkey added"),
    "passkey.removed": _("Passkey removed"),
    "password_reset.asked": _("Password reset asked for"),
    "person.erased": _("Person forgotten"),
    "person.erasure_asked": _("Asked to forget a person"),
    "policy.changed": _("Sign-in policy changed"),
    "product.added": _("Product added"),
    "product.changed": _("Product changed"),
    "product_secret.generated": _("Product secret generated"),
    "product_secret.retired": _("Product secret retired"),
    "product_signing.changed": _("Signing of a product changed"),
    "recovery_code.used": _("Recovery code used"),
    "recovery_codes.made": _("Recovery codes made"),
    "registration.expired": _("Registration expired"),
    "registration.received": _("Registration received"),
    "revoke_link.used": _("Key revoked from an e-mail"),
    "second_factors.forgotten": _("Second factors removed"),
    "session.all_ended": _("Signed out everywhere"),
    "session.ended": _("Session ended"),
    "tenant.deleted": _("Tenant deleted"),
    "tenant.exported": _("Tenant exported"),
    "tenant.provisioned": _("Tenant set up"),
    "tenant.resumed": _("Tenant resumed"),
    "tenant.retried": _("Set-up of a tenant tried again"),
    "tenant.suspended": _("Tenant suspended"),
    "tenant.verified": _("Domain verified"),
    "token.issued": _("Personal token made"),
    "token.leaked": _("Personal token reported as leaked"),
    "token.refused": _("Personal token refused"),
    "token.revoked": _("Personal token revoked"),
    "totp.added": _("Authenticator app added"),
    "totp.removed": _("Authenticator app removed"),
    "user.confirmation_refused": _("Confirmation refused"),
    "user.deactivated": _("Person deactivated"),
    "user.described": _("Profile changed"),
    "user.invited": _("Person invited"),
    "user.password_change_refused": _("Change of password refused"),
    "user.password_changed": _("Password changed"),
    "user.password_reset": _("Password reset"),
    "user.reactivated": _("Person reactivated"),
    "user.role_changed": _("Role changed"),
    "user.sign_in_refused": _("Sign-in refused"),
    "user.signed_in": _("Signed in"),
    "user.signed_out": _("Signed out"),
    "vendor.created": _("Vendor created"),
    "vendor.logo_changed": _("Logo changed"),
    "vendor.logo_removed": _("Logo removed"),
    "vendor.profile_changed": _("Vendor profile changed"),
    "vendor.renamed": _("Vendor renamed"),
    "vendor.resumed": _("Vendor resumed"),
    "vendor.suspended": _("Vendor suspended"),
    "webhook.added": _("Webhook added"),
    "webhook.changed": _("Webhook changed"),
    "webhook.redelivered": _("Webhook delivered again"),
    "webhook.removed": _("Webhook removed"),
    "webhook.secret_rotated": _("Signing secret of a webhook rotated"),
    "webhook.tested": _("Webhook tested"),
}
SUBJECTS: dict[str, StrPromise] = {
    "alert": _("Alert"),
    "alert_channel": _("Channel"),
    "alert_rule": _("Rule"),
    "business_hours": _("Business hours"),
    "certificate": _("Certificate"),
    "certificate_authority": _("Authority"),
    "crm_account": _("CRM account"),
    "data_key": _("Data key"),
    "device": _("Device"),
    "erasure": _("Erasure"),
    "fingerprint": _("Installation"),
    "key": _("Key"),
    "lease": _("Seat"),
    "license": _("License"),
    "log": _("Log"),
    "month": _("Month"),
    "product": _("Product"),
    "tenant": _("Tenant"),
    "token": _("Token"),
    "user": _("Person"),
    "vendor": _("Vendor"),
    "webhook": _("Webhook"),
    "webhook_delivery": _("Delivery"),
}
ACTORS: dict[str, StrPromise] = {
    "anonymous": _("Not signed in"),
    "key": _("Key"),
    "license": _("License"),
    "operator": _("Operator"),
    "system": _("CloudLicenses"),
    "token": _("Personal token"),
    "user": _("Person"),
    "vendor": _("Vendor"),
}


def event(name: str) -> str:
    """`key.refused`: "Key refused"."""
    return _worded(EVENTS, name)


def subject(kind: str) -> str:
    return _worded(SUBJECTS, kind)


def actor(kind: str) -> str:
    return _worded(ACTORS, kind)


def _worded(words: dict[str, StrPromise], name: str) -> str:
    return str(words.get(name) or name.replace(".", " ").replace("_", " "))
