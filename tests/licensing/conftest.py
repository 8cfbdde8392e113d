"""A license of three seats at Mercedes — one commit, two overage at 500.00 — and a workstation with a key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tenants.context import inside
from tests import builders
from tests.licensing.workstations import Workstation
from tests.servers import Server

TERMS: dict[str, Any] = {"total_licenses": 3, "commit_qty": 1, "max_overage": 2, "overage_per_use": Decimal("500.00")}


@pytest.fixture
def workstation(server: Server) -> Workstation:
    with inside("mercedes"):
        builders.granted("lic-vector-mercedes-2025-001", features=["can_editor"], **TERMS)
        return Workstation(server, builders.tenant_key())
