"""A request with an application's key, as whoever has to prove the application sees it (settings.KEY_PROOF, which stands above)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.signatures import Signed
from keys.recognising import KeyFacts

AS_IT_IS = re.compile(r"[\x21-\x7e]{1,120}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`named`: what narrows the request to one product, `product_id` or `license_id`; empty when it reaches all there are."""

    tenant_id: str
    key: KeyFacts
    actor: Actor
    headers: Mapping[str, str]
    signed: Signed
    named: Mapping[str, str]
    asks_for_device: bool = True


def named_in(said: Mapping[str, Any], fields: Iterable[str]) -> dict[str, str]:
    """What a request says in these fields. A name that could be read in more than one way names nothing: whoever trims it later
    must not find another product than the one that was judged."""
    found = {field: str(said.get(field)) for field in fields if isinstance(said.get(field), str)}
    return {field: value for field, value in found.items() if AS_IT_IS.fullmatch(value)}
