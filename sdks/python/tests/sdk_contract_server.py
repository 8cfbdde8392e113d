"""A server that speaks the contract over real HTTP, signs with real Ed25519, and misbehaves on demand.

`server.mishaps` holds what goes wrong next, one entry a request; when it is empty requests are answered by the book. What
arrived is in `server.requests`.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sdk_contract_mishaps import Arrived, Mishap, Reply, problem

API_KEY = "clsk_mercedes_NeverShowThisKeyToAnybody0123456789"
TOKEN = "clpt_mercedes_NeverShowThisTokenEither0123456789"
PRODUCT = "davinci-configurator-se"
ALICE = "alice@mercedes.com"
HOST = "dev-ws-042.mercedes.com"
CHECKOUT = "/api/v1/licenses/checkout"
HEARTBEAT = "/api/v1/licenses/heartbeat"
RETURN = "/api/v1/licenses/return"
JWKS = "/.well-known/jwks.json"


class ContractServer(ThreadingHTTPServer):
    """Seats, leases, keys: as much of a server as the library meets."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        self.signing_key = Ed25519PrivateKey.generate()
        self.key_id = "key-2026-1"
        self.requests: list[Arrived] = []
        self.mishaps: deque[Mishap] = deque()
        self.is_down = False
        self.woken = threading.Event()
        self.now: Callable[[], float] = time.time
        self.seats = 20
        self.commit = 5
        self.ttl = 900
        self.heartbeat_seconds: float = 300
        self.leases: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, str] = {}
        self.claims_override: dict[str, Any] = {}
        self.header_override: dict[str, Any] = {}
        self.extra_jwks: list[dict[str, Any]] = [{"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AAAA"}]
        self.answered: dict[str, Reply] = {}
        self.keys: list[dict[str, Any]] = []
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"{self.scheme}://mercedes.localhost:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""

    def asked(self, path: str) -> list[Arrived]:
        return [request for request in self.requests if request.path.partition("?")[0] == path]

    def carry_out(self, arrived: Arrived) -> Reply:
        with self._lock:
            key = arrived.headers.get("idempotency-key")
            if key is not None and key in self.answered:
                return self.answered[key]
            reply = self._carry_out(arrived)
            if key is not None and reply.status < 300:
                self.answered[key] = reply
            return reply

    def _carry_out(self, arrived: Arrived) -> Reply:
        path = arrived.path.partition("?")[0]
        if path == JWKS:
            return Reply(200, self.jwks())
        if arrived.headers.get("authorization") not in {f"Bearer {API_KEY}", f"Bearer {TOKEN}"}:
            return problem(401, "key_invalid")
        routes = {CHECKOUT: self._checkout, HEARTBEAT: self._heartbeat, RETURN: self._return}
        routes |= {"/api/v1/validate/feature": self._validate, "/api/v1/keys/generate": self._generate_key}
        routes |= {"/api/v1/usage/track": self._track}
        if arrived.method == "POST" and path in routes:
            return routes[path](arrived.body)
        if arrived.method == "DELETE":
            return self._revoke_key(path.rpartition("/")[2])
        return self._list(path, arrived.path.partition("cursor=")[2])

    def _checkout(self, body: dict[str, Any]) -> Reply:
        if len(self.leases) >= self.seats:
            overage = self.seats > self.commit
            return problem(
                409, "max_overage_exceeded" if overage else "no_licenses_available", available_at="2026-11-04T10:00:00Z"
            )
        lease = {
            "lease_id": f"lease-{uuid.uuid4().hex[:12]}",
            "user": body["user"],
            "product": body["product_id"],
            "hostname": body.get("hostname"),
            "type": "commit" if len(self.leases) < self.commit else "overage",
        }
        self.leases[lease["lease_id"]] = lease
        overage = lease["type"] == "overage"
        return Reply(
            201,
            {
                "status": "success",
                "lease_id": lease["lease_id"],
                "license_id": "lic-vector-mercedes-2025-001",
                "lease_type": lease["type"],
                "cost": 500.0 if overage else 0.0,
                "currency": "EUR",
                "issued_at": _utc(self.now()),
                "expires_at": _utc(self.now() + self.ttl),
                "heartbeat_interval_seconds": self.heartbeat_seconds,
                "lease_token": self.token_for(lease),
                "features": {"can_editor": True},
            },
        )

    def _heartbeat(self, body: dict[str, Any]) -> Reply:
        lease_id = body["lease_id"]
        if lease_id in self.gone:
            return problem(409, self.gone[lease_id])
        if lease_id not in self.leases:
            return problem(404, "lease_not_found")
        token = self.token_for(self.leases[lease_id])
        return Reply(200, {"status": "alive", "expires_at": _utc(self.now() + self.ttl), "lease_token": token})

    def _return(self, body: dict[str, Any]) -> Reply:
        if body["lease_id"] in self.gone:
            return problem(409, self.gone[body["lease_id"]])
        lease = self.leases.pop(body["lease_id"], None)
        kind = lease["type"] if lease else "commit"
        cost = 500.0 if kind == "overage" else 0.0
        receipt = {
            "status": "returned",
            "lease_type": kind,
            "total_cost": cost,
            "currency": "EUR",
            "duration_seconds": 12,
        }
        return Reply(200, receipt)

    def _validate(self, body: dict[str, Any]) -> Reply:
        valid = body["feature"] == "can_editor"
        return Reply(200, {"valid": valid, "violations": [] if valid else ["feature_not_licensed"]})

    def _track(self, body: dict[str, Any]) -> Reply:
        if body["feature"] != "can_editor":
            return problem(409, "feature_not_licensed")
        told = {name: body[name] for name in ("feature", "action", "quantity")}
        return Reply(201, {"event_id": "use-1", "license_id": "lic-1", **told, "timestamp": "2026-11-04T10:00:00Z"})

    def _generate_key(self, body: dict[str, Any]) -> Reply:
        key = {"key_id": f"key-{len(self.keys) + 1}", **body, "expires_at": "2027-11-04T10:00:00Z", "revoked_at": None}
        self.keys.append(key)
        return Reply(201, {**key, "api_key": "clsk_mercedes_fresh", "tenant_url": self.url})

    def _revoke_key(self, key_id: str) -> Reply:
        for key in self.keys:
            if key["key_id"] == key_id:
                key["revoked_at"] = "2026-11-05T10:00:00Z"
                return Reply(200, key)
        return problem(404, "not_found")

    def _list(self, path: str, cursor: str) -> Reply:
        rows = {"/api/v1/licenses": self._licenses(), "/api/v1/keys": self.keys}.get(path)
        if rows is None:
            return problem(404, "not_found")
        start = int(cursor or 0)
        return Reply(
            200, {"data": rows[start : start + 1], "next_cursor": str(start + 1) if start + 1 < len(rows) else None}
        )

    def _licenses(self) -> list[dict[str, Any]]:
        used = len(self.leases)
        davinci = {"license_id": "lic-1", "product_id": PRODUCT, "in_use": used, "available": self.seats - used}
        davinci |= {"overage_in_use": max(0, used - self.commit), "status": "active"}
        multi = {"license_id": "lic-2", "product_id": "multi-8.2", "in_use": 8, "available": 12, "status": "active"}
        return [davinci, multi]

    def jwks(self) -> dict[str, Any]:
        x = b64(self.signing_key.public_key().public_bytes_raw())
        ours = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.key_id, "alg": "EdDSA", "use": "sig"}
        return {"keys": [*self.extra_jwks, ours]}

    def token_for(self, lease: dict[str, Any], **changed: Any) -> str:
        header = {"alg": "EdDSA", "kid": self.key_id, "typ": "cl-lease+jwt", **self.header_override}
        now = int(self.now())
        claims = {
            "iss": "https://mercedes.cloudlicenses.com",
            "sub": lease["user"],
            "jti": lease["lease_id"],
            "iat": now,
            "exp": now + self.ttl,
            "tenant": "mercedes",
            "vendor": "vector-de",
            "product": lease["product"],
            "license": "lic-vector-mercedes-2025-001",
            "lease_type": lease["type"],
            "hostname": lease["hostname"],
            "features": {"can_editor": True, "can_simulate": False},
            "offline": False,
        }
        return sign(self.signing_key, header, {**claims, **self.claims_override, **changed})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet, or each answer waits for an acknowledgement
    server: ContractServer

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        arrived = Arrived(self.command, self.path, headers, json.loads(raw) if raw else None)
        if self.server.is_down:
            self.close_connection = True
            return
        self.server.requests.append(arrived)
        try:
            mishap = self.server.mishaps.popleft()
        except IndexError:
            self.reply(self.server.carry_out(arrived))
        else:
            mishap(self, lambda: self.server.carry_out(arrived))

    do_GET = do_POST
    do_DELETE = do_POST

    def reply(self, reply: Reply) -> None:
        raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at `requests` instead."""


def sign(key: Ed25519PrivateKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
