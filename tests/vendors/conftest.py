"""Two vendors' CRMs."""

from __future__ import annotations

import pytest

from tests import cast
from tests.vendors.crm import Crm


@pytest.fixture
def vector(db: None) -> Crm:
    return Crm()


@pytest.fixture
def greenhills(db: None) -> Crm:
    return Crm(vendor_id=cast.GREENHILLS.id)
