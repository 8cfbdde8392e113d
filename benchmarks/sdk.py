"""The local feature check of the Python SDK on a signed and verified lease: how many a second on one core, how long one takes."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType

from benchmarks.rounds import goal
from benchmarks.scene import Furniture, Scene

FURNITURE = Furniture(tenants=0)
ITS_OWN = Path(__file__).resolve().parents[1] / "sdks" / "python" / "benchmarks" / "feature_check.py"


def main(scene: Scene) -> bool:
    """The SDK is a package of its own and brings its own benchmark; here it stands beside the others."""
    check = _its_own()
    lease = check.signed_lease()
    return all([
        goal("feature checks a second", check.rate("check('can_editor')", check=lease.has_feature), check.PROMISED, at_least=True),
        goal("p99 of one check", check.slowest_of_99(lease), check.PROMISED_NS, at_least=False, unit=" ns"),
    ])  # fmt: skip


def _its_own() -> ModuleType:
    spec = util.spec_from_file_location("feature_check", ITS_OWN)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
