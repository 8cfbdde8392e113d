"""A simulated workstation: one key of Mercedes', over real HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests import cast
from tests.servers import Server

CHECKOUT, HEARTBEAT, RETURN = "/api/v1/licenses/checkout", "/api/v1/licenses/heartbeat", "/api/v1/licenses/return"


class Workstation:
    """A key at work at Mercedes."""

    def __init__(self, server: Server, key: str, label: str = "mercedes") -> None:
        self.server, self.key, self.label = server, key, label

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        return self.server.ask("POST", path, body, label=self.label, key=self.key, **headers)

    def check_out(self, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        body = {"product_id": cast.DAVINCI.id, "user": "alice@mercedes.example"} | more
        return self.post(CHECKOUT, body, **(headers or {}))
