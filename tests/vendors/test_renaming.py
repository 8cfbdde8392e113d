"""A vendor has another name: its customers read it everywhere, and nothing else of theirs changes."""

from __future__ import annotations

from audit import delivery
from audit.models import AuditEntry
from billing import costs
from cloudlicenses.kit import clock, months
from cloudlicenses.wiring import LISTENERS
from licensing.models import License
from tenants import context
from tests import builders, cast
from tests.vendors.crm import Crm
from vendors import profile
from vendors.models import IssuedLicense


def renamed(name: str) -> None:
    with context.acting_for(cast.VECTOR.id):
        profile.change(builders.actor(), cast.VECTOR.id, {"name": name})


def heard() -> None:
    while delivery.deliver_due(LISTENERS, inside=context.inside):
        pass


def test_tenants_call_a_vendor_as_it_is_called(vector: Crm) -> None:
    first = vector.sold()
    with context.inside(cast.MERCEDES.id):
        builders.granted("lic-theirs", product=cast.MULTI)
        before = License.objects.get(pk=first)
    renamed("Vector Group")
    heard()
    vector.sold(crm_opportunity_id="SF-2")  # after the renaming
    with context.inside(cast.MERCEDES.id):
        names = set(License.objects.values_list("vendor_id", "vendor_name"))
        after = License.objects.get(pk=first)
        month = costs.document(cast.MERCEDES.id, months.month_of(clock.now()))
        entry = AuditEntry.objects.get(event="vendor.renamed")
    assert names == {(cast.VECTOR.id, "Vector Group"), (cast.GREENHILLS.id, cast.GREENHILLS.name)}
    assert (after.revision, after.package, after.total_licenses) == (
        before.revision,
        before.package,
        before.total_licenses,
    )
    assert [vendor["vendor_name"] for vendor in month["vendors"]] == ["Vector Group"]
    assert (entry.actor_kind, entry.actor_label, entry.facts) == ("vendor", "Vector Group", {"name": "Vector Group"})


def test_tenants_without_its_licenses_hear_nothing(vector: Crm) -> None:
    vector.sold()
    renamed("Vector Group")
    heard()
    with context.inside(cast.BMW.id):
        assert not AuditEntry.objects.filter(event="vendor.renamed").exists()


def test_an_entry_that_comes_late_does_not_bring_an_old_name_back(vector: Crm) -> None:
    license_id = vector.sold()
    for name in ("Second", "Third"):
        renamed(name)
    heard()
    with context.inside(cast.MERCEDES.id):
        assert License.objects.get(pk=license_id).vendor_name == "Third"
    assert IssuedLicense.objects.get(pk=license_id).revision == 1


def test_a_profile_without_another_name_announces_nothing(vector: Crm) -> None:
    vector.sold()
    with context.acting_for(cast.VECTOR.id):
        profile.change(
            builders.actor(), cast.VECTOR.id, {"name": cast.VECTOR.name, "support_email": "help@vector.example"}
        )
    assert not AuditEntry.objects.filter(event="vendor.renamed").exists()
