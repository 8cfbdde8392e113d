"""What is done again and again takes as many statements with thirty tenants as with three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from alerts import looking, watching
from alerts import sending as alert_sending
from audit import delivery
from audit.outbox.models import OutboxEntry
from audit.seals.models import SealDue
from billing import rollup
from billing.webhooks import sending
from cloudlicenses import housekeeping
from cloudlicenses.kit import clock
from cloudlicenses.observation.backlogs import BACKLOGS, Backlogs
from cloudlicenses.wiring import LISTENERS
from licensing import reclaim
from tenants import deploying, provisioning, sealing, verification
from tenants.context import inside
from tenants.models import SweepDue, Tenant
from tests.isolation.crowds import gathered
from vendors import projection, renewing
from vendors import provisioning as issuing

pytestmark = pytest.mark.usefixtures("committed")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is sent by a cursor, whoever's."""
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        sent.append(str(query))
        return execute(cursor, query, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noting)
        yield sent


def of(act: Callable[[], object]) -> int:
    with counted() as sent:
        act()
    return len(sent)


def deliver() -> int:
    return delivery.deliver_due(LISTENERS, inside=inside)


LOOKS: dict[str, tuple[Callable[[], object], int]] = {
    "what was recorded": (deliver, 2),
    "logs to be sealed": (sealing.seal_logs, 3),
    "seats that lapsed": (reclaim.reclaim_due, 1),
    "half-made tenants": (provisioning.continue_provisioning, 1),
    "proofs in the DNS": (verification.look_for_proofs, 2),
    "webhooks": (sending.send_due, 1),
    "what may be unusual": (looking.look_due, 1),
    "alerts to be sent": (alert_sending.send_due, 1),
    "whom nobody named": (watching.name_the_unnamed, 2),
    "licenses that wait": (issuing.provision_all_waiting, 1),
    "contracts that are over": (renewing.renew_what_is_over, 1),
    "months that are over": (rollup.close_what_is_over, 2),
    "old rows": (housekeeping.forget_what_is_old, 3),
    "usage": (projection.project_due, 1),
    "backlogs": (lambda: list(Backlogs().collect()), len(BACKLOGS)),
}


@pytest.mark.parametrize(("look", "most"), LOOKS.values(), ids=LOOKS)
def test_a_look_for_work_that_finds_none_is_a_few_statements(look: Callable[[], object], most: int) -> None:
    gathered(30)
    while housekeeping.forget_what_is_old() or Tenant.objects.filter(tidied_at=None, is_provisioned=True).exists():
        pass
    projection.project_due()
    while sealing.seal_logs() or SealDue.objects.filter(due_at__lte=clock.now()).exists():
        pass
    look()  # what is looked up once and kept
    assert of(look) <= most


def test_a_deploy_that_changes_nothing_takes_no_more_statements_for_more_tenants() -> None:
    def deploy() -> None:
        assert deploying.deploy(said.append) == []

    said: list[str] = []
    gathered(1)
    deploy()
    of_three = of(deploy)
    gathered(28)
    of_thirty = of(deploy)
    assert said == []
    assert of_thirty == of_three


def test_work_is_found_by_one_statement_however_many_tenants_have_none() -> None:
    """What is done then is for the tenants that are due alone."""
    gathered(30)
    SweepDue.objects.create(tenant_id="bmw", due_at=clock.now())
    with counted() as sent:
        reclaim.reclaim_due()
    assert len(sent) <= 5  # find, sweep, lock, write, and a look at the session
    assert not [statement for statement in sent if "crowd" in statement]


def test_an_event_is_told_by_as_many_statements_however_many_tenants_there_are() -> None:
    def tell() -> int:
        OutboxEntry.objects.create(event="user.invited", tenant_id="bmw", entry_id=1)
        return of(deliver)

    of_three = tell()
    gathered(30)
    assert tell() == of_three
    assert not OutboxEntry.objects.filter(done_at=None).exists()
