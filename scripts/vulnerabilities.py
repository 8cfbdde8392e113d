"""Known vulnerabilities in what the locks name, as far as the index's advisories can be reached.

An index without advisories, or no network at all, is said plainly and is no failure: it tells nothing about them.
"""

import json
import subprocess
import sys
from typing import Any

LOCK = "requirements/dev.lock"
OPTIONS = ("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10")


def audit() -> bool:
    """Whether no known vulnerability was found; prints what was found, and how much could be asked about."""
    command = (sys.executable, "-m", "pip_audit", "--requirement", LOCK, *OPTIONS)
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        packages = json.loads(answer.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("The advisory service can't be reached from here: nothing was audited.")
        return True
    audited = [package for package in packages if "skip_reason" not in package]
    findings = [line for package in audited for line in _findings(package)]
    print(f"The advisory service could be asked about {len(audited)} of {len(packages)} packages.")
    print("\n".join(findings or (["No known vulnerability."] if audited else ["Nothing was audited."])))
    return not findings


def _findings(package: dict[str, Any]) -> list[str]:
    named = f"{package['name']} {package['version']}"
    return [f"{named}: {found['id']}, fixed in {found['fix_versions'] or 'no version'}" for found in package["vulns"]]


if __name__ == "__main__":
    sys.exit(0 if audit() else 1)
