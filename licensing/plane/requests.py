"""What may be sent to the plane, and what is said of what may not."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec
from django.conf import settings
from msgspec import UNSET, Meta, UnsetType

from cloudlicenses.kit.lines import BARRED
from cloudlicenses.kit.refusals import FieldError, InvalidInput, Kind, Refusal
from cloudlicenses.web.json import fault_of_free_form

LONGEST_LEASE = 24 * 3600
LONGEST_OFFLINE_LEASE = 30 * 24 * 3600
ONE_LINE = rf"^[^{BARRED}]*\Z"  # not $, which leaves room for a line break

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=ONE_LINE)]
User = Annotated[str, Meta(min_length=1, max_length=254, pattern=ONE_LINE)]
Hostname = Annotated[str, Meta(max_length=253, pattern=ONE_LINE)]
Version = Annotated[str, Meta(max_length=64, pattern=ONE_LINE)]
Whole = Meta(ge=1, le=LONGEST_OFFLINE_LEASE)
Seconds = Annotated[int, Whole] | Annotated[float, Whole, Meta(multiple_of=1)]  # 60.0 is an integer, says JSON Schema
LeaseId = Annotated[str, Meta(min_length=1, max_length=40, pattern=ONE_LINE)]


class MalformedRequest(Refusal):
    kind = Kind.MALFORMED
    code = "malformed_request"
    title = "The body must be a JSON object in UTF-8."


class CheckoutRequest(msgspec.Struct, kw_only=True):
    """Only `product_id` and `user` are required."""

    product_id: Name
    user: User
    hostname: Hostname = ""
    version: Version = ""
    features: Annotated[list[Name], Meta(max_length=100)] = []
    duration_seconds: Seconds | UnsetType = UNSET
    offline: bool = False
    metadata: dict[str, Any] = {}

    @property
    def ttl(self) -> int:
        """Seconds that the lease lives from each heartbeat."""
        return settings.LEASE_TTL_SECONDS if self.duration_seconds is UNSET else int(self.duration_seconds)

    def __post_init__(self) -> None:
        if not self.offline and self.ttl > LONGEST_LEASE:
            raise ValueError(f"duration_seconds: At most {LONGEST_LEASE} unless offline is true.")
        if fault := fault_of_free_form(self.metadata):
            raise ValueError(f"metadata: {fault}")


class HeartbeatRequest(msgspec.Struct, kw_only=True):
    lease_id: LeaseId


class ReturnRequest(msgspec.Struct, kw_only=True):
    lease_id: LeaseId
    usage_metadata: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.usage_metadata is not None and (fault := fault_of_free_form(self.usage_metadata)):
            raise ValueError(f"usage_metadata: {fault}")


Request = TypeVar("Request", CheckoutRequest, HeartbeatRequest, ReturnRequest)

MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`")
PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
OUR_OWN = re.compile(r"(?P<field>\w+): (?P<message>.*)")


def read(body: bytes, kind: type[Request]) -> Request:
    """The request. Raises `MalformedRequest` for what is no JSON object, `InvalidInput` for what does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        if "Expected `object`" in str(error) and " - at " not in str(error):
            raise MalformedRequest from None
        raise InvalidInput(errors=[_field_error(str(error))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequest from None


def _field_error(text: str) -> FieldError:
    message = PLACE.sub("", text)
    place = PLACE.search(text)
    if missing := MISSING.match(message):
        return FieldError(missing["field"], "required", "This field is required.")
    if own := OUR_OWN.fullmatch(message):
        return FieldError(own["field"], "invalid", own["message"])
    return FieldError(place["path"] if place else "", "invalid", message)
