"""`Idempotency-Key` under fire: two at once, another body, a process that dies in the middle. One key, one thing done."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from cloudlicenses.kit import jsonmoney
from cloudlicenses.kit.actor import SYSTEM
from cloudlicenses.web import idempotency
from cloudlicenses.web.models import IdempotentAnswer
from keys import issuing
from keys.models import ApiKey
from tenants.context import inside
from tests.at_once import at_once
from tests.killing import die, worker_that_is_killed

pytestmark = pytest.mark.usefixtures("committed")


def make(name: str = "CI", key: str = "one") -> tuple[int, dict[str, object], bool]:
    """A key for an application, as the API makes it."""

    def produce() -> tuple[int, dict[str, object]]:
        issued = issuing.issue(SYSTEM, owner="mercedes", app_name=name)
        return 201, {"key_id": issued.key.id, "api_key": issued.text}

    with inside("mercedes"):
        return idempotency.answer_once(
            caller="user:7", key=key, request_digest=idempotency.digest("POST", "/api/v1/keys", name), produce=produce
        )


def done() -> tuple[int, int, int]:
    with inside("mercedes"):
        return (
            ApiKey.objects.count(),
            AuditEntry.objects.filter(event="key.issued").count(),
            IdempotentAnswer.objects.count(),
        )


def test_of_many_at_once_one_acts_and_all_hear_the_same() -> None:
    answers: list[Any] = at_once(*[make] * 6)
    assert done() == (1, 1, 1)
    assert len({answer[1]["api_key"] for answer in answers}) == 1
    assert sorted(replayed for _, _, replayed in answers) == [False] + [True] * 5


def test_of_two_bodies_at_once_one_is_refused_and_does_nothing() -> None:
    outcomes = at_once(lambda: make("CI"), lambda: make("another"))
    assert outcomes.count("idempotency_conflict") == 1
    assert done() == (1, 1, 1)


def test_other_keys_and_callers_are_other_requests() -> None:
    at_once(*[lambda key=str(number): make(key=key) for number in range(4)])
    assert done() == (4, 4, 4)


@pytest.mark.parametrize(
    "line", [(jsonmoney, "dumps"), (IdempotentAnswer, "save")], ids=["after the act", "before its answer is kept"]
)
def test_a_process_that_dies_in_the_middle_has_done_nothing(
    line: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(*line, die)
        worker_that_is_killed(make)
    assert done() == (0, 0, 0)
    status, body, replayed = make()
    assert (status, replayed) == (201, False)
    assert make() == (201, body, True)
    assert done() == (1, 1, 1)


def test_whoever_waits_for_a_process_that_dies_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refused first one rolls back, and of those who waited behind it one acts."""
    calls = []

    def issue_or_fail(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError
        return issue(*arguments, **more)

    issue = issuing.issue
    monkeypatch.setattr(issuing, "issue", issue_or_fail)

    def try_it() -> str:
        try:
            return str(make()[1]["key_id"])
        except ConnectionError:
            return "failed"

    outcomes = at_once(*[try_it] * 4)
    assert outcomes.count("failed") == 1
    assert len(set(outcomes)) == 2
    assert done() == (1, 1, 1)
