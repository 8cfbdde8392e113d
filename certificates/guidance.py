"""Lines to copy: how a machine makes its key and its request, and how it shows the certificate afterwards."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

REQUEST = """\
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\
  -keyout client.key -out client.csr \\
  -subj {subject} -addext {names}"""
SHOW = "cat client.csr"
CHECK = "openssl x509 -in client.crt -noout -subject -ext subjectAltName -enddate"
CURL = """\
curl --fail-with-body --cert client.crt --key client.key \\
  --header "Authorization: Bearer $LICENSE_API_KEY" \\
  --json '{{"product_id": "your-product-id", "user": "alice@example.com"}}' \\
  {address}"""
PYTHON = """\
from cloudlicenses_client import LicenseClient

client = LicenseClient.from_env("your-product-id", cert=("client.crt", "client.key"))"""


@dataclass(frozen=True, slots=True)
class Lines:
    """`what` completes "Copy the …"."""

    id: str
    title: StrPromise
    what: StrPromise
    text: str


def for_a_request(host: str) -> list[Lines]:
    """`host`: an example of a name."""
    machine = REQUEST.format(subject=shlex.quote(f"/CN={host}"), names=shlex.quote(f"subjectAltName=DNS:{host}"))
    domain = host.partition(".")[2] or host
    workload = REQUEST.format(subject="/", names=shlex.quote(f"subjectAltName=critical,URI:spiffe://{domain}/build"))
    return [
        Lines("machine", _("A workstation or server"), _("command"), f"{machine}\n{SHOW}"),
        Lines("workload", _("A workload with a SPIFFE id"), _("command"), f"{workload}\n{SHOW}"),
    ]


def for_use(certificate: Certificate, server: str) -> list[Lines]:
    return [
        Lines("certificate", _("The certificate: save it as client.crt"), _("certificate"), certificate.pem),
        Lines("check", _("Look at it"), _("command"), CHECK),
        Lines(
            "curl", _("Try it from a shell"), _("command"), CURL.format(address=f"{server}/api/v1/licenses/checkout")
        ),
        Lines("python", _("Python SDK"), _("Python code"), PYTHON),
    ]
