"""Somebody at each kind of host, as in the tests of pages."""

from __future__ import annotations

from tests.pages.conftest import at_mercedes, owner, vendor_owner

__all__ = ["at_mercedes", "owner", "vendor_owner"]
