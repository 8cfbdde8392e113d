"""What to paste where, so that an application uses its new key: environment, configuration file, and each SDK there is."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PYTHON = """\
from cloudlicenses_client import LicenseClient

client = LicenseClient.from_env({product})
with client.checkout(user="alice@example.com") as lease:
    ...  # the seat is yours until here"""
CURL = """\
curl --fail-with-body "$LICENSE_SERVER_URL/api/v1/licenses/checkout" \\
  --header "Authorization: Bearer $LICENSE_API_KEY" \\{hostname}
  --json {body}"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """`id` is the page's own; `what` completes "Copy the …"."""

    id: str
    title: StrPromise
    what: StrPromise
    text: str


def snippets_for(answer: dict[str, Any], *, product_id: str, hostname: str) -> list[Snippet]:
    """From the answer that shows the key (keys/serializers.py)."""
    parts = answer["integration_snippet"]
    variables = parts["environment_variables"].items()
    shell = "\n".join(f"export {name}={value}" for name, value in variables)
    windows = "\n".join(f'setx {name} "{value}"' for name, value in variables)  # for cmd.exe and PowerShell alike
    body = json.dumps({"product_id": product_id, "user": "alice@example.com"})
    header = f'\n  --header "X-Hostname: {hostname}" \\' if hostname else ""
    return [
        Snippet("shell", _("Environment"), _("environment"), shell),
        Snippet("windows", _("Environment on Windows"), _("commands"), windows),
        Snippet("config", _("Configuration file"), _("configuration"), json.dumps(parts["config_file"], indent=2)),
        Snippet("python", _("Python SDK"), _("Python code"), PYTHON.format(product=json.dumps(product_id))),
        Snippet("curl", _("Try it from a shell"), _("command"), CURL.format(hostname=header, body=shlex.quote(body))),
    ]
