"""Does something happen too often? Counted by minute for an hour, and compared with a limit, or with the subject's own past.

What is usual is learned from windows of five minutes in which anything happened at all: a moving average, in which one window
counts a tenth, and never more than the limit allows, so that nobody teaches us a flood by making one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from alerts.judging.scene import CHECKED_OUT, DENIED, REFUSED, Finding, Scene, told
from alerts.models import Pace
from alerts.reading import Occurrence
from licensing.queries import product_names

WINDOW = 5  # minutes
KEPT = 60
ENOUGH_WINDOWS = 12  # before that we don't know what is usual
WEIGHT = 0.1
LONGEST_NAME = 254
COLUMNS = ("minutes", "usual", "windows", "learned_upto", "last_at")

Name = TypeVar("Name", bound=Hashable)
Level = Callable[[list[int]], int]  # of a window, from its minutes


def judge(scene: Scene) -> Iterator[Finding]:
    yield from _checkouts(scene)
    yield from _refusals(scene)
    yield from _denials(scene)


def usual_levels(what: str, levels: Mapping[str, tuple[datetime, int]]) -> dict[str, float]:
    """Note how high something stands now, for each subject; answers what was usual in the windows before, 0 while unknown."""
    paces = _paces(what, {subject: at for subject, (at, _) in levels.items()})
    for subject, (at, level) in levels.items():
        pace, minute = paces[subject], _minute(at)
        _learn(pace, minute, max, limit=None)
        pace.minutes[str(minute)] = max(level, pace.minutes.get(str(minute), 0))
        _forget_before(pace, minute, at)
    _save(paces.values())
    return {subject: pace.usual if pace.windows >= ENOUGH_WINDOWS else 0.0 for subject, pace in paces.items()}


def _checkouts(scene: Scene) -> Iterator[Finding]:
    """More than a key ever needs: many, and many times its usual number."""
    at_least, times = scene.limit("unusual_rate", "checkouts"), scene.limit("unusual_rate", "times")
    by_key = _by((each for each in scene.of(CHECKED_OUT) if each.key_id in scene.keys), lambda each: each.key_id)
    for key_id, pace in _counted("checkouts", by_key, learn_most=times).items():
        last = by_key[key_id][-1]
        total = _total(pace, last, WINDOW)
        if total >= at_least and pace.windows >= ENOUGH_WINDOWS and total > times * pace.usual:
            facts = told(last) | {"number": total, "minutes": WINDOW, "usual": round(pace.usual)}
            yield Finding("unusual_rate", ("key", key_id), scene.key_name(key_id), last.last_at, 1, facts)


def _refusals(scene: Scene) -> Iterator[Finding]:
    minutes, most = scene.limit("repeated_refusals", "minutes"), scene.limit("repeated_refusals", "refusals")
    by_subject = _by(scene.of(REFUSED), lambda each: ":".join(scene.subject_of(each)[0]))
    for name, pace in _counted("refusals", by_subject).items():
        last = by_subject[name][-1]
        total = _total(pace, last, minutes)
        if total >= most:
            subject, label = scene.subject_of(last)
            yield Finding(
                "repeated_refusals", subject, label, last.last_at, 1, told(last) | {"number": total, "minutes": minutes}
            )


def _denials(scene: Scene) -> Iterator[Finding]:
    minutes, most = scene.limit("seats_denied", "minutes"), scene.limit("seats_denied", "denials")
    by_product = _by(scene.of(DENIED), lambda each: each.subject_id)
    for product, pace in _counted("denials", by_product).items():
        last = by_product[product][-1]
        total = _total(pace, last, minutes)
        if total >= most:
            facts = told(last) | {"number": total, "minutes": minutes, "product_id": product[:120]}
            name = product_names().get(product, product)
            yield Finding("seats_denied", ("product", product), name, last.last_at, 1, facts)


def _by(occurrences: Iterable[Occurrence], name: Callable[[Occurrence], Name]) -> dict[Name, list[Occurrence]]:
    """In order of time within each."""
    groups: dict[Name, list[Occurrence]] = defaultdict(list)
    for occurrence in sorted(occurrences, key=lambda each: each.last_at):
        groups[name(occurrence)].append(occurrence)
    return groups


def _counted(what: str, groups: Mapping[str, list[Occurrence]], *, learn_most: int | None = None) -> dict[str, Pace]:
    """Each subject's pace, with these in it."""
    paces = _paces(what, {subject: own[-1].last_at for subject, own in groups.items()})
    for subject, own in groups.items():
        pace, newest = paces[subject], own[-1].last_at
        for each in own:
            minute = str(_minute(each.last_at))
            pace.minutes[minute] = pace.minutes.get(minute, 0) + each.count
        _learn(pace, _minute(newest), sum, limit=learn_most)
        _forget_before(pace, _minute(newest), newest)
    _save(paces.values())
    return paces


def _learn(pace: Pace, minute: int, of: Level, *, limit: int | None) -> None:
    """From every window that is over, once."""
    windows: dict[int, list[int]] = defaultdict(list)
    for key, number in pace.minutes.items():
        if pace.learned_upto < int(key) // WINDOW < minute // WINDOW:
            windows[int(key) // WINDOW].append(number)
    for window in sorted(windows):
        level = float(of(windows[window]))
        if limit and pace.windows >= ENOUGH_WINDOWS:
            level = min(level, limit * max(pace.usual, 1.0))
        pace.windows += 1
        pace.usual += (level - pace.usual) * max(WEIGHT, 1 / pace.windows)
        pace.learned_upto = window


def _forget_before(pace: Pace, minute: int, at: datetime) -> None:
    pace.minutes = {key: number for key, number in pace.minutes.items() if int(key) > minute - KEPT}
    pace.last_at = max(pace.last_at, at)


def _total(pace: Pace, last: Occurrence, minutes: int) -> int:
    newest = _minute(last.last_at)
    return sum(number for key, number in pace.minutes.items() if newest - minutes < int(key) <= newest)


def _paces(what: str, subjects: Mapping[str, datetime]) -> dict[str, Pace]:
    names = {subject: subject[:LONGEST_NAME] for subject in subjects}
    known = {pace.subject: pace for pace in Pace.objects.filter(what=what, subject__in=names.values())}
    return {
        subject: known.get(name) or Pace(what=what, subject=name, last_at=subjects[subject])
        for subject, name in names.items()
    }


def _save(paces: Iterable[Pace]) -> None:
    Pace.objects.bulk_create(
        [Pace(what=pace.what, subject=pace.subject, **{name: getattr(pace, name) for name in COLUMNS}) for pace in paces],
        update_conflicts=True, unique_fields=["what", "subject"], update_fields=COLUMNS,
    )  # fmt: skip


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
