"""Secrets that somebody committed by mistake: `python -m scripts.committed_secrets` looks through every tracked file.

Looked for is what has an unmistakable shape: private keys, keys of ours whose checksum is right (so that made-up ones in guides and
tests pass), and the keys of services that one is likely to use beside us.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cloudlicenses.kit import tokens

SHAPES = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=\s]{100,}"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{82})\b"),
    "a Stripe key": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}"),
    "a Slack token": re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{20,}"),
    "a webhook's secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"),
}
OURS = re.compile(r"\b(cl[sv]k|clpt)_[a-z0-9-]+_[0-9A-Za-z]{49}\b")
LARGEST = 2_000_000


def committed_secrets(root: Path) -> list[str]:
    """`path:line: what it is` for each; never the secret itself."""
    return [
        found
        for path in tracked(root)
        for found in secrets_in(path.read_text(errors="replace"), path.relative_to(root))
    ]


def tracked(root: Path) -> Iterator[Path]:
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = root / name
        if path.is_file() and path.stat().st_size <= LARGEST:
            yield path


def secrets_in(text: str, name: object) -> Iterator[str]:
    for what, shape in SHAPES.items():
        for match in shape.finditer(text):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {what}"
    for match in OURS.finditer(text):
        if tokens.owner_in(match[0], match[1]):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: a key of ours"


def scan() -> bool:
    """Whether nothing was found; prints what was."""
    found = committed_secrets(Path(__file__).resolve().parent.parent)
    print("\n".join(found) or "No secret is committed.")
    return not found


if __name__ == "__main__":
    sys.exit(0 if scan() else 1)
