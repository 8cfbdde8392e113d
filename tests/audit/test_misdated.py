"""An entry that somebody puts in under another date is sealed like all others; but the sealer marks it, and says so aloud."""

from __future__ import annotations

import pytest

from alerts.models import Alert
from audit import sealing
from audit.models import AuditEntry, TreeHead, TreeLeaf
from audit.seals.models import SealDue
from cloudlicenses.observation import backlogs
from tenants.context import inside, platform
from tests import cast, sites
from tests.alerts.conftest import look
from tests.audit.conftest import LOG, Auditor, bend, happen, number
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.usefixtures("committed")
PUT_IN = """
    INSERT INTO audit_auditentry (event, at, result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id, vendor_id,
                                  key_id, hostname, fingerprint, user_agent, request_id)
    SELECT event, clock_timestamp() + interval '{}', result, code, actor_kind, actor_id, actor_label, subject_kind, subject_id,
           vendor_id, key_id, hostname, fingerprint, user_agent, request_id FROM audit_auditentry WHERE event = 'key.issued' LIMIT 1
"""


def put_in(*intervals: str) -> None:
    bend(*(PUT_IN.format(interval) for interval in intervals))


def marks() -> list[str]:
    with inside(cast.MERCEDES.id):
        return list(TreeLeaf.objects.exclude(misdated="").order_by("index").values_list("misdated", flat=True))


def witnessed() -> list[AuditEntry]:
    with inside(cast.MERCEDES.id):
        return list(AuditEntry.objects.filter(event="log.misdated"))


def test_it_is_sealed_marked_and_witnessed_in_the_log_itself(auditor: Auditor) -> None:
    happen(3)
    put_in("-1 day", "-61 minutes", "6 minutes")
    happen(2)
    assert marks() == ["backdated", "backdated", "postdated"]
    [witness] = witnessed()
    assert (witness.subject_id, witness.actor_kind, witness.facts["number"]) == (LOG, "system", 3)
    assert witness.facts["kinds"] == ["backdated", "postdated"]
    with inside(cast.MERCEDES.id):
        marked = TreeLeaf.objects.exclude(misdated="").order_by("index").values_list("entry_id", flat=True)
        assert [number(name) for name in witness.facts["entries"]] == list(marked)
    happen(1)
    assert len(witnessed()) == 1, "each is told of once"
    assert {kind for kind, _ in auditor.found()} == {"backdated", "postdated"}, "the verifier says the same"


def test_the_tenant_is_alarmed_and_operators_see_it(auditor: Auditor) -> None:
    happen(1)
    put_in("-2 hours")
    before = {one.name: one.rows for one in backlogs.what_waits()}["bent_logs"]
    happen(0)
    look()
    with inside(cast.MERCEDES.id):
        [alert] = Alert.objects.filter(kind="log_bent")
    assert (alert.severity, alert.subject_kind, alert.subject_id, alert.count) == ("critical", "log", LOG, 1)
    assert alert.facts["entry"] == witnessed()[0].facts["entries"][0]
    with platform():
        assert (before, {one.name: one.rows for one in backlogs.what_waits()}["bent_logs"]) == (0, 1)


def test_its_page_says_so(auditor: Auditor, mercedes_site: sites.Site) -> None:
    sign_in(mercedes_site, "anna@mercedes-benz.com")
    happen(1)
    put_in("-2 hours")
    happen(0)
    entry = number(witnessed()[0].facts["entries"][0])
    shown = mercedes_site.get(f"/audit/{entry}").content.decode()
    assert "did not come when it says" in shown
    assert "did not come when it says" not in mercedes_site.get(f"/audit/{entry - 1}").content.decode()


def test_what_was_committed_late_is_of_its_time(auditor: Auditor) -> None:
    happen(1)
    put_in("-55 minutes", "4 minutes")
    happen(1)
    assert (marks(), witnessed()) == ([], [])


def test_one_from_the_future_makes_no_others_backdated(auditor: Auditor) -> None:
    happen(1)
    put_in("1 year")
    happen(3)
    assert marks() == ["postdated"]


def test_after_a_head_that_does_not_know_its_newest_entry_the_last_one_counts(auditor: Auditor) -> None:
    """Heads that were signed before it was noted."""
    happen(2)
    bend("UPDATE audit_treehead SET newest_at = NULL")
    put_in("-2 hours")
    happen(0)
    assert marks() == ["backdated"]
    with inside(cast.MERCEDES.id):
        assert TreeHead.objects.latest("size").newest_at is not None


def test_a_vendors_log_and_the_platforms_are_watched_likewise() -> None:
    for vendor_id in (cast.VECTOR.id, ""):
        with platform():
            for _ in range(2):
                AuditEntry.objects.create(event="thing.done", actor_kind="system", vendor_id=vendor_id)
    due = SealDue.objects.get_or_create(source="", defaults={"due_at": "2020-01-01T00:00:00Z"})[0]
    SealDue.objects.filter(pk=due.pk).update(due_at="2020-01-01T00:00:00Z")
    sealing.seal_due(inside=inside)
    with platform():
        for vendor_id in (cast.VECTOR.id, ""):
            AuditEntry.objects.create(
                event="thing.done", actor_kind="system", vendor_id=vendor_id, at="2020-01-01T00:00:00Z"
            )
    SealDue.objects.filter(pk=due.pk).update(due_at="2020-01-01T00:00:00Z")
    sealing.seal_due(inside=inside)
    with platform():
        found = (
            AuditEntry.objects.filter(event="log.misdated").order_by("vendor_id").values_list("vendor_id", "subject_id")
        )
        assert list(found) == [("", "platform"), (cast.VECTOR.id, f"vendor/{cast.VECTOR.id}")]
