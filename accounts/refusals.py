"""What refuses people, their invitations and their tokens."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class TokenInvalid(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_invalid"
    title = gettext_noop("This token is unknown here. Check that it was copied whole, and that it is for this address.")


class TokenExpired(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_expired"
    title = gettext_noop("This token has expired. Make a new one.")


class TokenRevoked(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_revoked"
    title = gettext_noop("This token was revoked. Make a new one.")


class InvitationUnknown(Refusal):
    kind = Kind.MISSING
    code = "invitation_unknown"
    title = gettext_noop("This link leads to no invitation. Check that it was copied whole, or ask for a new one.")


class InvitationUsed(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_used"
    title = gettext_noop("This invitation has been used. Sign in with the password you chose.")


class InvitationExpired(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_expired"
    title = gettext_noop("This invitation has expired. Ask an administrator for a new one.")


class PersonExists(Refusal):
    kind = Kind.CONFLICT
    code = "user_exists"
    title = gettext_noop("Somebody with this e-mail address is here already.")


class LastOwner(Refusal):
    kind = Kind.CONFLICT
    code = "last_owner"
    title = gettext_noop("There must be an active owner. Make somebody else an owner first.")


class ResetUnknown(Refusal):
    kind = Kind.MISSING
    code = "reset_unknown"
    title = gettext_noop("This link leads nowhere. Check that it was copied whole, or ask for a new one.")


class ResetUsed(Refusal):
    kind = Kind.CONFLICT
    code = "reset_used"
    title = gettext_noop("This link has been used. Sign in with the password you chose, or ask for a new link.")


class ResetExpired(Refusal):
    kind = Kind.CONFLICT
    code = "reset_expired"
    title = gettext_noop("This link has expired, or a newer one took its place. Ask for a new one.")


class WrongPassword(Refusal):
    kind = Kind.INVALID
    code = "wrong_password"
    title = gettext_noop("This is not your present password.")


class WrongCode(Refusal):
    kind = Kind.INVALID
    code = "wrong_code"
    title = gettext_noop(
        "This code is not right, or was used already. Wait for the next one, and check the clock of your device."
    )


class PasskeyRefused(Refusal):
    kind = Kind.INVALID
    code = "passkey_refused"
    title = gettext_noop("This passkey could not be verified here.")


class SecondFactorRequired(Refusal):
    kind = Kind.FORBIDDEN
    code = "second_factor_required"
    title = gettext_noop("Your role needs a second factor. Sign in on the pages and add one.")


class SecondFactorForEverybody(Refusal):
    kind = Kind.CONFLICT
    code = "second_factor_for_everybody"
    title = gettext_noop("Everybody needs a second factor on this server; it can't be left to roles.")


class ConfirmationRequired(Refusal):
    kind = Kind.FORBIDDEN
    code = "confirmation_required"
    title = gettext_noop("Confirm on the pages that it is you, then try again. A personal token needs no confirmation.")


class StillActive(Refusal):
    kind = Kind.CONFLICT
    code = "still_active"
    title = gettext_noop("This person may still sign in. Deactivate them first; then what names them can be erased.")
