"""Whatever happens in a day, the seat rule does what the model says; and a rule that is broken somewhere doesn't.

It looks at the same days each time; MAX_EXAMPLES=2000 looks at others, and longer.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.races.clocks import clock_set_to
from tests.races.machine import Day
from tests.races.mutants import SEEN_IN_A_DAY, Mutant, broken

START = datetime(2026, 3, 30, 9, tzinfo=UTC)
DAYS = int(os.environ.get("MAX_EXAMPLES", "60"))
SETTINGS = settings(
    derandomize="MAX_EXAMPLES" not in os.environ,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    report_multiple_bugs=False,
)
LOOKING_FOR_ONE_FAULT = settings(SETTINGS, max_examples=2000, phases=[Phase.generate], derandomize=True)


@pytest.mark.timeout(600 + DAYS * 3)  # a day that goes wrong is made as short as it can be
def test_any_day_is_as_the_model_says(committed: None) -> None:
    with clock_set_to(START) as clock:
        run_state_machine_as_test(lambda: Day(clock), settings=settings(SETTINGS, max_examples=DAYS))


@pytest.mark.parametrize("mutant", SEEN_IN_A_DAY, ids=lambda mutant: mutant.name)
def test_the_model_finds_a_broken_rule(committed: None, mutant: Mutant) -> None:
    with broken(mutant), clock_set_to(START) as clock, pytest.raises((AssertionError, IntegrityError)):
        run_state_machine_as_test(lambda: Day(clock), settings=LOOKING_FOR_ONE_FAULT)
