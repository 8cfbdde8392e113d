"""The shipped rules in a real kernel, in a network namespace of the test's own: taken, and taken again at the next start."""

from __future__ import annotations

import subprocess
from pathlib import Path

RULES = Path(__file__).resolve().parents[2] / "deploy" / "egress" / "egress.nft"


def test_the_kernel_takes_the_rules_however_often() -> None:
    """The second time nothing is there twice."""
    twice = f"nft --file {RULES} && nft --stateless list ruleset && echo ---- && nft --file {RULES} && nft --stateless list ruleset"
    surroundings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    isolated = ("unshare", "--map-root-user", "--net", "sh", "-c", twice)
    loaded = subprocess.run(isolated, capture_output=True, text=True, check=False, env=surroundings)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    first, _, second = loaded.stdout.partition("----\n")
    assert first == second
    assert "jump judged" in first
