"""What went wrong, said to a person: the server's own words, and what to do about it."""

from __future__ import annotations

import sys

from .. import _errors as errors
from .. import _refusals as refusals

REFUSED = 1
TRY_LATER = 75
MAY_NOT = 77
NOT_CONFIGURED = 78

_Kinds = tuple[type[errors.CloudLicensesError], ...]

_TEMPORARY: _Kinds = (
    refusals.CheckoutRefusedError,
    refusals.RateLimitedError,
    errors.ServerUnreachableError,
    errors.ServerError,
)

# The first that fits speaks.
_ADVICE: tuple[tuple[_Kinds, str], ...] = (
    (
        (refusals.LicenseUnavailableError, refusals.OverageMaxExceededError),
        "Try again later, or let `run --wait SECONDS` wait.",
    ),
    ((refusals.CustomerCapReachedError,), "Ask your license administrator to raise the cap or the budget."),
    ((refusals.ReservedForOthersError,), "Ask your license administrator for a reservation."),
    ((refusals.ProductNotLicensedError,), "Check --product; `cloudlicenses status` lists what is licensed."),
    ((refusals.CheckoutRefusedError,), "Ask your license administrator."),
    ((refusals.LeaseGoneError,), "Nothing is held under this id; there is nothing left to return."),
    ((refusals.ScopeMissingError,), "Generate a key with the scope this command needs (see its --help)."),
    ((refusals.HostnameNotAllowedError,), "Use the key on the host it is bound to, or pass that name with --hostname."),
    (
        (refusals.ClientCertificateRequiredError, refusals.ClientCertificateRejectedError),
        "Pass the certificate with --cert.",
    ),
    ((refusals.WrongTenantError,), "Check that LICENSE_SERVER_URL is the tenant the key belongs to."),
    ((refusals.RoleNotAllowedError,), "Use the token of a user whose role may do this."),
    ((refusals.PermissionDeniedError,), "Ask your license administrator."),
    ((refusals.AuthenticationError,), "Generate a new key (`cloudlicenses keys generate`) and set it."),
    ((refusals.RateLimitedError,), "Too many requests with this key; wait a minute."),
    ((errors.ServerUnreachableError,), "Check LICENSE_SERVER_URL, the network and --ca."),
    ((errors.ServerError,), "The server has trouble; try again later."),
    ((errors.ClockSetBackError, errors.LeaseTokenExpiredError), "Check this machine's clock."),
    ((errors.LeaseTokenError,), "Check that LICENSE_SERVER_URL is the right server."),
)


def complain(trouble: errors.CloudLicensesError) -> int:
    """Say it on standard error; answers the exit code."""
    say(" ".join(filter(None, (str(trouble), _wrong_fields(trouble), advice_for(trouble)))))
    return exit_code_for(trouble)


def _wrong_fields(trouble: errors.CloudLicensesError) -> str:
    named = trouble.facts.get("errors") if isinstance(trouble, refusals.InvalidInputError) else None
    wrong = [error for error in named if isinstance(error, dict)] if isinstance(named, list) else []
    return " ".join(f"{error.get('field')}: {error.get('message')}" for error in wrong)


def advice_for(trouble: errors.CloudLicensesError) -> str:
    return next((advice for kinds, advice in _ADVICE if isinstance(trouble, kinds)), "")


def exit_code_for(trouble: errors.CloudLicensesError) -> int:
    if isinstance(trouble, errors.ConfigurationError):
        return NOT_CONFIGURED
    if isinstance(trouble, (refusals.AuthenticationError, refusals.PermissionDeniedError)):
        return MAY_NOT
    return TRY_LATER if isinstance(trouble, _TEMPORARY) else REFUSED


def say(words: str) -> None:
    """To the person, on standard error: standard output belongs to what was asked for."""
    print(f"cloudlicenses: {words}", file=sys.stderr, flush=True)
