"""What the real server and a job write to the log: JSON, one line each, with tenant and request id, and never a secret."""

from __future__ import annotations

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import Celery

from accounts.models import Role
from cloudlicenses.web import logs
from cloudlicenses.web.scrubbing import without_secrets
from keys.signing import ensure_signing_keys
from tenants.context import inside
from tests import builders, cast, servers
from tests.almost import mistyped

Line = dict[str, Any]

PATIENCE_SECONDS = 60
PASSWORD = "correct-horse-battery"
SECRET = "s3cr3tS3cr3tS3cr3tS3cr3t"
INVITATION = "aZ09-_" * 7
INJECTED = "%0a%7b%22event%22:%22forged%22%7d%1b%5b31mred%e2%80%ae"


@pytest.fixture
def server(committed: None, tmp_path: Path) -> Iterator[servers.Server]:
    """One of its own, which logs as in production."""
    with (tmp_path / "log").open("wb") as log, servers.running(log, LOG_LEVEL="INFO", LOG_FORMAT="json") as server:
        yield server


@pytest.fixture
def lines(tmp_path: Path) -> Any:
    """Each line of the server's log, parsed: one that is no JSON object fails here. `lines(about="req-1")`: as soon as there is one
    of this request, which may have had its answer before."""

    def read(about: str = "") -> list[Line]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            text = (tmp_path / "log").read_text(encoding="utf-8")
            found = [json.loads(line) for line in text.splitlines()]
            if not about or time.monotonic() > deadline or any(one.get("request_id") == about for one in found):
                return found
            time.sleep(0.05)

    return read


def test_no_secret_is_logged_wherever_it_stands(server: servers.Server, lines: Any) -> None:
    with inside(cast.MERCEDES.id):
        ensure_signing_keys(cast.MERCEDES.id)
        builders.granted()
        key = builders.tenant_key()
        builders.person(role=Role.OWNER)
    stranger = mistyped(key)
    basic = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()

    leased = server.ask("POST", "/api/v1/licenses/checkout", checkout(), label="mercedes", key=key)
    assert leased.status_code == 201
    token = leased.json()["lease_token"]
    server.ask("POST", "/api/v1/licenses/checkout", checkout(), label="mercedes", key=stranger)
    server.ask("POST", "/api/v1/licenses/checkout", checkout(), label="bmw", key=key)
    server.ask("POST", "/api/v1/licenses/checkout", {"api_key": key, "password": PASSWORD}, label="mercedes", key=key)
    server.ask("POST", "/api/v1/licenses/heartbeat", {"lease_id": token}, label="mercedes", key=key)
    server.ask("GET", f"/api/v1/licenses?api_key={key}&token={SECRET}", label="mercedes", Cookie=f"cl_session={SECRET}")
    server.ask("GET", f"/api/v1/licenses/{key}", label="mercedes", key=key)
    server.ask("GET", f"/nowhere/{key}/{token}", label="mercedes", Authorization=f"Basic {basic}")
    server.ask("GET", f"/invitations/{INVITATION}", label="mercedes")
    server.ask("GET", f"/invitations/{INVITATION}/", label="vendors")
    server.ask("GET", f"/resets/{INVITATION}", label="mercedes")
    server.ask("GET", f"/alerts/revoke/{INVITATION}", label="mercedes")
    server.ask("POST", "/login", label="mercedes", Cookie=f"cl_csrf={SECRET}", X_CSRFToken=SECRET)
    server.ask("POST", "/api/v1/tenants/verify", {"tenant_id": "acme", "verification_token": SECRET})
    server.ask("GET", "/api/v1/tenants/acme/status", key=SECRET)
    server.ask("POST", "/api/v1/webhooks", {"authorization": SECRET}, label="vendors", key=key, X_Vendor_ID=SECRET)

    server.ask("GET", "/healthz", X_Request_ID="req-last")
    logged = json.dumps(lines(about="req-last"))
    assert logged.count('"event": "request"') >= 14
    for secret in (key, stranger, key[-20:], PASSWORD, SECRET, INVITATION, token, basic):
        assert secret not in logged


