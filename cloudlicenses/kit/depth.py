"""Room for deep calls, such as a page's: its templates call each other a hundred and fifty deep.

CPython keeps the frames of calls in chunks of 16 kB. Where one is full the system is asked for the next, and is given it back when
the call that wanted it returns. A loop that stands just at such an edge asks and gives back at every turn: some pages, by how deep
their templates happen to be, spent more than half of their time there. A call whose own frame is large gets a chunk so large that
everything below it fits in; of that memory only what is used is ever touched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

SLOTS = 33_000  # of eight bytes: a little more than 256 kB, so that the chunk has 512


def with_room(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The same function; what it calls, however deep, stays within one chunk."""

    def roomy(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=SLOTS)
    return wraps(function)(roomy)
