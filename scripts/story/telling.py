"""Asking over HTTP, and telling it: what was sent, what came back, and whether it is what the story says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

MOST_SHOWN = 1200
SECRET_HEADERS = {"authorization": 26}  # characters that are shown


@dataclass
class Teller:
    """One browser, CRM or workstation: cookies and headers of its own."""

    port: int
    base_domain: str
    label: str = ""

    def __post_init__(self) -> None:
        host = f"{self.label}.{self.base_domain}" if self.label else self.base_domain
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Host": host}, timeout=30, trust_env=False
        )
        self.host = host

    def ask(self, method: str, path: str, *, expect: int | None, quietly: bool = False, **sent: Any) -> httpx.Response:
        """One request; fails the story when the status is another than expected, if any is."""
        answer = self.client.request(method, path, **sent)
        is_wrong = expect is not None and answer.status_code != expect
        if not quietly or is_wrong:
            self._tell(method, path, sent, answer)
        check(not is_wrong, f"expected {expect}, got {answer.status_code}")
        return answer

    def _tell(self, method: str, path: str, sent: dict[str, Any], answer: httpx.Response) -> None:
        print(f"\n> {method} http://{self.host}{path}")
        for name, value in sent.get("headers", {}).items():
            print(f"> {name}: {value[: SECRET_HEADERS.get(name.lower(), 200)]}")
        if "json" in sent:
            print("> " + json.dumps(sent["json"], ensure_ascii=False))
        print(f"< {answer.status_code} {answer.headers.get('content-type', '')}")
        if answer.text and answer.headers.get("content-type", "").startswith(
            ("application/json", "application/problem", "text/csv")
        ):
            print("< " + answer.text[:MOST_SHOWN].replace("\r\n", "\n< "))


def chapter(number: int, title: str) -> None:
    print(f"\n{'=' * 100}\n{number}. {title}\n{'=' * 100}")


def check(holds: bool, otherwise: str) -> None:
    """A step of the story that must hold."""
    if not holds:
        raise AssertionError(otherwise)


def same(found: object, wanted: object, what: str) -> None:
    check(found == wanted, f"{what}: expected {wanted!r}, found {found!r}")
    print(f"  ✓ {what}: {found}")
