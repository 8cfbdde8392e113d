"""What may be asked of a log, and what it answers."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from billing.serializers import Month
from cloudlicenses.kit.refusals import FieldError, InvalidInput
from cloudlicenses.web.fields import Line
from cloudlicenses.web.json import FreeFormField

DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)
LARGEST = 10**15


class Count(serializers.IntegerField):
    """A number of leaves, in digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST, **options)

    def to_internal_value(self, data: Any) -> int:
        if not DIGITS.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)


class EntryId(Line):
    pattern = "evt-[0-9]{1,18}"
    default_error_messages = {"shape": "Must be the id of an entry, such as evt-42."}


class VendorQuery(serializers.Serializer[Any]):
    vendor = Line(max_length=40, help_text="Whose log.")


class VendorBillQuery(serializers.Serializer[Any]):
    period = Month(help_text="The month: `2026-10`.")
    tenant_id = Line(max_length=40, help_text="The customer's tenant.")


class TenantBillQuery(serializers.Serializer[Any]):
    period = Month(help_text="The month: `2026-10`.")
    vendor_id = Line(max_length=40, help_text="Whose bill.")


class ExportQuery(serializers.Serializer[Any]):
    start = Count(default=0, help_text="The first leaf.")
    end = Count(required=False, help_text="Before this leaf; all there are.")


class ProofQuery(serializers.Serializer[Any]):
    """`entry` (and `size`), or `first` (and `second`)."""

    entry = EntryId(max_length=40, required=False, help_text="That this entry is in the log: `evt-…`.")
    size = Count(required=False, help_text="In the log of this size; the newest.")
    first = Count(required=False, help_text="That the log of this size …")
    second = Count(required=False, help_text="… is the beginning of this; the newest.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("entry" in attrs) == ("first" in attrs):
            raise InvalidInput(errors=[FieldError("", "invalid", "Ask for an entry, or for a first size.")])
        return attrs

    def validate_entry(self, value: str) -> int:
        return int(value.removeprefix("evt-"))


class TreeHeadAnswer(serializers.Serializer[Any]):
    """So many entries, with this root, at that time. `signature` is Ed25519, base64url, by the key `kid`."""

    log = serializers.CharField()
    size = serializers.IntegerField()
    root = serializers.RegexField("^[0-9a-f]{64}$")  # type: ignore[assignment]  # RFC 9162's name, of no use to DRF here
    at = serializers.DateTimeField()
    kid = serializers.CharField()
    signature = serializers.CharField()


class LogKeyAnswer(serializers.Serializer[Any]):
    kty = serializers.ChoiceField(["OKP"])
    crv = serializers.ChoiceField(["Ed25519"])
    x = serializers.CharField()
    kid = serializers.CharField()
    alg = serializers.ChoiceField(["EdDSA"])
    use = serializers.ChoiceField(["sig"])
    valid_from = serializers.DateTimeField(help_text="It signs from then on.")
    valid_until = serializers.DateTimeField(allow_null=True, help_text="Before then; null while it signs.")


class LogKeySet(serializers.Serializer[Any]):
    keys = LogKeyAnswer(many=True)


class ProofAnswer(serializers.Serializer[Any]):
    """`path`: hashes from the lowest up (RFC 9162, 2.1.3 for an entry, 2.1.4 for two sizes)."""

    log = serializers.CharField()
    path = serializers.ListField(child=serializers.RegexField("^[0-9a-f]{64}$"))
    id = serializers.CharField(required=False)
    index = serializers.IntegerField(required=False, help_text="The leaf's place, from 0.")
    leaf = serializers.CharField(required=False, help_text="The leaf's hash.")
    entry = FreeFormField(required=False, allow_null=True, help_text="What the leaf is made of.")
    salt = serializers.CharField(required=False, help_text="Of the commitment to what is personal in the entry.")
    erased = serializers.CharField(required=False, help_text="The commitment, where that part was erased.")
    misdated = serializers.ChoiceField(
        ["backdated", "postdated"],
        required=False,
        help_text="It was sealed, but did not come when it says that it happened.",
    )
    head = TreeHeadAnswer(required=False)
    first = TreeHeadAnswer(required=False)
    second = TreeHeadAnswer(required=False)
