"""Does a version satisfy a license's constraint? PEP 440 specifiers, as the seed's `>=8.0.0`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

MOST_REMEMBERED = 2_000
_known: dict[str, dict[str, bool]] = {}


def remembered(version: str) -> dict[str, bool]:
    """Verdicts on this version by constraint, as far as they were asked for before."""
    return _known.get(version, {})


def judge(version: str, constraints: Iterable[str]) -> dict[str, bool]:
    """Verdicts on these constraints and on those remembered."""
    if len(_known) >= MOST_REMEMBERED:
        _known.clear()
    verdicts = dict(remembered(version)) | {constraint: satisfies(version, constraint) for constraint in constraints}
    _known[version] = verdicts
    return verdicts


@lru_cache(maxsize=10_000)
def satisfies(version: str, constraint: str) -> bool:
    """Pre-releases count as versions. What is no version satisfies no constraint but the empty one."""
    if not constraint:
        return True
    try:
        return SpecifierSet(constraint).contains(Version(version), prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return False
