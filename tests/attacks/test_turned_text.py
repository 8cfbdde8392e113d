"""Names that are read as others: text that turns the rest of its line around, or breaks it, is taken nowhere."""

from __future__ import annotations

from django import forms

from accounts import tokens
from accounts.models import Role
from cloudlicenses.web.forms import PageForm
from keys.models import ApiKey
from tenants.context import inside
from tests import builders
from tests.licensing.workstations import Workstation
from tests.servers import Server
from tests.sites import Site

TURNED = ("alice\u202ekcab", "\u2066alice", "a\u2028b", "a\x85b", "a\nb", "a\x1b[31mb")
AS_PEOPLE_WRITE = ("Jürgen Groß", "علی\u200cرضا", "שלום\u200f!", "李雷", "O’Brien — Büro")


class Naming(PageForm):
    name = forms.CharField()
    notes = forms.CharField(required=False, widget=forms.Textarea)


def test_no_seat_is_given_to_such_a_name(server: Server) -> None:
    with inside("mercedes"):
        builders.granted(total_licenses=50, commit_qty=50, max_overage=0)
        workstation = Workstation(server, builders.tenant_key())
    for name in TURNED:
        for field in ("user", "hostname"):
            answer = workstation.check_out(**{field: name})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert [workstation.check_out(user=name).status_code for name in AS_PEOPLE_WRITE] == [201] * len(AS_PEOPLE_WRITE)


def test_no_key_is_made_for_such_an_application(mercedes_site: Site, db: None) -> None:
    with inside("mercedes"):
        admin = tokens.issue(builders.person(role=Role.LICENSE_ADMIN), "test", actor=builders.actor())[1]
    for name in TURNED:
        sent = {"app_name": name, "app_type": "desktop", "scopes": ["license:checkout"]}
        answer = mercedes_site.ask("POST", "/api/v1/keys/generate", sent, key=admin)
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["app_name"])
    with inside("mercedes"):
        assert not ApiKey.objects.exists()


def test_no_page_takes_it_in_a_field_of_one_line() -> None:
    assert [list(Naming({"name": name, "notes": "two\nlines"}).errors) for name in TURNED] == [["name"]] * len(TURNED)
    assert all(Naming({"name": name}).is_valid() for name in AS_PEOPLE_WRITE)
