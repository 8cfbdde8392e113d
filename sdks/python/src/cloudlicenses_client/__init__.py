"""CloudLicenses for Python: check floating licenses out, keep them alive, work on when the network does not.

    from cloudlicenses_client import LicenseClient

    client = LicenseClient(server_url, api_key, product_id="davinci-configurator-se")
    with client.checkout(user="alice@mercedes.com") as lease:
        ...

Everything public is named here; modules with an underscore may change in any version.
"""

from ._async_client import (
    AsyncLease,
    AsyncLicenseClient,
    PendingLease,
)
from ._calls import (
    CheckoutWishes,
    FeatureVerdict,
    ReturnReceipt,
)
from ._client import (
    Lease,
    LicenseClient,
)
from ._clock import (
    Clock,
)
from ._errors import (
    ApiError,
    ClockSetBackError,
    CloudLicensesError,
    ConfigurationError,
    LeaseTokenError,
    LeaseTokenExpiredError,
    Problem,
    RefusedError,
    ServerBusyError,
    ServerError,
    ServerUnreachableError,
    UnexpectedAnswerError,
)
from ._refusals import (
    ApiKeyExpiredError,
    ApiKeyInvalidError,
    ApiKeyMissingError,
    ApiKeyRevokedError,
    AuthenticationError,
    BadRequestError,
    CheckoutRefusedError,
    ClientCertificateRejectedError,
    ClientCertificateRequiredError,
    ConflictError,
    CustomerCapReachedError,
    FeatureNotLicensedError,
    FingerprintBlockedError,
    HostnameNotAllowedError,
    IdempotencyConflictError,
    InvalidInputError,
    IpNotAllowedError,
    LeaseExpiredError,
    LeaseGoneError,
    LeaseNotFoundError,
    LeaseReturnedError,
    LeaseRevokedError,
    LicenseExpiredError,
    LicenseNotStartedError,
    LicenseSuspendedError,
    LicenseUnavailableError,
    NotFoundError,
    OverageMaxExceededError,
    PaymentDueError,
    PermissionDeniedError,
    ProductNotLicensedError,
    RateLimitedError,
    ReservedForOthersError,
    ScopeMissingError,
    SignatureInvalidError,
    VersionNotLicensedError,
    WrongTenantError,
)
from ._settings import (
    ClientOptions,
)
from ._version import (
    __version__,
)

__all__ = [
    "ApiError",
    "ApiKeyExpiredError",
    "ApiKeyInvalidError",
    "ApiKeyMissingError",
    "ApiKeyRevokedError",
    "AsyncLease",
    "AsyncLicenseClient",
    "AuthenticationError",
    "BadRequestError",
    "CheckoutRefusedError",
    "CheckoutWishes",
    "ClientCertificateRejectedError",
    "ClientCertificateRequiredError",
    "ClientOptions",
    "Clock",
    "ClockSetBackError",
    "CloudLicensesError",
    "ConfigurationError",
    "ConflictError",
    "CustomerCapReachedError",
    "FeatureNotLicensedError",
    "FeatureVerdict",
    "FingerprintBlockedError",
    "HostnameNotAllowedError",
    "IdempotencyConflictError",
    "InvalidInputError",
    "IpNotAllowedError",
    "Lease",
    "LeaseExpiredError",
    "LeaseGoneError",
    "LeaseNotFoundError",
    "LeaseReturnedError",
    "LeaseRevokedError",
    "LeaseTokenError",
    "LeaseTokenExpiredError",
    "LicenseClient",
    "LicenseExpiredError",
    "LicenseNotStartedError",
    "LicenseSuspendedError",
    "LicenseUnavailableError",
    "NotFoundError",
    "OverageMaxExceededError",
    "PaymentDueError",
    "PendingLease",
    "PermissionDeniedError",
    "Problem",
    "ProductNotLicensedError",
    "RateLimitedError",
    "RefusedError",
    "ReservedForOthersError",
    "ReturnReceipt",
    "ScopeMissingError",
    "ServerBusyError",
    "ServerError",
    "ServerUnreachableError",
    "SignatureInvalidError",
    "UnexpectedAnswerError",
    "VersionNotLicensedError",
    "WrongTenantError",
    "__version__",
]
