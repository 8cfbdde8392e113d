"""Two or three transactions that meet, in every order of their steps: the books stay right; all ends as in a serial order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.races import mutants
from tests.races.cases import AMENDED, STABLE
from tests.races.clocks import clock_set_to
from tests.races.meeting import Theatre, theatre
from tests.races.mutants import Mutant, broken
from tests.races.scenes import ends, last_seat, terms, time_passes
from tests.races.scenes.doing import Scene
from tests.races.test_model import START

SEEN_IN_SOME_ORDER = (
    (mutants.NO_LOCK, last_seat.two_want_the_last_seat),
    (mutants.NO_LOCK, last_seat.the_budget_is_for_one_of_two),
    (mutants.NO_LOCK, terms.a_seat_is_wanted_while_the_license_is_revoked),
    (mutants.NO_LOCKS, ends.a_lease_is_returned_and_taken_back),
    (mutants.BACKWARDS, time_passes.a_sweep_and_a_checkout_meet_over_two_licenses),
    (mutants.LOOKED_TOO_EARLY, last_seat.two_want_the_seat_that_another_returns),
)


@pytest.fixture
def house(committed: None) -> Iterator[Theatre]:
    with clock_set_to(START, ticking=True) as clock, theatre(clock) as house:
        yield house


@pytest.mark.parametrize("scene", STABLE + AMENDED, ids=lambda scene: scene.__name__)
def test_every_order_ends_like_a_serial_one(house: Theatre, scene: Scene) -> None:
    told = house.tell(scene)
    assert told.faults == []
    assert told.waits > 0, "nobody ever waited: these do not meet, or waiting is not recognised"


@pytest.mark.parametrize(("mutant", "scene"), SEEN_IN_SOME_ORDER, ids=lambda one: getattr(one, "name", ""))
def test_a_rule_without_its_locks_is_found(house: Theatre, mutant: Mutant, scene: Scene) -> None:
    with broken(mutant):
        assert house.tell(scene).faults
