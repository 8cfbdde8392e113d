"""Which features this tenant's licenses have, each once, with where it is and whether it may be used now."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudlicenses.kit import clock
from licensing import queries
from licensing.features import verdicts
from licensing.features.verdicts import Verdict
from licensing.models import License


@dataclass(slots=True)
class Feature:
    """`verdict` is that of the license which comes nearest to a yes."""

    name: str
    licenses: list[License] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        now = clock.now()
        return verdicts.nearest(Verdict(one, verdicts.violations_of(one, "", now)) for one in self.licenses)


def features(*, product_id: str = "", behind: str = "", most: int) -> list[Feature]:
    """By name, at most so many, behind the one named. Licenses of a tenant are few; their features are gathered here."""
    found = queries.licenses().exclude(status=License.Status.REVOKED)
    gathered: dict[str, Feature] = {}
    for license_ in found.filter(product_id=product_id) if product_id else found:
        for name in license_.features:
            gathered.setdefault(name, Feature(name)).licenses.append(license_)
    return [gathered[name] for name in sorted(gathered) if name > behind][:most]
