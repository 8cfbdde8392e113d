"""What a page may refuse somebody with is marked for translation: no sentence is put together where nobody can translate it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from cloudlicenses.access.addresses import addresses
from cloudlicenses.kit.refusals import NotFound, Refusal
from tests.web.messages import written

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "alerts", "applications", "audit", "billing", "certificates", "insight", "keys", "licensing", "tenants",
        "vendors")  # fmt: skip
# Programs alone meet what is said here, and read English.
FOR_PROGRAMS = {
    "api.py", "serializers.py", "applications/judging.py", "applications/nonces.py", "audit/evidence.py", "audit/proofs.py",
    "billing/evidence.py", "cloudlicenses/web/idempotency.py", "keys/faces.py", "keys/restrictions.py", "tenants/verification.py",
}  # fmt: skip
FOLDERS_FOR_PROGRAMS = {"plane", "management", "rotation"}


def _codes() -> Iterator[tuple[Path, ast.Call]]:
    roots = [ROOT / app for app in (*APPS, "cloudlicenses")]
    for path in (path for root in roots for path in root.rglob("*.py")):
        place = path.relative_to(ROOT)
        if FOLDERS_FOR_PROGRAMS & set(place.parts) or {place.name, str(place)} & FOR_PROGRAMS:
            continue
        yield from ((place, node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def _refusals(of: type[Refusal] = Refusal) -> Iterator[str]:
    """All but what is answered with a page that says its title alone."""
    if not issubclass(of, NotFound):
        yield of.__name__
    for below in of.__subclasses__():
        yield from _refusals(below)


def _sentence(node: ast.expr) -> str | None:
    """A text with a space in it, or the code that puts one together; what is marked is a call, and no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value else None
    return ast.unparse(node) if isinstance(node, ast.JoinedStr) and any(map(_sentence, node.values)) else None


def test_no_sentence_that_refuses_is_said_in_english_alone() -> None:
    assert addresses()  # whatever answers there is loaded, and with it every refusal
    speaking = {"FieldError", *_refusals()}
    assert len(speaking) > 40
    unmarked = [
        f"{place}:{call.lineno} {sentence}"
        for place, call in _codes()
        if isinstance(call.func, ast.Name) and call.func.id in speaking
        for said in (*call.args, *(word.value for word in call.keywords))
        if (sentence := _sentence(said))
    ]
    assert unmarked == []


def test_whatever_is_marked_is_translated() -> None:
    known = {part for source, _ in written() for part in source.split("\0")}
    marked = [
        (str(place), call.args[0].value)
        for place, call in _codes()
        if isinstance(call.func, ast.Name)
        and call.func.id in {"gettext_noop", "gettext_lazy", "_"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(marked) > 1000
    assert [(place, text) for place, text in marked if text not in known] == []
