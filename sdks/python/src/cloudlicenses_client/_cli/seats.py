"""`checkout`, `return` and `status`: one call each."""

from __future__ import annotations

import argparse
from typing import Any

from .._calls import CheckoutWishes
from .._client import Lease, LicenseClient
from .._errors import ConfigurationError
from .._settings import env_required
from .._sync_wire import run_now
from .output import print_json, print_table
from .setup import API_KEY, desk, options, server_url

_COLUMNS = {
    "LICENSE": "license_id",
    "PRODUCT": "product_id",
    "IN USE": "in_use",
    "AVAILABLE": "available",
    "OVERAGE": "overage_in_use",
    "STATUS": "status",
}


def checkout(arguments: argparse.Namespace) -> int:
    """Take a seat, print its lease, leave it."""
    wanted = wishes(arguments)
    if arguments.duration is not None:
        wanted["duration_seconds"] = arguments.duration
    chosen = options(arguments)
    chosen["offline_fallback"] = False  # a cached lease printed here would look like a seat that was taken now
    with LicenseClient(server_url(arguments), env_required(API_KEY), arguments.product, **chosen) as client:
        lease = client.checkout(user(arguments), **wanted)
        if arguments.json:
            print_json(_described(lease))
        else:
            print(
                f"{lease.id}  {lease.type}  {lease.cost:.2f} {lease.currency}  until {lease.expires_at:%Y-%m-%d %H:%M:%S} UTC"
            )
    return 0


def give_back(arguments: argparse.Namespace) -> int:
    with LicenseClient(server_url(arguments), env_required(API_KEY), "", **options(arguments)) as client:
        receipt = client.return_license(arguments.lease_id)
    if arguments.json:
        print_json(vars(receipt))
    else:
        print(
            f"{receipt.status}  {receipt.lease_type}  {receipt.total_cost:.2f} {receipt.currency}  {receipt.duration_seconds:.0f} s"
        )
    return 0


def status(arguments: argparse.Namespace) -> int:
    with desk(arguments, API_KEY) as at:
        licenses = run_now(at.session.listing(at.wire, "/api/v1/licenses"))
    if arguments.json:
        print_json(licenses)
    else:
        print_table(_COLUMNS, licenses, empty="No licenses.")
    return 0


def wishes(arguments: argparse.Namespace) -> CheckoutWishes:
    wanted: CheckoutWishes = {}
    if arguments.app_version:
        wanted["version"] = arguments.app_version
    if arguments.features:
        wanted["features"] = arguments.features
    return wanted


def user(arguments: argparse.Namespace) -> str:
    if not arguments.user:
        raise ConfigurationError("This system doesn't say who you are. Pass --user.")
    return str(arguments.user)


def _described(lease: Lease) -> dict[str, Any]:
    return {
        "lease_id": lease.id,
        "lease_type": lease.type,
        "license_id": lease.license_id,
        "product_id": lease.product,
        "user": lease.user,
        "hostname": lease.hostname,
        "cost": lease.cost,
        "currency": lease.currency,
        "issued_at": f"{lease.issued_at:%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{lease.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "features": dict(lease.features),
        "lease_token": lease.token,
    }
