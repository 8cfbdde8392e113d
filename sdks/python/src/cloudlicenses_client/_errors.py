"""Everything this library raises.

    CloudLicensesError
    ├── ConfigurationError              a setting is missing or malformed; nothing was sent
    ├── ServerUnreachableError          no answer, after all retries
    ├── UnexpectedAnswerError           an answer that is not this server's protocol
    ├── LeaseTokenError                 a signed lease that must not be believed
    │   ├── LeaseTokenExpiredError
    │   └── ClockSetBackError
    └── ApiError                        the server's problem document: code, status, title, detail, request_id, facts
        ├── ServerError                 5xx, after all retries
        │   └── ServerBusyError         503
        └── RefusedError                4xx: the server said no
            ├── BadRequestError         400, 413, 415, 422
            │   ├── InvalidInputError
            │   └── IdempotencyConflictError
            ├── PaymentDueError         402
            ├── AuthenticationError     401
            │   └── ApiKeyMissingError, ApiKeyInvalidError, ApiKeyExpiredError, ApiKeyRevokedError
            ├── PermissionDeniedError   403
            │   └── WrongTenantError, ScopeMissingError, IpNotAllowedError, HostnameNotAllowedError,
            │       ClientCertificateRequiredError, ClientCertificateRejectedError, FingerprintBlockedError,
            │       SignatureInvalidError, DeviceRequiredError, DeviceNotAllowedError, ProductNotAllowedError,
            │       RoleNotAllowedError, TenantSuspendedError
            ├── NotFoundError           404
            ├── ConflictError           409
            ├── RateLimitedError        429
            ├── CheckoutRefusedError    no seat for this request
            │   └── LicenseUnavailableError, OverageMaxExceededError, CustomerCapReachedError, LicenseSuspendedError,
            │       LicenseExpiredError, LicenseNotStartedError, VersionNotLicensedError, FeatureNotLicensedError,
            │       ReservedForOthersError, ProductNotLicensedError
            └── LeaseGoneError          the seat is no longer yours
                └── LeaseExpiredError, LeaseReturnedError, LeaseRevokedError, LeaseNotFoundError

The classes below `RefusedError` stand in `_refusals.py`. A code this version does not know becomes the class of its
status, so new refusals never crash old applications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


class CloudLicensesError(Exception):
    """Base of all of them."""


class ConfigurationError(CloudLicensesError):
    """A setting is missing or malformed. Nothing was sent."""


class ServerUnreachableError(CloudLicensesError):
    """The server could not be reached, and no cached lease could stand in."""


class UnexpectedAnswerError(CloudLicensesError):
    """Something answered, but not in this server's protocol: a proxy's page, perhaps."""


class LeaseTokenError(CloudLicensesError):
    """A signed lease is malformed, tampered with, or meant for somebody else."""


class LeaseTokenExpiredError(LeaseTokenError):
    """The signed lease was good until an instant that has passed."""


class ClockSetBackError(LeaseTokenError):
    """This machine's clock stands before an instant that is known to have passed."""


@dataclass(frozen=True)
class Problem:
    """One problem document (RFC 9457) as the server sent it."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str | None = None
    retry_after: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class ApiError(CloudLicensesError):
    """The server answered with a problem document; its members are attributes, its further members `facts`."""

    for_code: ClassVar[str | None] = None

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.code = problem.code
        self.status = problem.status
        self.title = problem.title
        self.detail = problem.detail
        self.request_id = problem.request_id
        self.retry_after = problem.retry_after
        self.facts = problem.facts

    def __str__(self) -> str:
        reference = f", request {self.request_id}" if self.request_id else ""
        return f"{self.detail or self.title} ({self.code}{reference})"


class ServerError(ApiError):
    """The server failed (5xx); the request may succeed later."""


class ServerBusyError(ServerError):
    """The server is up but can't do it now (503)."""


class RefusedError(ApiError):
    """The server understood and said no (4xx)."""
