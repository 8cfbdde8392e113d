"""Clients for the three kinds of host: Django's test client with the Host header of its site."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.test import Client
from django.test.client import ClientHandler

from tests.contract import checking


class Site(Client):
    """`mercedes_site.ask("POST", "/api/v1/…", {…}, key="clsk_…")`: JSON out, and what comes back knows `.json()`."""

    def __init__(self, host: str) -> None:
        super().__init__(headers={"host": host})
        self.host = host
        self.handler = application(checks_forms=False)

    def generic(self, method: str, path: str, data: Any = "", *args: Any, **options: Any) -> Any:
        """Whatever is asked, and however, is held against the OpenAPI."""
        response = super().generic(method, path, data, *args, **options)
        checking.check(_exchange(self.host, response, data))
        return response

    def ask(self, method: str, path: str, body: object = None, *, key: str = "", **headers: str) -> Any:
        """One request of a program. `headers`: `idempotency_key="…"` becomes `Idempotency-Key: …`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["authorization"] = f"Bearer {key}"
        has_body = body is not None
        return self.generic(
            method, path,
            data=_encoded(body) if has_body else b"",
            content_type="application/json" if has_body else "",
            headers=sent,
        )  # fmt: skip


class Application(ClientHandler):
    """What all clients share can't be made another by one of them."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "enforce_csrf_checks" and name in vars(self):
            raise AttributeError("Every client shares this application: take `strict` for one that checks forms.")
        super().__setattr__(name, value)


@cache
def application(*, checks_forms: bool) -> Application:
    """One for all clients: middleware looks through every static file when it is made. Requests leave nothing in it."""
    return Application(enforce_csrf_checks=checks_forms)


@receiver(setting_changed)
def _build_anew(setting: str, **_: object) -> None:
    """What middleware reads when it is made."""
    if setting.startswith(("MIDDLEWARE", "SECURE_", "STATIC", "WHITENOISE_", "SESSION_ENGINE")):
        application.cache_clear()


def strict(host: str) -> Client:
    """A browser whose forms are checked, as in production."""
    browser = Client(enforce_csrf_checks=True, headers={"host": host})
    browser.handler = application(checks_forms=True)
    return browser


def apex() -> Site:
    return Site(settings.BASE_DOMAIN)


def vendors() -> Site:
    return Site(f"vendors.{settings.BASE_DOMAIN}")


def tenant(tenant_id: str) -> Site:
    return Site(f"{tenant_id}.{settings.BASE_DOMAIN}")


def _encoded(body: object) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def _exchange(host: str, response: Any, sent: Any) -> checking.Exchange:
    asked = response.request
    return checking.Exchange(
        host=asked.get("HTTP_HOST", host),  # the request does not repeat what the client was made with
        method=asked["REQUEST_METHOD"],
        path=asked["PATH_INFO"],
        sent=sent if isinstance(sent, bytes) else str(sent).encode(),
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=b"" if response.streaming else response.content,
    )
