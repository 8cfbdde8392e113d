"""The clients, in a process of their own: they ask until they are answered, and remember every word they were told.

    python -m torture.clients < errand.json > diary.json

Each does what a workstation does: checks out under an idempotency key, sends heartbeats, returns the seat or crashes and leaves it
to lapse. It takes silence, a cut connection and 503 for no answer, and asks again with the same key. Now and then it asks again
although it was answered, or twice at once. A third of them have nothing but a key, the others show what keys and products ask for
(papers.py); and now and then one is a thief, who has a good key and not all the rest. What it must never be told, it writes down
as a complaint.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import uvloop

from torture import papers
from torture.papers import GUARDED, Papers, Theft
from torture.wire import Answer, Lost, Wire

CHECKOUT, HEARTBEAT, RETURN = (f"/api/v1/licenses/{name}" for name in ("checkout", "heartbeat", "return"))
GRANTED, BUSY, LONG = 201, 503, 600
PATIENCE_SECONDS = 90.0  # with one operation, over all its attempts
NO_SEAT = {"no_licenses_available", "max_overage_exceeded"}
EXPECTED = {
    CHECKOUT: {"201"} | {f"409 {code}" for code in NO_SEAT},
    HEARTBEAT: {"200", "409 lease_expired"},
    RETURN: {"200"},
}


@dataclass(frozen=True)
class Errand:
    """What to do: where, for whom, how many operations at least, and for how many seconds at most."""

    port: int
    sites: list[dict[str, str]]  # furnishing.Site
    products: list[str]
    clients: int
    operations: int
    seconds: float
    seed: str


@dataclass
class Diary:
    """What was told to whom. `answers` counts operations by their answer, `attempts` what came instead of answers."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)  # by operation: books.Told
    refusals: Counter[str] = field(default_factory=Counter)  # by tenant
    answers: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    complaints: list[tuple[str, str]] = field(default_factory=list)


class GaveUp(Exception):
    """Nobody answered for longer than any client waits."""


