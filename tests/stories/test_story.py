"""`make story`, as a stranger would run it: the whole product from an empty database, over real HTTP, DNS and SMTP."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_story_holds() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdks/python/src")}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.story"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.rstrip().endswith("The story holds.")
