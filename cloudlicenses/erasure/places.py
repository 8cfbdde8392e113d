"""Where persons may stand in what is kept: one table, and a test that every other column of text is known to name none.

`names`: columns that hold a name whole, and get the pseudonym. `mentions`: texts and JSON in which it may stand among other words.
`clears`: what of such a row tells more of the person (where they sat, with what), and goes with the name. `goes`: the row is of no
use without its person. Accounts with all that hangs on them, sealed logs, and what is sealed are carrying_out.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from alerts.models import Alert, Channel, Delivery, Sighting
from applications.models import Device, Fingerprint
from applications.signing.models import ProductSecret
from audit.outbox.models import OutboxEntry
from billing.models import WebhookDelivery
from certificates.models import Authority, Certificate
from cloudlicenses.erasure.models import Erasure
from keys.models import ApiKey
from licensing.models import Denial, Lease, UsageEvent
from tenants.models import OnboardingStep, Registration
from vendors.models import CrmAccount, Vendor


@dataclass(frozen=True)
class Place:
    """`whose`: in `public`, the column that says whose row it is: a vendor's or a tenant's id."""

    model: type[models.Model]
    names: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    clears: Mapping[str, Any] = field(default_factory=dict)
    goes: bool = False
    whose: str = ""


IN_A_TENANT = (
    Place(
        Lease,
        names=("user",),
        clears={"hostname": "", "ip": None, "fingerprint": "", "metadata": {}, "usage_metadata": None},
    ),
    Place(Lease, names=("hostname",), mentions=("metadata", "usage_metadata")),
    Place(Denial, names=("user",), clears={"hostname": ""}),
    Place(Denial, names=("hostname",)),
    Place(UsageEvent, mentions=("metadata",)),
    Place(Fingerprint, names=("user",), clears={"hostname": "", "ip": None}),
    Place(Fingerprint, names=("hostname", "decided_by")),
    Place(Device, names=("hostname",), mentions=("name",), clears={"ip": None}),
    Place(Device, names=("decided_by",)),
    Place(Certificate, mentions=("common_name", "names"), clears={"pem": ""}),
    Place(Certificate, names=("created_by",)),
    Place(Authority, names=("created_by",)),
    Place(
        ApiKey,
        names=("created_by", "allowed_hostnames"),
        mentions=("app_name", "metadata", "client_cert_cn", "client_cert_names"),
    ),
    Place(Alert, names=("acknowledged_by", "resolved_by"), mentions=("subject_name", "facts", "seen", "note")),
    Place(Channel, mentions=("name",)),
    Place(Delivery, names=("receiver",), goes=True),
    Place(Delivery, mentions=("body", "log", "last_problem")),
    Place(Sighting, names=("place",), goes=True),
)
OF_A_VENDOR = (
    Place(Vendor, names=("support_email",), whose="id", clears={"support_email": ""}),
    Place(CrmAccount, names=("contact_email",), whose="vendor_id", clears={"contact_email": ""}),
    Place(ApiKey, names=("created_by",), mentions=("app_name", "metadata"), whose="owner"),
    Place(ProductSecret, names=("created_by",), whose="vendor_id"),
    Place(WebhookDelivery, mentions=("body", "log", "last_problem"), whose="vendor_id"),
    Place(OutboxEntry, mentions=("last_problem",), whose="vendor_id"),
    Place(Erasure, names=("asked_by",), whose="vendor_id"),
)
# Of a tenant, in `public`: what came with its registration.
ABOUT_A_TENANT = (
    Place(
        Registration, names=("admin_email", "admin_name"), mentions=("last_found", "last_problem"), whose="tenant_id"
    ),
    Place(OnboardingStep, mentions=("last_problem",), whose="tenant_id"),
    Place(OutboxEntry, mentions=("last_problem",), whose="tenant_id"),
    Place(Erasure, names=("asked_by",), whose="tenant_id"),
)
OF_THE_PLATFORM = (
    Place(Registration, names=("verified_by",)),
    Place(OutboxEntry, mentions=("last_problem",)),
    Place(Erasure, names=("asked_by",)),
)
