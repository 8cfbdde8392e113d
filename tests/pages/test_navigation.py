"""The side navigation leads where it says, and shows nobody what they may not open."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve

from accounts.models import Role
from accounts.roles import RIGHTS
from cloudlicenses.web.navigation import NAVIGATION, Entry, groups_for
from cloudlicenses.web.templatetags.pages import ICONS
from scripts.vendor_assets import ROOT
from tenants.hosts import URLCONFS
from tests.pages.conftest import Enter

ENTRIES = [(host, entry) for host, groups in NAVIGATION.items() for group in groups for entry in group.entries]


@pytest.mark.parametrize(("host", "entry"), ENTRIES, ids=[f"{host}{entry.path}" for host, entry in ENTRIES])
def test_an_entry_leads_to_a_page_that_asks_for_its_right(host: str, entry: Entry):
    view = resolve(entry.path, urlconf=URLCONFS[host]).func
    needed = getattr(view, "needed_right", "")
    assert needed in {entry.right, ""}  # the portal's front page is for strangers too
    assert f'id="{entry.icon}"' in (ROOT / "static" / ICONS).read_text()


@pytest.mark.parametrize("role", [Role.OWNER, Role.FINANCE, Role.VIEWER])
def test_people_see_what_their_role_opens(role: Role, at_mercedes: Enter):
    site = at_mercedes(role)
    page = site.get("/").content.decode()
    linked = re.findall(r'<a href="([^"]*)"', page[page.index("<nav") : page.index("</nav>")])
    assert linked == [entry.path for group in groups_for("tenant", RIGHTS[role]) for entry in group.entries]
    assert all(site.get(path).status_code == 200 for path in linked)
    assert '<a href="/" aria-current="page">' in page


def test_a_group_without_entries_is_left_out():
    labels = [str(group.label) for group in groups_for("tenant", RIGHTS["viewer"])]
    assert "Organization" not in labels
    assert "Organization" in [str(group.label) for group in groups_for("tenant", RIGHTS["owner"])]
