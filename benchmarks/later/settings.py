"""Today's settings; the migrations of `licensing` are those of today and one of tomorrow."""

from __future__ import annotations

from cloudlicenses.settings.base import *  # noqa: F403 - settings extend settings

MIGRATION_MODULES = {"licensing": "benchmarks.later.migrations"}
