"""Authenticator apps and recovery codes: each code works once, and what a role needs can't be taken away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from accounts import recovery, second_factors, totp
from accounts.models import Role, Totp, User
from accounts.refusals import SecondFactorRequired, WrongCode
from audit.models import AuditEntry
from cloudlicenses.kit import clock
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.kit.refusals import InvalidInput
from cloudlicenses.sealing.master import Unsealable
from tenants.context import inside
from tests import builders
from tests.accounts.conftest import Pass

pytestmark = pytest.mark.usefixtures("time_stands")  # or it would be another half minute between a code and its use
HALF_A_MINUTE = timedelta(seconds=30)


def code_of(user: User, *, steps: int = 0) -> str:
    secret = totp.secret_of(Totp.objects.get(user=user))
    return pyotp.TOTP(secret).at(clock.now() + steps * HALF_A_MINUTE)


def wrong_code_of(user: User) -> str:
    """One that is right neither now nor half a minute before or after."""
    right = {code_of(user, steps=steps) for steps in (-1, 0, 1)}
    return next(code for number in range(4) if (code := f"{number:06}") not in right)


def enrol(user: User) -> list[str]:
    totp.begin(user)
    return totp.confirm(user, code_of(user), actor=SYSTEM)


@pytest.fixture
def anna(inside_mercedes: object) -> User:
    return builders.person()


def test_an_app_counts_once_a_code_has_confirmed_it(anna: User) -> None:
    totp.begin(anna)
    assert not totp.check(anna, code_of(anna))
    with pytest.raises(WrongCode):
        totp.confirm(anna, wrong_code_of(anna), actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).second_factor_since is None
    codes = totp.confirm(anna, code_of(anna), actor=SYSTEM)
    assert len(set(codes)) == recovery.HOW_MANY
    assert User.objects.get(pk=anna.pk).second_factor_since is not None
    assert AuditEntry.objects.filter(event="totp.added").count() == 1


def test_the_same_secret_is_shown_until_it_is_confirmed(anna: User) -> None:
    first = totp.secret_of(totp.begin(anna))
    assert totp.secret_of(totp.begin(anna)) == first
    assert first.encode() not in bytes(Totp.objects.get(user=anna).sealed_secret)
    assert f"secret={first}" in totp.address_of(totp.begin(anna), issuer="CloudLicenses ACME")


def test_a_code_works_once_and_so_does_none_before_it(anna: User, let_pass: Pass) -> None:
    enrol(anna)
    assert not totp.check(anna, code_of(anna))
    let_pass(timedelta(minutes=2))
    late = code_of(anna, steps=1)
    assert totp.check(anna, late)
    assert not totp.check(anna, late)
    assert not totp.check(anna, code_of(anna))


@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(anna: User, let_pass: Pass, steps: int, passes: bool) -> None:
    enrol(anna)
    let_pass(timedelta(minutes=5))
    assert totp.check(anna, code_of(anna, steps=steps)) is passes


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0", "é" * 6])
def test_what_is_no_code_is_refused(anna: User, code: str) -> None:
    enrol(anna)
    assert not totp.check(anna, code)
    assert not recovery.use(anna, code, actor=SYSTEM)


def test_a_sealed_secret_is_worth_nothing_in_another_row(anna: User) -> None:
    enrol(anna)
    bob = builders.person("bob@mercedes-benz.com")
    stolen = Totp.objects.get(user=anna)
    Totp.objects.create(user=bob, sealed_secret=stolen.sealed_secret, created_at=clock.now(), confirmed_at=clock.now())
    with pytest.raises(Unsealable):
        totp.check(bob, "123456")


def test_each_recovery_code_works_once_however_it_is_typed(anna: User) -> None:
    codes = enrol(anna)
    assert recovery.use(anna, codes[0].upper().replace("-", " "), actor=SYSTEM)
    assert not recovery.use(anna, codes[0], actor=SYSTEM)
    assert recovery.left(anna) == recovery.HOW_MANY - 1
    assert AuditEntry.objects.get(event="recovery_code.used").facts == {"left": 9}


def test_one_persons_recovery_codes_are_nothing_for_another(anna: User) -> None:
    codes = enrol(anna)
    assert not recovery.use(builders.person("bob@mercedes-benz.com"), codes[0], actor=SYSTEM)


def test_new_recovery_codes_end_the_former_ones(anna: User) -> None:
    former = enrol(anna)
    renewed = recovery.renew(anna, actor=SYSTEM)
    assert not recovery.use(anna, former[0], actor=SYSTEM)
    assert recovery.use(anna, renewed[0], actor=SYSTEM)


def test_with_the_last_factor_the_recovery_codes_go(anna: User) -> None:
    codes = enrol(anna)
    totp.remove(anna, actor=SYSTEM)
    totp.remove(anna, actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).second_factor_since is None
    assert not recovery.use(anna, codes[0], actor=SYSTEM)
    assert AuditEntry.objects.filter(event="totp.removed").count() == 1


def test_a_factor_that_a_role_needs_stays(anna: User) -> None:
    enrol(anna)
    second_factors.require_of([Role.OWNER], actor=SYSTEM)
    with pytest.raises(SecondFactorRequired):
        totp.remove(anna, actor=SYSTEM)
    assert Totp.objects.filter(user=anna).exists()
    assert not User.objects.get(pk=anna.pk).must_enrol


def test_who_must_enrol(anna: User) -> None:
    viewer = builders.person("vera@mercedes-benz.com", role=Role.VIEWER)
    assert [anna.must_enrol, viewer.must_enrol] == [False, False]
    second_factors.require_of([Role.OWNER], actor=SYSTEM)
    assert [anna.must_enrol, viewer.must_enrol] == [True, False]
    assert second_factors.required_of() == ["owner"]
    with pytest.raises(InvalidInput):
        second_factors.require_of([Role.SALES], actor=SYSTEM)


def test_operators_must_unless_this_is_a_machine_for_trying(db: None, settings: Settings) -> None:
    operator = builders.person("ops@cloudlicenses.example", role=Role.OPERATOR)
    for needed in (False, True):
        settings.OPERATORS_NEED_SECOND_FACTOR = needed
        assert operator.must_enrol is needed


def test_one_vendors_policy_is_not_anothers(db: None) -> None:
    ours = builders.person("a@vector.example", role=Role.SALES, vendor_id="vector-de")
    theirs = builders.person("b@greenhills.example", role=Role.SALES, vendor_id="greenhills")
    second_factors.require_of([Role.SALES], vendor_id="vector-de", actor=SYSTEM)
    assert ours.must_enrol
    assert not theirs.must_enrol


def test_an_owner_vouches_for_somebody_who_has_lost_everything(anna: User) -> None:
    codes = enrol(anna)
    second_factors.forget_all(anna, actor=SYSTEM)
    assert User.objects.get(pk=anna.pk).second_factor_since is None
    assert not totp.check(anna, code_of_nobody())
    assert not recovery.use(anna, codes[0], actor=SYSTEM)


def code_of_nobody() -> str:
    return pyotp.TOTP(pyotp.random_base32()).now()


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_many_at_once_with_one_code_one_gets_in(committed: None, let_pass: Pass, kind: str) -> None:
    with inside("mercedes"):
        anna = builders.person()
        codes = enrol(anna)
        let_pass(timedelta(minutes=2))
        code = code_of(anna)
    uses = {"totp": lambda: totp.check(anna, code), "recovery": lambda: recovery.use(anna, codes[0], actor=SYSTEM)}
    assert sorted(at_once(uses[kind], 6)) == [False] * 5 + [True]


def at_once(act: Callable[[], bool], times: int) -> list[bool]:
    barrier, outcomes = threading.Barrier(times), list[bool]()

    def run() -> None:
        barrier.wait()
        with inside("mercedes"):
            outcomes.append(act())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_secret_that_was_shown_long_ago_is_not_that_of_todays_app(anna: User, let_pass: Pass) -> None:
    seen = totp.secret_of(totp.begin(anna))
    let_pass(timedelta(minutes=29))
    assert totp.secret_of(totp.begin(anna)) == seen
    let_pass(timedelta(minutes=2))
    assert totp.secret_of(totp.begin(anna)) != seen
    enrol(anna)
    kept = totp.secret_of(Totp.objects.get(user=anna))
    let_pass(timedelta(days=400))
    assert totp.secret_of(totp.begin(anna)) == kept
