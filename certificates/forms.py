"""The forms of certificates: one from a signing request, one revoked, an authority of one's own and what it has revoked."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.lists import LONGEST_LIST
from cloudlicenses.web.forms import FilterForm, PageForm, SearchInput

LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("825", _("825 days"))]
STATES = [
    ("valid", _("valid")),
    ("expired", _("expired")),
    ("revoked", _("revoked")),
    ("distrusted", _("authority removed")),
]
REASONS = [
    ("unspecified", _("No particular reason")),
    ("key_compromise", _("Its private key was stolen or lost")),
    ("superseded", _("There is a newer certificate")),
    ("cessation_of_operation", _("The machine is out of use")),
    ("affiliation_changed", _("It belongs to another department or company now")),
    ("privilege_withdrawn", _("It may no longer take part")),
]


class Pem(forms.CharField):
    """Pasted PEM."""

    def __init__(self, *, begins: str, rows: int = 8, **options: Any) -> None:
        attributes = {
            "rows": rows,
            "placeholder": f"-----BEGIN {begins}-----",
            "spellcheck": "false",
            "class": "form-control mono",
        }
        super().__init__(widget=forms.Textarea(attrs=attributes), **options)


class CertificateFilter(FilterForm):
    q = forms.CharField(
        label=_("Search"), max_length=100, widget=SearchInput(attrs={"placeholder": _("name or serial number")})
    )
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATES])


class IssueForm(PageForm):
    csr = Pem(label=_("Certificate signing request"), begins="CERTIFICATE REQUEST", max_length=16_000)
    days = forms.TypedChoiceField(label=_("Valid for"), choices=LIVES, coerce=int, initial="365")
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16))


class RevokeForm(PageForm):
    reason = forms.ChoiceField(label=_("Why?"), choices=REASONS)


class AuthorityForm(PageForm):
    certificates = Pem(
        label=_("Certificates of the authority"),
        begins="CERTIFICATE",
        rows=12,
        max_length=100_000,
        help_text=_(
            "The one that issues, those above it, and the self-signed root, one after the other. Never a private key."
        ),
    )


class ListForm(PageForm):
    crl = Pem(
        label=_("Revocation list"),
        begins="X509 CRL",
        rows=12,
        max_length=LONGEST_LIST,
        help_text=_("The latest list of this authority, in PEM. It replaces the one before."),
    )
