"""Prints a license package if both of its signatures are good: `python verify_package.py PACKAGE JWKS`."""

import base64
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa


def decode(text):
    return base64.urlsafe_b64decode(text + "==")


package, jwks = (Path(name).read_text().strip() for name in sys.argv[1:])
header, payload, signature = package.split(".")
said, keys = json.loads(decode(header)), {key["kid"]: key for key in json.loads(jwks)["keys"]}
classical = ed25519.Ed25519PublicKey.from_public_bytes(decode(keys[said["kid"]]["x"]))
classical.verify(decode(signature), f"{header}.{payload}".encode())
post_quantum = mldsa.MLDSA65PublicKey.from_public_bytes(decode(keys[said["pq"]["kid"]]["pub"]))
post_quantum.verify(decode(said["pq"]["sig"]), f"cloudlicenses-package.v1.{payload}".encode())
if base64.urlsafe_b64encode(decode(signature)).decode().rstrip("=") != signature:
    sys.exit("The signature is good, but not written in the one way it should be.")
sys.stdout.write(json.dumps(json.loads(decode(payload)), indent=2))
