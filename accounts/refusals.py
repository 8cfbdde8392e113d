"""What refuses people, their invitations and their tokens."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal


class TokenInvalid(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_invalid"
    title = "This token is unknown here. Check that it was copied whole, and that it is for this address."


class TokenExpired(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_expired"
    title = "This token has expired. Make a new one."


class TokenRevoked(Refusal):
    kind = Kind.UNKNOWN_CALLER
    code = "token_revoked"
    title = "This token was revoked. Make a new one."


class InvitationUnknown(Refusal):
    kind = Kind.MISSING
    code = "invitation_unknown"
    title = "This link leads to no invitation. Check that it was copied whole, or ask for a new one."


class InvitationUsed(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_used"
    title = "This invitation has been used. Sign in with the password you chose."


class InvitationExpired(Refusal):
    kind = Kind.CONFLICT
    code = "invitation_expired"
    title = "This invitation has expired. Ask an administrator for a new one."


class PersonExists(Refusal):
    kind = Kind.CONFLICT
    code = "user_exists"
    title = "Somebody with this e-mail address is here already."


class LastOwner(Refusal):
    kind = Kind.CONFLICT
    code = "last_owner"
    title = "There must be an active owner. Make somebody else an owner first."
