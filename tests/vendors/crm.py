"""A vendor's CRM: what it sends, and its way to the API."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from tests import builders, cast, sites

DEAL: dict[str, Any] = {
    "crm_opportunity_id": "SF-00123456",
    "customer": {
        "crm_account_id": "ACC-98765",
        "name": "Mercedes-Benz AG",
        "tenant_id": "mercedes",
        "contact_email": "licenses@mercedes-benz.com",
    },
    "product": {"id": "davinci-configurator-se", "name": "DaVinci Configurator SE", "version": ">=8.0.0"},
    "entitlement": {
        "total_licenses": 20,
        "commit_qty": 5,
        "max_overage": 15,
        "pricing": {"commit_fee_monthly": 5000.0, "overage_per_use": 500.0, "currency": "EUR"},
    },
    "contract": {
        "start_date": "2025-01-01",
        "end_date": "2025-12-31",
        "auto_renew": True,
        "billing_cycle": "monthly",
    },
    "auto_provision": True,
}
TO_BMW = {"customer__tenant_id": "bmw", "customer__crm_account_id": "ACC-2", "customer__name": "BMW AG"}
ABSENT = object()


def deal(**changes: Any) -> dict[str, Any]:
    """The seed's deal with other words in it: `deal(entitlement__pricing__currency="USD")`; ABSENT takes a member away."""
    body = copy.deepcopy(DEAL)
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = body
        for parent in parents:
            place = place[parent]
        if value is ABSENT:
            del place[name]
        else:
            place[name] = value
    return body


@dataclass
class Crm:
    """`crm.ask("GET", "/api/v1/licenses")` with the vendor's key and name."""

    vendor_id: str = cast.VECTOR.id
    key: str = ""
    site: sites.Site = field(default_factory=sites.vendors)

    def __post_init__(self) -> None:
        self.key = self.key or builders.vendor_key(self.vendor_id)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        return self.site.ask(method, path, body, key=self.key, **{"x_vendor_id": self.vendor_id} | headers)

    def sell(self, **changes: Any) -> Any:
        """Generate a license; the answer."""
        return self.ask("POST", "/api/v1/licenses/generate", deal(**changes))

    def sold(self, **changes: Any) -> str:
        """The id of a license generated now."""
        answer = self.sell(**changes)
        assert answer.status_code == 201, answer.content
        license_id: str = answer.json()["license_id"]
        return license_id

    def change(self, license_id: str, what: str, body: object = None) -> Any:
        return self.ask("POST", f"/api/v1/licenses/{license_id}/{what}", {} if body is None else body)

    def amend(self, license_id: str, **parts: Any) -> Any:
        return self.ask("PATCH", f"/api/v1/licenses/{license_id}", parts)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def faults(answer: Any) -> dict[str, str]:
    """Of a 422: each wrong field and why."""
    assert refused(answer) == (422, "invalid_input"), answer.content
    return {error["field"]: error["code"] for error in answer.json()["errors"]}
