"""Addresses read from the urlconfs, filled in with what they name: the victim's own, or nothing of anybody's."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.conf import settings

from cloudlicenses.access.addresses import Address, addresses
from tests.attacks.belongings import BRANDS, NOBODYS, OF, WARES, Belonging

CROWDED = {"api", "operator", "account"}  # parts below which so much stands that it is divided further
PARAMETER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<named>\w+)>[^)]*\)")


def named_in(route: str) -> list[str]:
    return [match["name"] or match["named"] for match in PARAMETER.finditer(route)]


def belongings_in(address: Address) -> dict[str, Belonging]:
    """What this address names of somebody's, by parameter. Raises `LookupError` for a kind that nobody has described."""
    if address.host == "apex" and not address.route.startswith(("operator/", "signup", "api/")):
        return {}  # public pages; links by mail are looked at on the other hosts, where the same views answer
    found = {}
    for name in named_in(address.route):
        if name in NOBODYS or (address.route.startswith("brands/") and name in BRANDS):
            continue
        if address.host == "tenant" and name in WARES:
            continue
        kind = _kind(address, name)
        if kind is None and "/account/" not in f"/{address.route}":
            raise LookupError(f"{address}: what is a {name}? Add a maker of one to tests/attacks/belongings.py.")
        if kind is not None:
            found[name] = kind
    return found


def _kind(address: Address, name: str) -> Belonging | None:
    """By the part of the address before it, or after it, or at its beginning; else by its name alone."""
    known, parts = OF[address.host], PARAMETER.sub(r"<\g<name>\g<named>>", address.route).strip("^$").split("/")
    place = parts.index(f"<{name}>") if f"<{name}>" in parts else 0
    around = (f"{parts[place - 1]}/{name}", f"{name}/{parts[-1]}", f"{parts[0]}/{name}", name)
    return next((known[each] for each in around if each in known), None)


def filled(address: Address, ids: Mapping[str, object]) -> str:
    """The path, with these ids in it."""
    values = {**NOBODYS, **BRANDS, **WARES, **ids}
    text = PARAMETER.sub(
        lambda match: str(values.get(match["name"] or match["named"], "0000000000000001")), address.route
    )
    return "/" + text.removeprefix("^").removesuffix("$")


def by_place(found: Iterable[Address]) -> dict[str, list[Address]]:
    """In groups that one visitor can walk in one go: of a host, by the first part of the address."""
    groups: dict[str, list[Address]] = defaultdict(list)
    for address in found:
        place, *below = address.route.strip("^$").split("/")
        if place in CROWDED and below:
            place = f"{place}/{below[0] if place != 'api' else '/'.join(below[1:2])}"
        groups[f"{address.host}/{PARAMETER.sub('…', place)}"].append(address)
    return groups


def template_of(address: Address) -> str:
    """As the OpenAPI document writes this path."""
    text = PARAMETER.sub(lambda match: "{" + (match["name"] or match["named"]) + "}", address.route)
    return "/" + text.removeprefix("^").removesuffix("$")


def example_for(address: Address, method: str) -> Any:
    """The documented example of a body; None where none is taken."""
    operation = paths_of(address.host).get(template_of(address), {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return content and content.get("example", {})


def naming_something() -> list[Address]:
    """Every address that names something of somebody's, also of a kind that nobody has described."""
    return [address for address in addresses() if _names_something(address)]


def _names_something(address: Address) -> bool:
    try:
        return bool(belongings_in(address))
    except LookupError:
        return True


@cache
def paths_of(host_kind: str) -> Any:
    """Of the OpenAPI document, which a test keeps equal to the code."""
    told = settings.BASE_DIR / "docs" / "openapi" / f"{host_kind}.json"
    return json.loads(told.read_text(encoding="utf-8"))["paths"]
