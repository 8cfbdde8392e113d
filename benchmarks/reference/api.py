"""Checkout and return with the ORM: the license's row is locked, lease, ledger and audit are written in one transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import F
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import events
from benchmarks.reference.access import KeyAllows, KeyAuthentication, KeyThrottle, key_of
from benchmarks.reference.serializers import CheckoutRequest, LeaseAnswer, ReturnAnswer, ReturnRequest
from billing.models import UsageRecord
from cloudlicenses.kit import clock, ids
from cloudlicenses.kit.actor import Actor
from keys import restrictions
from keys.signing import Signer, signer_for
from licensing.models import Lease, License
from licensing.tokens import lease_token


class NoSeat(APIException):
    status_code = 409
    default_detail = "Every seat is in use."


class PlaneView(APIView):
    authentication_classes = [KeyAuthentication]
    permission_classes = [KeyAllows]
    throttle_classes = [KeyThrottle]
    scope = ""
    is_checkout = False


class Checkout(PlaneView):
    scope = "license:checkout"
    is_checkout = True

    def post(self, request: Request) -> Response:
        sent = CheckoutRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        restrictions.check_product(key_of(request), sent.validated_data["product_id"])
        with transaction.atomic():
            lease = _check_out(request, sent.validated_data)
        return Response({**LeaseAnswer(lease).data, "lease_token": _token(request.tenant.id, lease)}, status=201)


class Return(PlaneView):
    scope = "license:return"

    def post(self, request: Request) -> Response:
        sent = ReturnRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        with transaction.atomic():
            lease = _give_back(request, sent.validated_data)
        return Response(ReturnAnswer(lease).data)


def _check_out(request: Request, wanted: dict[str, Any]) -> Lease:
    now, key = clock.now(), key_of(request)
    license = (
        License.objects.select_for_update()
        .filter(product_id=wanted["product_id"], status=License.Status.ACTIVE, starts_at__lte=now, ends_at__gt=now)
        .order_by("id")
        .first()
    )
    if license is None:
        raise NotFound
    kind, cost = _seat(license)
    lease = Lease.objects.create(
        id=ids.new_id("lease"), license=license, lease_type=kind, cost=cost, currency=license.currency, user=wanted["user"],
        hostname=wanted["hostname"], key_id=key.id, ip=request.META["REMOTE_ADDR"], version=wanted["version"],
        features=wanted["features"], ttl_seconds=wanted["duration_seconds"], is_offline=wanted["offline"],
        metadata=wanted["metadata"], issued_at=now, expires_at=now + timedelta(seconds=wanted["duration_seconds"]),
    )  # fmt: skip
    License.objects.filter(pk=license.pk).update(**{f"{kind}_in_use": F(f"{kind}_in_use") + 1})
    UsageRecord.objects.create(
        entry=lease.id, at=now, kind=kind, tenant_id=request.tenant.id, vendor_id=license.vendor_id,
        license_id=license.id, product_id=license.product_id, amount=cost, currency=license.currency,
    )  # fmt: skip
    _audit(request, "license.checked_out", lease, cost=str(cost))
    return lease


def _seat(license: License) -> tuple[str, Any]:
    if license.commit_in_use + license.overage_in_use >= license.total_licenses:
        raise NoSeat
    if license.commit_in_use < license.commit_qty:
        return "commit", 0
    if license.overage_in_use < license.max_overage:
        return "overage", license.overage_per_use
    raise NoSeat


def _give_back(request: Request, wanted: dict[str, Any]) -> Lease:
    lease = Lease.objects.select_related("license").select_for_update().filter(pk=wanted["lease_id"]).first()
    if lease is None:
        raise NotFound
    if lease.ended_at is None:
        lease.ended_at, lease.ended_by, lease.usage_metadata = clock.now(), "returned", wanted["usage_metadata"]
        lease.save(update_fields=["ended_at", "ended_by", "usage_metadata"])
        in_use = f"{lease.lease_type}_in_use"
        License.objects.filter(pk=lease.license_id).update(**{in_use: F(in_use) - 1})
        _audit(request, "license.returned", lease)
    return lease


def _audit(request: Request, event: str, lease: Lease, **facts: Any) -> None:
    key = key_of(request)
    actor = Actor(kind="key", id=key.id, label=key.app_name, key_id=key.id, ip=request.META["REMOTE_ADDR"])
    events.record(
        event, actor=actor, subject=("lease", lease.id), announce=False,
        license_id=lease.license_id, user=lease.user, lease_type=lease.lease_type, **facts,
    )  # fmt: skip


def _token(tenant_id: str, lease: Lease) -> str:
    license = lease.license
    said = {"lease_id": lease.id, "license_id": license.id, "lease_type": lease.lease_type, "vendor_id": license.vendor_id,
            "product_id": license.product_id, "user": lease.user, "hostname": lease.hostname}  # fmt: skip
    return lease_token(
        _signer(tenant_id), tenant_id=tenant_id, lease=said, features=license.features, offline=lease.is_offline,
        moment=lease.issued_at, expires=lease.expires_at,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _signer(tenant_id: str) -> Signer:
    return signer_for(tenant_id)
