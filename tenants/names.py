"""Which names a tenant may have: its id, which is its subdomain, and the domain by which its company is proved."""

from __future__ import annotations

import re

import idna
from django.conf import settings

from cloudlicenses.kit.refusals import gettext_noop
from tenants.roles import TENANT_ID

RESERVED = frozenset(
    "vendors vendor www api apex admin administrator static mail status app assets account accounts auth billing blog cdn "
    "dashboard dev docs email ftp help imap login metrics ns1 ns2 operator platform pop postmaster root secure security signup "
    "smtp sso staging support system tenant test webmail well-known public postgres".split()
)
LONGEST_DOMAIN = 253 - len("_cloudlicenses.")
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")

# Names under which registries sell domains: nobody's own, although they have two labels.
REGISTRIES = frozenset(
    "ac.uk co.uk gov.uk ltd.uk me.uk net.uk org.uk plc.uk com.au edu.au gov.au net.au org.au co.nz net.nz org.nz ac.jp co.jp go.jp "
    "ne.jp or.jp co.kr or.kr com.cn gov.cn net.cn org.cn com.hk com.tw com.sg com.my co.id co.th co.in net.in org.in com.br gov.br "
    "net.br org.br com.ar com.co com.mx com.pe com.tr com.ua co.il org.il co.za org.za com.eg com.sa com.pl net.pl org.pl co.at "
    "or.at gv.at com.pt com.gr com.ro co.rs eu.com uk.com us.com de.com".split()
)


def fault_of_tenant_id(text: str) -> str:
    """What keeps this from being a tenant's id; empty if nothing does."""
    if not TENANT_ID.fullmatch(text):
        return gettext_noop("Must be 3 to 40 characters of a-z, 0-9 and hyphens, with no hyphen first or last.")
    if text in RESERVED or text.startswith("xn--"):
        return gettext_noop("This name is reserved. Choose another.")
    return ""


def canonical_domain(text: str) -> str:
    """The domain as DNS knows it: lower case, no final dot, `müller.de` as `xn--mller-kva.de`.

    Raises ValueError with the reason.
    """
    domain = _to_ascii(text.strip().removesuffix("."))
    labels = domain.split(".")
    if len(domain) > LONGEST_DOMAIN or not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError(gettext_noop("Must be a domain name, such as example.com."))
    if len(labels) < 2 or domain in REGISTRIES:
        raise ValueError(gettext_noop("Must be a domain of your own, such as example.com."))
    if domain == settings.BASE_HOST or domain.endswith(f".{settings.BASE_HOST}"):
        raise ValueError(gettext_noop("This domain is ours. Name one of your own."))
    return domain


def _to_ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode().lower()
    except idna.IDNAError:
        raise ValueError(gettext_noop("Must be a domain name, such as example.com.")) from None
