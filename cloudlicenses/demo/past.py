"""As if it were then: the product's own stories are played at moments of the past, so that what they leave is as old as it looks.

For the loading of the demo alone, which is one thread of one process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db.models.signals import pre_save

from audit.models import AuditEntry
from cloudlicenses.kit import clock

Act = tuple[float, Callable[[], object]]  # so many days ago, something was done


def play(acts: Iterable[Act]) -> None:
    """One after the other, the oldest first: a log is read in the order in which it was written."""
    for days, do in sorted(acts, key=lambda act: -act[0]):
        with at(clock.now() - timedelta(days=days)):
            do()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands there, and what is recorded bears that time."""

    def date_back(sender: type[AuditEntry], instance: AuditEntry, **_: Any) -> None:
        instance.at = moment

    pre_save.connect(date_back, sender=AuditEntry)
    try:
        with patch.object(clock, "now", lambda: moment):
            yield
    finally:
        pre_save.disconnect(date_back, sender=AuditEntry)
