"""Tomorrow's beside today's."""

from __future__ import annotations

from licensing import migrations as of_today

__path__ = [*__path__, *of_today.__path__]
