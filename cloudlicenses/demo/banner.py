"""What `make run` says when everything is up."""

from __future__ import annotations

from django.conf import settings

from cloudlicenses.demo import cast
from cloudlicenses.web.pages import apex_url, tenant_url, vendors_url
from tenants.models import Tenant


def banner() -> str:
    """Addresses, and how to sign in to the demo if its data is there."""
    lines = [
        "CloudLicenses is running.",
        "",
        f"  Public site and API docs   {apex_url('/')}   {apex_url('/docs')}",
        f"  Operator                   {apex_url('/operator/')}",
        f"  Vendors                    {vendors_url('/')}",
    ]
    with_demo = Tenant.objects.filter(id=cast.CUSTOMERS[0].id).exists()
    if with_demo:
        lines += [f"  {customer.name:26} {tenant_url(customer.id, '/')}" for customer in cast.CUSTOMERS]
    if settings.MAIL_SINK_DIR:
        lines.append(f"  Mail that was sent         {apex_url('/dev/mail')}")
    if with_demo:
        lines += ["", f"Sign in with the password {cast.PASSWORD} as", *_people()]
    else:
        lines += [
            "",
            "The database is empty. Make an operator:  .venv/bin/python manage.py create_operator --email you@example.com",
        ]
    return "\n".join(lines)


def _people() -> list[str]:
    mercedes = cast.CUSTOMERS[0]
    return [
        f"  {mercedes.admin:32} license administrator of {mercedes.name}",
        f"  {cast.VENDORS[0].email:32} staff of {cast.VENDORS[0].name}",
        f"  {cast.OPERATOR:32} platform operator",
    ]
