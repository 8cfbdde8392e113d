"""`keys list`, `keys generate`, `keys revoke`, with a personal token."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from .._sync_wire import run_now
from .output import print_json, print_table
from .setup import PERSONAL_TOKEN, desk

_COLUMNS = {
    "KEY": "key_id",
    "APPLICATION": "app_name",
    "SCOPES": "scopes",
    "EXPIRES": "expires_at",
    "LAST USED": "last_used_at",
    "REVOKED": "revoked_at",
}
_USUAL_SCOPES = ["license:checkout", "license:return"]


def show(arguments: argparse.Namespace) -> int:
    with desk(arguments, PERSONAL_TOKEN) as at:
        keys = run_now(at.session.listing(at.wire, "/api/v1/keys"))
    if arguments.json:
        print_json(keys)
    else:
        print_table(_COLUMNS, keys, empty="No keys.")
    return 0


def generate(arguments: argparse.Namespace) -> int:
    """The one place where a key is shown: the server never tells it again."""
    with desk(arguments, PERSONAL_TOKEN) as at:
        request = at.session.calls.post("/api/v1/keys/generate", _wanted(arguments))
        made = run_now(at.session.send(at.wire, request)).json_object()
    if arguments.json:
        print_json(made)
        return 0
    print(f"# key {made.get('key_id')}, valid until {made.get('expires_at')}. It is shown only now; keep it safe.")
    print(f"LICENSE_SERVER_URL={made.get('tenant_url')}")
    print(f"LICENSE_API_KEY={made.get('api_key')}")
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    with desk(arguments, PERSONAL_TOKEN) as at:
        request = at.session.calls.delete(f"/api/v1/keys/{quote(arguments.key_id, safe='', errors='replace')}")
        run_now(at.session.send(at.wire, request))
    print(f"{arguments.key_id} revoked")
    return 0


def _wanted(arguments: argparse.Namespace) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "app_name": arguments.app_name,
        "app_type": arguments.app_type,
        "scopes": arguments.scopes or _USUAL_SCOPES,
        "expires_in_days": arguments.days,
    }
    restrictions = ("allowed_hostnames", "allowed_ip_ranges", "allowed_products")
    return wanted | {name: getattr(arguments, name) for name in restrictions if getattr(arguments, name)}
