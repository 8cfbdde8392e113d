"""Applications and devices over HTTP: for people by their role; a workstation registers itself with its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from applications import devices, fingerprints, queries, serializers
from applications.models import Device, Fingerprint
from applications.refusals import SignatureInvalid
from cloudlicenses.kit import clock, signatures
from cloudlicenses.kit.refusals import FieldError, InvalidInput, NotFound
from cloudlicenses.kit.signatures import Signed
from cloudlicenses.web.pagination import answer_of, page_of
from keys.faces import TenantApi, signed

READ, MANAGE = "applications:read", "applications:manage"
SCOPE = "license:checkout"


class Fingerprints(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listFingerprints",
        parameters=[OpenApiParameter("product_id", str), OpenApiParameter("state", str, enum=Fingerprint.State.values)],
        responses=answer_of("FingerprintPage", serializers.FingerprintAnswer),
    )
    def get(self, request: Request) -> Response:
        """Installations of applications, the latest seen first; "last seen" is right to some minutes."""
        found = queries.fingerprints()
        if product_id := _line(request, "product_id"):
            found = found.filter(product_id=product_id)
        if state := _state(request, Fingerprint.State.values):
            found = found.filter(state=state)
        order = ("-last_seen_at", "id")
        return Response(page_of(found, request.query_params, serializers.shown_fingerprint, order=order))


class ApproveFingerprint(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="approveFingerprint", request=None, responses=serializers.FingerprintAnswer)
    def post(self, request: Request, fingerprint_id: str) -> Response:
        """This installation is known from now on."""
        fingerprints.approve(self.actor, [fingerprint_id])
        return Response(serializers.shown_fingerprint(queries.fingerprint_for(fingerprint_id)))


class BlockFingerprint(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="blockFingerprint", request=None, responses=serializers.FingerprintAnswer)
    def post(self, request: Request, fingerprint_id: str) -> Response:
        """This installation is refused from now on, everywhere within a second."""
        fingerprints.block(self.actor, [fingerprint_id])
        return Response(serializers.shown_fingerprint(queries.fingerprint_for(fingerprint_id)))


class Modes(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="listFingerprintModes",
        responses=inline_serializer("ModeList", {"data": serializers.ModeAnswer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """How the applications of each product are looked at; a product that isn't listed is observed."""
        found = [{"product_id": product_id, "mode": mode} for product_id, mode in sorted(queries.modes().items())]
        return Response({"data": found})


class Mode(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"PUT": MANAGE}

    @extend_schema(operation_id="setFingerprintMode", request=serializers.ModeRequest, responses=serializers.ModeAnswer)
    def put(self, request: Request, product_id: str) -> Response:
        """`observe` learns what comes, `alert` lets in what is new and tells of it, `block` refuses what is new."""
        sent = serializers.ModeRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        guard = fingerprints.set_mode(self.actor, product_id, sent.validated_data["mode"])
        return Response({"product_id": guard.product_id, "mode": guard.mode})


class Devices(TenantApi):
    scopes: ClassVar[Mapping[str, str]] = {"POST": SCOPE}
    rights: ClassVar[Mapping[str, str]] = {"GET": READ}
    asks_for_device = False  # whoever registers has none yet

    @extend_schema(
        operation_id="listDevices",
        parameters=[OpenApiParameter("state", str, enum=Device.State.values)],
        responses=answer_of("DevicePage", serializers.DeviceAnswer),
    )
    def get(self, request: Request) -> Response:
        """Devices, newest first; revoked ones too."""
        found = queries.devices()
        if state := _state(request, Device.State.values):
            found = found.filter(state=state)
        return Response(page_of(found, request.query_params, serializers.shown_device))

    @extend_schema(
        operation_id="registerDevice",
        request=serializers.DeviceRequest,
        responses={200: serializers.DeviceAnswer, 201: serializers.DeviceAnswer},
    )
    def post(self, request: Request) -> Response:
        """Register this workstation's public key, with a request that it signs (`X-Device-Signature`). Registering again changes
        nothing, and tells how the device stands: 200."""
        as_sent = signed(request)  # before it is read as JSON, which uses the body up
        sent = serializers.DeviceRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = self._wanted(sent.validated_data)
        self._refuse_unless_signed(request, as_sent, wanted)
        device, is_new = devices.register(self.actor, wanted)
        return Response(serializers.shown_device(device), status=201 if is_new else 200)

    def _wanted(self, said: Mapping[str, Any]) -> devices.Wanted:
        algorithm, public_key = said["public_key"]
        key_id = self.actor.key_id if said["only_this_key"] else ""
        return devices.Wanted(algorithm, public_key, said["name"], said["hostname"], key_id)

    def _refuse_unless_signed(self, request: Request, as_sent: Signed, wanted: devices.Wanted) -> None:
        """Whoever registers a key holds its private half."""
        signature = signatures.read(request.headers.get("X-Device-Signature", ""))
        if (
            signature is None
            or signature.key_id != signatures.key_id(wanted.public_key)
            or not signature.is_recent(clock.now().timestamp())
            or not signatures.is_by_key(as_sent, signature, signatures.open_public_key(wanted.public_key))
        ):
            raise SignatureInvalid("Sign this request with the key that it registers: X-Device-Signature.")


class ApproveDevice(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"POST": MANAGE}

    @extend_schema(operation_id="approveDevice", request=None, responses=serializers.DeviceAnswer)
    def post(self, request: Request, device_id: str) -> Response:
        """The device may be used from now on."""
        return Response(serializers.shown_device(devices.approve(self.actor, device_id)))


class OneDevice(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"DELETE": MANAGE}

    @extend_schema(operation_id="revokeDevice", responses={200: serializers.DeviceAnswer})
    def delete(self, request: Request, device_id: str) -> Response:
        """The device is refused from now on and for good, everywhere within a second. Revoking twice changes nothing."""
        return Response(serializers.shown_device(devices.revoke(self.actor, device_id)))


class Policy(TenantApi):
    rights: ClassVar[Mapping[str, str]] = {"GET": READ, "PUT": MANAGE}

    @extend_schema(operation_id="getDevicePolicy", responses=serializers.PolicyShape)
    def get(self, request: Request) -> Response:
        return Response({"approves_by_itself": queries.approves_devices_by_itself()})

    @extend_schema(operation_id="setDevicePolicy", request=serializers.PolicyShape, responses=serializers.PolicyShape)
    def put(self, request: Request) -> Response:
        """Whether devices that register are approved at once; those that wait go on waiting."""
        sent = serializers.PolicyShape(data=request.data)
        sent.is_valid(raise_exception=True)
        devices.set_policy(self.actor, **sent.validated_data)
        return Response(sent.validated_data)


def _line(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    if "\0" in text:
        raise NotFound
    return text


def _state(request: Request, known: list[str]) -> str:
    state = request.query_params.get("state", "")
    if state and state not in known:
        raise InvalidInput(errors=[FieldError("state", "invalid", f"One of {', '.join(known)}.")])
    return state
