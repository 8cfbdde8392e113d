"""Several who do something at one instant, each in a thread with a connection of its own, and what comes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from cloudlicenses.kit.refusals import Refusal


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned, or the code of what refused it, in their order. A defect is raised here."""
    start = threading.Barrier(len(acts), timeout=120)

    def one(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))
