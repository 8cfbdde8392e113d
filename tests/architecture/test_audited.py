"""Whoever adds an address that changes something names who does it: the actor goes on to the story, and the story records the act.

Read off the code, so that a new address is covered by itself. What the entry says of an act, that act's own tests assert.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audit.exporting import FIELDS
from audit.leaves import PERSONAL, PLAIN
from audit.models import AuditEntry
from cloudlicenses.access.addresses import addresses, api_of

APPS = (
    "accounts", "alerts", "applications", "audit", "billing", "certificates", "cloudlicenses", "insight", "keys", "licensing",
    "tenants", "vendors",
)  # fmt: skip
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
ACTORS = {"actor", "actor_of"}
# By the end of their addresses: nothing of anybody's is changed by these, or it is recorded where it happens.
NOT_ACTS = {
    "api/v1/validate/feature": "a question",
    "api/v1/usage/track": "a measurement, kept with its key and time (licensing/features)",
    "passkey/question": "a question, that is answered at another address",
    "confirm/question": "likewise",
    "passkeys/question": "likewise",
    "account/confirm": "a refusal is recorded by accounts/signing_in.py, what was confirmed by its own act",
    "logout": "recorded by accounts/signing_in.py, which Django tells of it",
    "invitations/<str:secret>": "the invited act themselves: accounts/invitations.py names them",
    "ocsp": "a question about a certificate, asked by POST as RFC 6960 has it",
}
Found = tuple[str, str, str]  # what is called, and the module and name of the function that answers


def changing() -> Iterator[Found]:
    """Every function that answers a changing method."""
    for address in addresses():
        api = api_of(address.view)
        if api is None:
            view = inspect.unwrap(address.view)
            if accepts_posts(view):
                yield f"POST {address}", view.__module__, view.__name__
            continue
        for method in sorted(set(address.rights) & set(CHANGING)):
            answering = inspect.unwrap(getattr(api, method.lower()))
            is_function = answering.__module__ == "rest_framework.decorators"  # @api_view
            module = api.__module__ if is_function else answering.__module__
            yield f"{method} {address}", module, api.__name__ if is_function else answering.__name__


def accepts_posts(view: Callable[..., Any]) -> bool:
    """A page that is only read says so: @require_safe."""
    decorated = decorators_of(view)
    return bool({"require_http_methods", "require_POST"} & decorated) or "require_safe" not in decorated


def decorators_of(view: Callable[..., Any]) -> set[str]:
    tree = functions_of(view.__module__).get(view.__name__)
    return {name for each in getattr(tree, "decorator_list", []) for name in names_in(each)}


@cache
def functions_of(module: str) -> dict[str, ast.AST]:
    """Functions and methods of a module by name."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def names_in(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}


def names_reached(module: str, function: str) -> set[str]:
    """What is named in a function, and in those of its module that it calls."""
    known = functions_of(module)
    waiting, seen, names = [function], set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        found = names_in(known[name])
        names |= found
        waiting += found
    return names


@pytest.mark.parametrize(
    ("name", "module", "function"), list(changing()), ids=lambda value: value if " " in value else ""
)
def test_whoever_changes_something_is_named(name: str, module: str, function: str) -> None:
    if not name.endswith(tuple(NOT_ACTS)):
        assert ACTORS & names_reached(module, function), f"{name}: {module}.{function} names no actor"


def test_what_is_no_act_is_an_address() -> None:
    names = [name for name, *_ in changing()]
    assert [end for end in NOT_ACTS if not any(name.endswith(end) for name in names)] == []


# Stories whose act is recorded elsewhere: where, and as what.
RECORDED_ELSEWHERE = {
    "alerts.revoking.use": "itself, as the person to whom the link was sent",
    "applications.devices._new": "applications.devices.register, of which it is a step",
    "applications.sightings.learn": "applications.fingerprints.learn, of the actor that each sighting names",
    "certificates.authorities.row_of": "its callers, which make or upload the authority that it is a row of",
    "keys.leaks._personal_token": "accounts.tokens.revoke_leaked, known there by another name",
    "keys.leaks.revoke": "keys.leaks._key, or accounts.tokens.revoke_leaked, by the sort of key",
    "licensing.leases.take_back": "licensing/sql/seats.sql: license.taken_back",
    "vendors.customer_side.as_seen_by_customer": "licensing.grants, of the actor that this gives",
    "vendors.customer_side.carry_over": "licensing.grants, as the vendor's act",
    "vendors.customer_side.put": "licensing.grants, as the vendor's act",
}


def stories() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions that are given an actor; of operators' commands, which are all given one, some only look."""
    ours = [name for name in sys.modules if name.split(".")[0] in APPS and not name.endswith(("events", "commands"))]
    for name in sorted(name for name in ours if ".management." not in name):
        path = Path(getattr(sys.modules[name], "__file__", None) or "/")
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and "actor" in parameters_of(node):
                    yield f"{name}.{node.name}", node


def parameters_of(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}


def test_no_story_drops_its_actor() -> None:
    """It records the act itself, or hands the actor to what does."""
    assert [name for name, node in stories() if not hands_on(node)] == []


def hands_on(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "actor" for node in ast.walk(function))


def test_every_story_records_its_act() -> None:
    """It calls `events.record` with its actor, or hands the actor to a story that does."""
    told = dict(stories())
    recording = {("events", "record")}
    while found := {_place(name) for name, node in told.items() if _hands_to(node, name, recording)} - recording:
        recording |= found
    assert {name for name in told if _place(name) not in recording} == set(RECORDED_ELSEWHERE)


def _place(name: str) -> tuple[str, str]:
    """Of `accounts.people.deactivate`, `people` and `deactivate`: as others call it."""
    module, _, function = name.rpartition(".")
    return module.rpartition(".")[2], function


def _hands_to(story: ast.FunctionDef, name: str, recording: set[tuple[str, str]]) -> bool:
    own = _place(name)[0]
    names = {function for _, function in recording}
    for call in (node for node in ast.walk(story) if isinstance(node, ast.Call) and _is_given_actor(node)):
        if isinstance(call.func, ast.Attribute):
            base = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
            if (base, call.func.attr) in recording or (base in {"self", "cls"} and (own, call.func.attr) in recording):
                return True
        elif isinstance(call.func, ast.Name) and call.func.id in names:
            return True
    return False


def _is_given_actor(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(node, ast.Name) and node.id == "actor" for each in given for node in ast.walk(each))


def test_an_entry_is_sealed_and_exported_with_all_that_it_says() -> None:
    """A column that is added later and forgotten in the leaf could be changed unnoticed."""
    columns = {field.name for field in AuditEntry._meta.get_fields()}
    assert columns == {*PLAIN, *PERSONAL, "id", "at"}
    assert columns - {"vendor_id"} == set(FIELDS)
