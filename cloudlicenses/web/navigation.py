"""The side navigation of each kind of host: one list, from which everybody sees what their rights open.

A page belongs here when people look for it by name. `section` is what its view, and every view below it, puts into its context;
a test holds each entry to an existing address and to the right that its view asks for.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """`right` empty: for everybody. `icon` is one of the sprite's."""

    section: str
    label: StrPromise
    path: str
    icon: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    entries: tuple[Entry, ...]
    label: StrPromise | str = ""


def _developers(guide: str) -> Group:
    api, guides = Entry("api", _("API reference"), "/docs", "api"), Entry("docs", _("Guides"), guide, "book")
    return Group((api, guides), _("Developers"))


NAVIGATION: dict[str, tuple[Group, ...]] = {
    "tenant": (
        Group((
            Entry("home", _("Overview"), "/", "dashboard", "licenses:read"),
            Entry("licenses", _("Licenses"), "/licenses", "ticket", "licenses:read"),
            Entry("keys", _("API keys"), "/keys", "key", "keys:read"),
            Entry("certificates", _("Certificates"), "/certificates", "shield-check", "certificates:read"),
            Entry("applications", _("Applications"), "/applications", "fingerprint", "applications:read"),
            Entry("devices", _("Devices"), "/devices", "device-laptop", "applications:read"),
            Entry("alerts", _("Alerts"), "/alerts", "bell", "alerts:read"),
            Entry("usage", _("Usage"), "/usage", "chart-histogram", "licenses:read"),
            Entry("costs", _("Costs"), "/costs", "wallet", "costs:read"),
        )),
        Group((
            Entry("team", _("Users"), "/users", "users", "users:read"),
            Entry("audit", _("Audit log"), "/audit", "history", "audit:read"),
        ), _("Organization")),
        _developers("/docs/customers"),
    ),
    "vendors": (
        Group((
            Entry("home", _("Overview"), "/", "dashboard", "portal:read"),
            Entry("licenses", _("Licenses"), "/licenses", "file-certificate", "contracts:read"),
            Entry("customers", _("Customers"), "/customers", "users", "contracts:read"),
            Entry("products", _("Products"), "/products", "package", "contracts:read"),
            Entry("analytics", _("Analytics"), "/analytics", "chart-histogram", "contracts:read"),
            Entry("billing", _("Billing"), "/billing", "receipt", "revenue:read"),
        )),
        Group((
            Entry("keys", _("API keys"), "/keys", "key", "integrations:manage"),
            Entry("webhooks", _("Webhooks"), "/webhooks", "webhook", "integrations:manage"),
        ), _("Integrations")),
        Group((
            Entry("team", _("Team"), "/team", "users", "team:read"),
            Entry("audit", _("Audit log"), "/audit", "history", "portal:audit"),
            Entry("settings", _("Settings"), "/settings", "settings", "portal:manage"),
        ), _("Organization")),
        _developers("/docs/vendors"),
    ),
    "apex": (
        Group((
            Entry("tenants", _("Tenants"), "/operator/", "building", "platform:read"),
            Entry("registrations", _("Registrations"), "/operator/registrations", "clock", "platform:read"),
            Entry("vendors", _("Vendors"), "/operator/vendors", "building-store", "platform:read"),
            Entry("health", _("Health"), "/operator/health", "activity", "platform:read"),
            Entry("encryption", _("Encryption keys"), "/operator/encryption", "lock", "platform:read"),
            Entry("audit", _("Audit log"), "/operator/audit", "history", "platform:read"),
        )),
        Group((Entry("docs", _("Operations guide"), "/docs/operations", "book"),), _("Help")),
    ),
}  # fmt: skip


def groups_for(host_kind: str, rights: Set[str]) -> list[Group]:
    """What somebody with these rights sees on such a host; groups that are left empty are left out."""
    kept = [
        replace(group, entries=tuple(entry for entry in group.entries if not entry.right or entry.right in rights))
        for group in NAVIGATION[host_kind]
    ]
    return [group for group in kept if group.entries]
