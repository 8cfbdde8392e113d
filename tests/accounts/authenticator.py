"""A passkey of our own making: what a device would answer, put together by hand, to be right or wrong as asked."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40
AAGUID = bytes(16)


@dataclass
class Authenticator:
    """`made` answers a question for a new passkey, `answered` one for its use."""

    rp_id: str
    origin: str
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, question: dict[str, Any]) -> dict[str, Any]:
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        credential = AAGUID + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(WITH_CREDENTIAL) + credential}
        said = {"attestationObject": websafe_encode(cbor.encode(attested))}
        return self._answer(said | {"clientDataJSON": websafe_encode(self._client("webauthn.create", question))})

    def answered(self, question: dict[str, Any]) -> dict[str, Any]:
        client, data = self._client("webauthn.get", question), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        said = {"authenticatorData": data, "signature": signature, "clientDataJSON": client}
        return self._answer({name: websafe_encode(value) for name, value in said.items()})

    def _data(self, more: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, question: dict[str, Any]) -> bytes:
        said = {
            "type": kind,
            "challenge": question["publicKey"]["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        identity = websafe_encode(self.credential_id)
        return {
            "id": identity,
            "rawId": identity,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