class Client:
    """One workstation of a customer, with two connections."""

    def __init__(self, number: int, errand: Errand, diary: Diary) -> None:
        self.name = f"{errand.seed}-{number}"
        self.errand, self.diary = errand, diary
        self.dice = random.Random(f"{errand.seed} client {number}")
        self.site = errand.sites[number % len(errand.sites)]
        self.papers = papers.of_client(number // len(errand.sites), self.site)
        self.products = [one for one in errand.products if one != GUARDED or self.papers.may_use_guarded]
        self.thefts = papers.thefts(self.site, errand.sites[(number + 1) % len(errand.sites)])
        self.wires = [Wire(errand.port), Wire(errand.port)]

    async def work(self, until: float) -> None:
        session = 0
        with suppress(GaveUp):
            while time.monotonic() < until and self.diary.answers.total() < self.errand.operations:
                session += 1
                await self._session(f"{self.name}-{session}")
        for wire in self.wires:
            wire.hang_up()

    async def _session(self, operation: str) -> None:
        body = {
            "product_id": self.dice.choice(self.products), "user": f"engineer-{self.name}",
            "duration_seconds": self.dice.choice([1, 3, LONG, LONG]), "metadata": {"operation": operation},
        }  # fmt: skip
        answer = await self._check_out(body, operation)
        if answer.status == GRANTED:
            lease_id = answer.body["lease_id"]
            self._note_lease(operation, answer.body)
            for _ in range(self.dice.randrange(4)):
                await self._insist(HEARTBEAT, {"lease_id": lease_id})
            if body["duration_seconds"] == LONG or self._by_chance(
                0.5
            ):  # a crashed application's seat lapses by itself
                await self._give_back(lease_id)
                self.diary.told[operation]["returned"] = True
        else:
            self.diary.refusals[self.site["tenant_id"]] += 1
        if self._by_chance(0.1):
            await self._ask_again(body, operation, answer)
        if self._by_chance(0.1):
            await self._steal(self.dice.choice(self.thefts), f"{operation}-stolen")

    async def _check_out(self, body: dict[str, Any], operation: str) -> Answer:
        """Sometimes twice at once, as after a nervous double click: there is one lease all the same."""
        if not self._by_chance(0.1):
            return await self._insist(CHECKOUT, body, operation)
        asked = (self._insist(CHECKOUT, body, operation, wire) for wire in (0, 1))
        answer, other = await asyncio.gather(*asked)
        self._compare(operation, answer, other)
        return answer

    async def _give_back(self, lease_id: str) -> None:
        for _ in range(self.dice.choice([1, 1, 1, 2])):
            await self._insist(RETURN, {"lease_id": lease_id})

    async def _ask_again(self, body: dict[str, Any], operation: str, answer: Answer) -> None:
        self._compare(operation, answer, await self._insist(CHECKOUT, body, operation))

    def _note_lease(self, operation: str, lease: dict[str, Any]) -> None:
        self.diary.told[operation] = {
            "tenant_id": self.site["tenant_id"], "operation": operation, "lease_id": lease["lease_id"],
            "license_id": lease["license_id"], "lease_type": lease["lease_type"], "cost": str(lease["cost"]), "returned": False,
        }  # fmt: skip

    def _compare(self, operation: str, first: Answer, second: Answer) -> None:
        said = [(answer.status, answer.body.get("lease_id"), answer.body.get("code")) for answer in (first, second)]
        if said[0] != said[1]:
            self._complain("another answer", f"{operation}: {said[0]}, then {said[1]}")

    async def _steal(self, theft: Theft, operation: str) -> None:
        """A seat, with a good key and without all else that is asked for."""
        wanted = {"product_id": GUARDED, "user": "thief", "metadata": {"operation": operation}}
        answer = await self._ask(CHECKOUT, wanted, operation, theft.papers)
        self.diary.answers[f"theft {theft.kind}: {answer.word}"] += 1
        if answer.word != theft.answer:
            self._complain("theft", f"{theft.kind}: {answer.word} {answer.body} instead of {theft.answer}")

    async def _insist(self, path: str, body: object, operation: str = "", wire: int = 0) -> Answer:
        answer = await self._ask(path, body, operation, self.papers, wire)
        self.diary.answers[f"{path.rpartition('/')[2]}: {answer.word}"] += 1
        if answer.word not in EXPECTED[path]:
            self._complain("strange answer", f"{path}: {answer.word} {answer.body}")
        return answer

    async def _ask(self, path: str, body: object, operation: str, shown: Papers, wire: int = 0) -> Answer:
        """Ask until there is an answer."""
        content, once = json.dumps(body).encode(), {"Idempotency-Key": operation} if operation else {}
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            try:
                answer = await self.wires[wire].post(path, content, shown.headers(path, content) | once)
            except Lost as lost:
                self.diary.attempts[str(lost)] += 1
            else:
                if answer.status != BUSY:
                    return answer
                self._note_busy(answer)
            await asyncio.sleep(self.dice.uniform(0.05, 0.4))
        self._complain("unanswered", f"{path} {operation}: no answer for {PATIENCE_SECONDS} s")
        raise GaveUp

    def _note_busy(self, answer: Answer) -> None:
        self.diary.attempts[f"503 {answer.body.get('code')}"] += 1
        if not answer.headers.get("retry-after", "").isdigit():
            self._complain("no Retry-After", f"503 {answer.body}")

    def _complain(self, kind: str, text: str) -> None:
        self.diary.complaints.append((kind, text))

    def _by_chance(self, share: float) -> bool:
        return self.dice.random() < share


async def main(errand: Errand) -> Diary:
    diary, until = Diary(), time.monotonic() + errand.seconds
    await asyncio.gather(*(Client(number, errand, diary).work(until) for number in range(errand.clients)))
    return diary


if __name__ == "__main__":
    json.dump(vars(uvloop.run(main(Errand(**json.load(sys.stdin))))), sys.stdout)