def test_each_line_of_a_tenants_request_names_tenant_and_request(server: servers.Server, lines: Any) -> None:
    with inside(cast.MERCEDES.id):
        key = builders.tenant_key()
    server.ask("GET", "/api/v1/licenses", label="mercedes", key=key, X_Request_ID="req-django")
    server.ask("GET", "/api/v1/keys", label="mercedes", key=key, X_Request_ID="req-refused")
    server.ask("GET", "/nowhere", label="mercedes", X_Request_ID="req-nowhere")
    server.ask(
        "POST", "/api/v1/licenses/heartbeat", {"lease_id": "x"}, label="mercedes", key=key, X_Request_ID="req-plane"
    )

    for request_id in ("req-django", "req-refused", "req-nowhere", "req-plane"):
        found = [line for line in lines(about=request_id) if line.get("request_id") == request_id]
        assert found, request_id
        assert {line["tenant"] for line in found} == {"mercedes"}
    assert [line for line in lines() if "tenant" in line and not line.get("request_id")] == []


def test_nobody_can_forge_or_colour_a_line(server: servers.Server, lines: Any) -> None:
    before = len(lines())
    answer = server.ask("GET", f"/api/v1/{INJECTED}", X_Request_ID='req-1", "event": "forged')

    assert answer.status_code == 404
    assert "forged" not in answer.headers["X-Request-ID"]
    assert all(line["event"] in {"request", "refused"} for line in lines()[before:])
    shown = "".join(line.get("path", "") for line in lines())
    assert "red" in shown
    assert not {"\x1b", "\n", "\u202e"} & set(shown)


class TestJobs:
    @pytest.fixture
    def log(self, settings: Any) -> Iterator[Any]:
        """Logs as in production, into this test."""
        logs.configure({"format": "json", "level": "INFO"})
        stream = io.StringIO()
        logging.getLogger().handlers[0].setStream(stream)  # type: ignore[attr-defined]  # it is a StreamHandler
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
        logs.configure(settings.LOGGING)
        structlog.contextvars.clear_contextvars()

    @pytest.fixture
    def app(self) -> Celery:
        return Celery("tests", broker="memory://", set_as_current=False, fixups=[])

    def test_a_jobs_lines_name_it_and_its_tenant(self, log: Any, app: Celery, db: None, mercedes: str) -> None:
        def speak() -> None:
            with inside(mercedes):
                structlog.get_logger("tests").info(
                    "spoke", api_key="clsk_mercedes_0123456789", link=f"/invitations/{SECRET}"
                )
            structlog.get_logger("tests").info("spoke again")

        app.task(speak, name="tests.speak", shared=False).apply()

        first, second = (line for line in log() if line["logger"] == "tests")
        assert (first["job"], first["tenant"]) == ("tests.speak", "mercedes")
        assert (first["api_key"], first["link"]) == ("[hidden]", "/invitations/[hidden]")
        assert second["job_id"] == first["job_id"]
        assert "tenant" not in second

    def test_a_defect_is_told_without_the_secrets_in_its_text(self, log: Any, app: Celery) -> None:
        def fail() -> None:
            raise RuntimeError(f"redis://:{SECRET}@valkey:6379 refused Bearer {SECRET}\n\x1b[31mforged")

        app.task(fail, name="tests.fail", shared=False).apply()

        (line,) = (line for line in log() if line["level"] == "error")
        assert "RuntimeError" in line["exception"]
        assert SECRET not in json.dumps(line)
        assert "\x1b" not in line["exception"]


@pytest.mark.parametrize(
    "text",
    [
        f"clvk_vector-de_{SECRET}", f"Authorization: Bearer {SECRET}", f"https://user:{SECRET}@host/", f"password={SECRET}&next=/",
        f'{{"api_key": "{SECRET}"}}', f"whsec_{SECRET}=", f"eyJhbGciOiJFZERTQSJ9.{SECRET}.{SECRET}",
        f"_cloudlicenses TXT cloudlicenses-verify={SECRET}", f"Set-Cookie: cl_session={SECRET}; HttpOnly",
        f"GET /resets/{SECRET}", f"GET /alerts/revoke/{SECRET}",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert SECRET not in without_secrets(text)


@pytest.mark.parametrize(
    "text", ["/api/v1/licenses/lic-vector-mercedes-2025-001", "tenant mercedes", "no token was sent"]
)
def test_what_does_not_is_left(text: str) -> None:
    assert without_secrets(text) == text


def checkout() -> dict[str, str]:
    return {"product_id": cast.DAVINCI.id, "user": "alice@mercedes.com"}
