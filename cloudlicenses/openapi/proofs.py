"""What an application sends beside its key, wherever a key is taken: what it says of itself, and what it signs."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

APPLICATION_KEY = "applicationKey"


def _header(name: str, told: str) -> Json:
    return {"name": name, "in": "header", "required": False, "description": told, "schema": {"type": "string"}}


PARAMETERS: dict[str, Json] = {
    "Hostname": _header(
        "X-Hostname", "Where the application runs. A key may be bound to names (403 `hostname_not_allowed`)."
    ),
    "AppFingerprint": _header(
        "X-App-Fingerprint",
        "What this installation says of itself: 1 to 128 visible ASCII characters. It is learned for the product that the request "
        "names. Where it was blocked, or where a product blocks what is new: 403 `fingerprint_blocked`.",
    ),
    "LibVersion": _header("X-Lib-Version", "The version of the client library, shown beside the fingerprint."),
    "AppSignature": _header(
        "X-App-Signature",
        "`v1.{key id}.{time}.{nonce}.{signature}`: this very request, signed with the secret that its vendor has built into it. "
        "403 `signature_invalid` when it is missing though the product asks for it, is wrong, older than 60 seconds, or "
        "came before. A request that names no product concerns all of them, also those that ask for it.",
    ),
    "DeviceSignature": _header(
        "X-Device-Signature",
        "The same, signed with the private key of a registered device, for keys that ask for one: 403 `device_required`, "
        "`device_not_allowed`, `signature_invalid`.",
    ),
}
