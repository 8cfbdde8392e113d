"""The scan for committed secrets: it finds what is planted, passes what is made up, and finds nothing here."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from cloudlicenses.kit import tokens
from scripts.committed_secrets import committed_secrets, secrets_in


def test_nothing_is_committed_here() -> None:
    assert committed_secrets(settings.BASE_DIR) == []


def test_what_is_planted_is_found_and_not_repeated(tmp_path: Path) -> None:
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secret = tokens.mint("clsk", "mercedes").text
    (tmp_path / "notes.txt").write_text(f"one\n{secret}\n{'AKIA' + 'A' * 16}\n{pem}")
    (tmp_path / "ignored.txt").write_text(secret)
    subprocess.run(("git", "init", "-q", "."), cwd=tmp_path, check=True)
    subprocess.run(("git", "add", "notes.txt"), cwd=tmp_path, check=True)
    found = committed_secrets(tmp_path)
    assert sorted(found) == ["notes.txt:2: a key of ours", "notes.txt:3: an AWS key", "notes.txt:4: a private key"]


def test_what_is_made_up_passes() -> None:
    short = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()[:60]
    for text in ("clsk_mercedes_" + "a" * 49, "clsk_mercedes_abc123…", "whsec_…", short):
        assert list(secrets_in(text, "guide")) == []
