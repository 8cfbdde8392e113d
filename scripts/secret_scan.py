"""Secrets that were written down where everybody can read them: in the working tree, or anywhere in the history of the repository.

Looked for are our own keys (by their published pattern, with a right checksum) and what the best known services publish about
theirs. What is found and known to open nothing stands in `scripts/known_secrets.toml`, by digest, with the reason. No network.
"""

import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cloudlicenses.kit import tokens

KNOWN = Path(__file__).parent / "known_secrets.toml"
LONGEST_LINE = 20_000  # what is longer is a picture or a minified script
HISTORY = (
    "git",
    "log",
    "--all",
    "--patch",
    "--unified=0",
    "--no-color",
    "--no-ext-diff",
    "--no-renames",
    "--format=%x00%h",
)

PATTERNS = {
    "a key of ours": re.compile(tokens.PATTERN),
    "a webhook's secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "a key of the platform": re.compile(r"\b(?:MASTER|SECRET)_KEY\s*[=:]\s*['\"]?([A-Za-z0-9+/_-]{40,}={0,2})"),
    "AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})\b"),
    "GitLab": re.compile(r"\bglpat-[A-Za-z0-9_-]{20}\b"),
    "Google": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "npm": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "PyPI": re.compile(r"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    "Slack": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}"),
    "Stripe": re.compile(r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{24,}\b"),
}


def scan() -> bool:
    """Whether nothing was found that isn't known; prints what was found, never the secret itself."""
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["known"]
    reasons = {one["digest"]: one["reason"] for one in known}
    found = {digest: (kind, place) for kind, text, place in _found() if (digest := _digest(text)) not in reasons}
    for digest, (kind, place) in sorted(found.items(), key=lambda item: item[1]):
        print(f"{place}: looks like {kind} (digest {digest})")
    print(
        f"{len(found)} found that are not known; {len(reasons)} known to open nothing; {_commits()} commits looked at."
    )
    return not found


def _found() -> Iterator[tuple[str, str, str]]:
    for line, place in (*_tree(), *_history()):
        if len(line) <= LONGEST_LINE:
            for kind, pattern in PATTERNS.items():
                for match in pattern.finditer(line):
                    if kind != "a key of ours" or tokens.read(match[0]):
                        yield kind, match[0], place


def _tree() -> Iterator[tuple[str, str]]:
    """What git would take, committed or not."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")):
        path = Path(name)
        if path.is_file() and not path.is_symlink():
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
                yield line, f"{name}:{number}"


def _history() -> Iterator[tuple[str, str]]:
    """Every line that a commit added. Outside of a repository there is none."""
    with subprocess.Popen(HISTORY, stdout=subprocess.PIPE, text=True, errors="replace") as log:
        commit = name = ""
        for line in log.stdout or ():
            if line.startswith("\0"):
                commit = line[1:].strip()
            elif line.startswith("+++ "):
                name = line[6:].strip()
            elif line.startswith("+"):
                yield line[1:], f"{commit}:{name}"


def _commits() -> int:
    counted = subprocess.run(
        ("git", "rev-list", "--all", "--count"), check=False, capture_output=True, text=True
    ).stdout
    return int(counted or 0)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(0 if scan() else 1)
