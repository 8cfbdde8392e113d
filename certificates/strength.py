"""Which public keys we accept in certificates: as strong as RSA with 2048 bits, and of a sort that every TLS library speaks."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
KEYS_OF_AUTHORITIES = (RSAPublicKey, EllipticCurvePublicKey)
RSA_BITS = range(2048, 8193)  # beyond, checking a signature costs more than it proves
CURVES = {SECP256R1: "P-256", SECP384R1: "P-384"}
CURVES_OF_AUTHORITIES = CURVES | {SECP521R1: "P-521"}
ALLOWED = "RSA with 2048 to 8192 bits, P-256, P-384 or Ed25519"
# No Ed25519: what checks our chains (cryptography's verifier, after the CA/Browser Forum) knows it for clients only.
ALLOWED_OF_AUTHORITIES = "RSA with 2048 to 8192 bits, P-256, P-384 or P-521"


def key_type(key: Any) -> str:
    """`RSA-3072`, `P-256`, `Ed25519`; empty for a key that no client certificate may have."""
    if isinstance(key, Ed25519PublicKey):
        return "Ed25519"
    return _type_of(key, CURVES)


def key_type_of_authority(key: Any) -> str:
    """As `key_type`, for an authority."""
    return _type_of(key, CURVES_OF_AUTHORITIES)


def _type_of(key: Any, curves: dict[Any, str]) -> str:
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return f"RSA-{key.key_size}" if key.key_size in RSA_BITS and numbers.e >= 65537 else ""
    return curves.get(type(key.curve), "") if isinstance(key, EllipticCurvePublicKey) else ""
