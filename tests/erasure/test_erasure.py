"""Somebody is forgotten: no table of their tenant, nor what `public` holds of it, names them afterwards; the rest is as it was."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import people, tokens
from accounts.models import Passkey, Role, Session, User
from accounts.refusals import StillActive
from alerts import channels
from alerts.models import Alert, Channel, Delivery, RevokeLink
from audit import events
from audit.models import AuditEntry
from audit.seals.models import SealDue
from cloudlicenses.erasure import asking, carrying_out
from cloudlicenses.erasure.asking import Whose
from cloudlicenses.erasure.models import Erasure
from cloudlicenses.erasure.refusals import NobodyNamed
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import InvalidInput
from cloudlicenses.web import idempotency
from keys.models import ApiKey
from licensing.models import Denial, Lease, UsageEvent
from tenants import sealing
from tenants.context import inside, platform
from tenants.models import Registration, Tenant
from tests import builders, cast

pytestmark = pytest.mark.usefixtures("committed")
BEN, NAME, LOGIN, LAPTOP = "ben.thaler@mercedes-benz.com", "Ben Thaler", "bthe-7", "bthe-laptop.mercedes.com"
AT = "10.0.77.7"
MERCEDES = Whose(tenant_id=cast.MERCEDES.id)
OPERATOR = Actor(kind="operator", id="root", label="root at the command line")


def everything(schema: str = "tenant_mercedes") -> str:
    """All that all tables of a schema hold, as text."""
    with platform(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [name for (name,) in cursor.fetchall()]
    found = []
    with inside(cast.MERCEDES.id) if schema != "public" else platform(), connection.cursor() as cursor:
        for name in tables:
            if name != "django_migrations" and not name.startswith("billing_usagerecord_"):
                cursor.execute(f"SELECT coalesce(jsonb_agg(t), '[]')::text FROM {schema}.\"{name}\" t")
                found.append(cursor.fetchone()[0])
    return "\n".join(found).lower()


def seal() -> None:
    with platform():
        SealDue.objects.update(due_at=clock.now())
    sealing.seal_logs()


@pytest.fixture
def ben() -> User:
    """Was here for years, and left something at every place."""
    with inside(cast.MERCEDES.id):
        builders.person()
        user = builders.person(BEN, role=Role.LICENSE_ADMIN)
        User.objects.filter(pk=user.pk).update(name=NAME)
        user.refresh_from_db()
        acting = Actor(kind="user", id=str(user.pk), label=BEN, ip=AT, user_agent="Ben's own browser")
        _had_an_account(user, acting)
        _took_seats()
        _was_told_of(acting)
        _looked_after_keys(acting)
        _looked_after_installations()
        idempotency.answer_once(caller=f"user:{user.pk}", key="1", request_digest="", produce=lambda: (201, {}))
        people.deactivate(str(user.pk), actor=builders.actor())
    Tenant.objects.filter(pk=cast.MERCEDES.id).update(admin_email=BEN, admin_name=NAME)
    Registration.objects.create(
        tenant_id=cast.MERCEDES.id, company_name="Mercedes", domain="mercedes-benz.com", region="eu", plan="free", admin_email=BEN,
        admin_name=NAME, token="t", created_at=clock.now(), expires_at=clock.now(), last_problem=f"{BEN} did not answer",
    )  # fmt: skip
    return user


def _had_an_account(user: User, acting: Actor) -> None:
    tokens.issue(user, f"{NAME}'s laptop", actor=acting)
    user.invitations.create(secret_hash="x", created_at=clock.now(), expires_at=clock.now())
    Passkey.objects.create(
        user=user, credential_id="c", credential=b"", sign_count=0, rp_id="x", name=NAME, created_at=clock.now()
    )
    Session.objects.create(session_key="s", session_data="", expire_date=clock.now(), user=user, ip=AT)


def _took_seats() -> None:
    license = builders.granted()
    facts = {"user": LOGIN.upper(), "hostname": LAPTOP, "ip": AT, "fingerprint": f"of {LAPTOP}"}
    builders.leased(license, "lease-ben", metadata={"who": NAME, "deep": [{NAME: 1}]}, **facts)
    builders.leased(
        license, "lease-ended", ended_at=clock.now(), ended_by="returned", usage_metadata={"mail": BEN}, **facts
    )
    builders.leased(license, "lease-anna", user="anna", hostname="dev-ws-042", ip="10.0.1.42", metadata={"n": 1})
    builders.leased(license, "lease-on-it", user="anna", hostname=LAPTOP)
    Denial.objects.create(product_id="p", code="c", user=LOGIN, hostname=LAPTOP, key_id="k")
    UsageEvent.objects.create(
        id="u", license=license, feature="f", action="a", quantity=1, key_id="k", metadata={"by": LOGIN}, at=clock.now()
    )
    events.record("license.checked_out", actor=builders.actor("key", id="key-1"), user=LOGIN)


def _was_told_of(acting: Actor) -> None:
    mail, _ = channels.add("email", {"to": [BEN, "team@mercedes-benz.com"]}, actor=acting, name=f"Mail to {NAME}")
    channels.add("email", {"to": [BEN.title()]}, actor=acting, name="only them")
    alert = Alert.objects.create(
        id="alert-1", kind="new_admin", severity="low", subject_kind="user", subject_id="7", subject_name=BEN, first_at=clock.now(),
        last_at=clock.now(), facts={"by": BEN}, seen=[{"by": BEN, "user": LOGIN}], acknowledged_by=BEN, resolved_by="anna",
        note=f"I asked {NAME}; it was ({LOGIN}), not bthe-77",
    )  # fmt: skip
    same = {
        "endpoint": mail,
        "alert": alert,
        "event": "alert.raised",
        "next_try_at": clock.now(),
        "created_at": clock.now(),
    }
    mine = Delivery.objects.create(id="d-1", message_id="1", receiver=BEN, body="{}", **same)
    Delivery.objects.create(
        id="d-2", message_id="1", receiver="anna@x.com", body=json.dumps({"told": f"{BEN} is an owner"}), last_problem=f"<{BEN}>",
        log=[{"problem": BEN}], **same,
    )  # fmt: skip
    user_id = User.objects.get(email=BEN).pk
    RevokeLink.objects.create(
        delivery=mine, secret_hash="r", key_id="k", user_id=user_id, created_at=clock.now(), expires_at=clock.now()
    )
    events.record("alert.raised", actor=acting, deep={"list": [{"told": BEN}]})


def _looked_after_keys(acting: Actor) -> None:
    builders.tenant_key(
        id="key-ben", app_name=f"{NAME} (laptop)", created_by=BEN, allowed_hostnames=[LAPTOP, "dev-ws-042"], metadata={"of": LOGIN},
        client_cert_names=[f"email:{BEN}"], client_cert_cn=LAPTOP,
    )  # fmt: skip
    events.record("key.issued", actor=acting, subject=("key", "key-ben"))


def _looked_after_installations() -> None:
    builders.fingerprint("sha256:1", user=LOGIN, hostname=LAPTOP, ip=AT)
    builders.fingerprint("sha256:2", user="anna", hostname="dev-ws-042", ip="10.0.1.42", decided_by=BEN)


def forget(*names: str, **more: Any) -> Erasure:
    asked = asking.ask(names or (BEN, LOGIN, LAPTOP), MERCEDES, actor=OPERATOR, may_name_anything=True, **more)
    with platform():
        carrying_out.carry_out_due()
        return Erasure.objects.get(pk=asked.pk)


def test_no_table_names_them_afterwards(ben: User) -> None:
    seal()
    before = everything()
    for said in (BEN, NAME.lower(), LOGIN, LAPTOP, AT, "own browser"):
        assert said in before, said
    erasure = forget()
    after = everything() + everything("public")
    for said in (BEN, NAME.lower(), f'"{LOGIN}"', f"({LOGIN})", LAPTOP, AT, "own browser"):
        assert said not in after, said
    assert erasure.done_at is not None
    assert erasure.sealed_person is None
    assert erasure.entries > 3
    assert erasure.rows > 10
    assert erasure.changed == 0


def test_what_is_others_or_counts_stays(ben: User) -> None:
    seal()
    forget()
    with inside(cast.MERCEDES.id):
        leases = {lease.pk: lease for lease in Lease.objects.all()}
        pseudonym = leases["lease-ben"].user
        assert pseudonym.startswith("erased-")
        assert leases["lease-ended"].user == pseudonym, "what they did stays theirs together"
        assert leases["lease-ben"].ended_at is None, "a seat in use stays in use"
        assert (leases["lease-anna"].user, leases["lease-anna"].hostname) == ("anna", "dev-ws-042")
        assert (leases["lease-on-it"].user, leases["lease-on-it"].hostname) == ("anna", pseudonym)
        key = ApiKey.objects.get(pk="key-ben")
        assert key.allowed_hostnames == [pseudonym, "dev-ws-042"], "it is bound as tightly as before"
        assert key.app_name == f"{pseudonym} (laptop)"
        assert Alert.objects.get().note == f"I asked {pseudonym}; it was ({pseudonym}), not bthe-77"
        assert User.objects.filter(pk=ben.pk).count() == 0
        assert list(Delivery.objects.values_list("receiver", flat=True)) == ["anna@x.com"]


def test_nothing_is_sent_to_them_any_more(ben: User) -> None:
    seal()
    forget()
    with inside(cast.MERCEDES.id):
        both, only = Channel.objects.order_by("created_at")
        assert channels.target_of(both)["to"] == ["team@mercedes-benz.com"]
        assert (channels.target_of(only)["to"], only.is_active) == ([], False)
    assert Tenant.objects.get(pk=cast.MERCEDES.id).admin_email == "anna@mercedes-benz.com"


def test_what_is_not_sealed_yet_is_erased_as_soon_as_it_is(ben: User) -> None:
    first = forget()
    assert (first.done_at, first.entries) == (None, 0)
    assert first.sealed_person is not None
    seal()
    with platform():
        Erasure.objects.update(next_try_at=clock.now())
        carrying_out.carry_out_due()
        last = Erasure.objects.get(pk=first.pk)
    assert last.done_at is not None
    assert last.entries > 3
    assert BEN not in everything()


def test_it_is_on_record_without_a_name(ben: User) -> None:
    seal()
    erasure = forget()
    with inside(cast.MERCEDES.id):
        asked, done = (AuditEntry.objects.get(event=f"person.{deed}") for deed in ("erasure_asked", "erased"))
    assert (asked.actor_label, asked.subject_id) == (OPERATOR.label, erasure.pk)
    assert done.facts == {"entries": erasure.entries, "rows": erasure.rows}


def test_done_again_it_finds_nothing(ben: User) -> None:
    seal()
    forget()
    seal()
    again = forget()
    assert (again.entries, again.rows) == (0, 0)


@pytest.mark.parametrize("name", [BEN, NAME])
def test_whoever_may_still_sign_in_is_not_forgotten(name: str, ben: User) -> None:
    with inside(cast.MERCEDES.id):
        people.reactivate(str(ben.pk), actor=builders.actor())
    with pytest.raises(StillActive):
        asking.ask([name], MERCEDES, actor=OPERATOR, may_name_anything=True)
    assert Erasure.objects.count() == 0


@pytest.mark.parametrize("name", ["key-ben", "system", "license.checked_out", "lic-1", "stranger@example.com", LAPTOP])
def test_an_owner_can_name_nobody_but_a_person_of_theirs(name: str, ben: User) -> None:
    """Or they could blank a log by calling something else a person."""
    with pytest.raises(NobodyNamed):
        asking.ask([BEN, name], MERCEDES, actor=builders.actor())


@pytest.mark.parametrize("names", [[], [" "], ["ab"], [BEN, "x"]])
def test_what_stands_in_too_many_words_is_refused(names: list[str], ben: User) -> None:
    with pytest.raises(InvalidInput):
        asking.ask(names, MERCEDES, actor=OPERATOR, may_name_anything=True)


def test_an_owner_may_name_an_engineer_who_never_had_an_account(ben: User) -> None:
    seal()
    asking.ask([LOGIN], MERCEDES, actor=builders.actor())
    with platform():
        assert carrying_out.carry_out_due() == 1
    assert f'"{LOGIN}"' not in everything()
    with inside(cast.MERCEDES.id):
        assert User.objects.filter(pk=ben.pk).exists()


def test_two_workers_do_it_once(ben: User) -> None:
    seal()
    erasure = asking.ask([BEN], MERCEDES, actor=OPERATOR)
    with platform():
        assert [carrying_out.carry_out(erasure.pk), carrying_out.carry_out(erasure.pk)] == [True, False]


def test_of_a_tenant_that_was_deleted_meanwhile_nothing_is_left_to_forget(ben: User) -> None:
    erasure = asking.ask([BEN], MERCEDES, actor=OPERATOR)
    with platform():
        Tenant.objects.filter(pk=cast.MERCEDES.id).update(is_provisioned=False)
        assert carrying_out.carry_out_due() == 1
        Tenant.objects.filter(pk=cast.MERCEDES.id).update(is_provisioned=True)
        done = Erasure.objects.get(pk=erasure.pk)
    assert (done.done_at is None, done.sealed_person) == (False, None)


def test_a_vendors_person_is_forgotten_at_that_vendor(ben: User) -> None:
    carl = builders.person("carl@vector.example", role=Role.SALES, vendor_id=cast.VECTOR.id)
    builders.vendor_key(id="vkey-1", created_by="carl@vector.example")
    builders.vendor_key(cast.GREENHILLS.id, id="vkey-2", created_by="carl@vector.example")
    account = builders.account()
    account.contact_email = "carl@vector.example"
    account.save()
    people.deactivate(str(carl.pk), actor=builders.actor(), vendor_id=cast.VECTOR.id)
    seal()
    out = StringIO()
    call_command("erase_person", "--vendor", cast.VECTOR.id, "--email", "carl@vector.example", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["done"]
    assert said["entries"] > 0
    account.refresh_from_db()
    assert account.contact_email == ""
    assert ApiKey.objects.get(pk="vkey-1").created_by.startswith("erased-")
    assert ApiKey.objects.get(pk="vkey-2").created_by == "carl@vector.example", "another vendor's business"
    assert not User.objects.filter(pk=carl.pk).exists()


def test_an_operator_is_forgotten_at_the_platform() -> None:
    ops = builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    acting = Actor(kind="operator", id=str(ops.pk), label=ops.email)
    events.record("tenant.suspended", actor=acting, subject=("tenant", "mercedes"))
    User.objects.filter(pk=ops.pk).update(is_active=False)
    seal()
    call_command("erase_person", "--email", ops.email, stdout=StringIO())
    assert ops.email not in everything("public")


def test_a_tenant_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match="not_found"):
        call_command("erase_person", "--tenant", "nobody", "--email", BEN)
