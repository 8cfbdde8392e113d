"""Two who upload the same authority at the same time: one does, the other is told that it is trusted already."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connections, transaction

from certificates import uploading
from certificates.models import Authority
from certificates.refusals import AuthorityKnown
from tenants.context import inside
from tenants.ownership import owner_connection
from tests import builders
from tests.certificates import pki

pytestmark = pytest.mark.usefixtures("committed")


def test_the_same_authority_is_uploaded_twice_at_once() -> None:
    root, told = pki.authority("Mercedes Root").pem, []

    def second() -> None:
        with inside("mercedes"):
            try:
                uploading.upload(builders.actor(), root)
            except AuthorityKnown as refusal:
                told.append(refusal.code)
        connections.close_all()

    thread = threading.Thread(target=second)
    with inside("mercedes"), transaction.atomic():
        uploading.upload(builders.actor(), root)
        thread.start()
        _until_somebody_waits()
    thread.join()
    with inside("mercedes"):
        assert (told, Authority.objects.count()) == (["authority_known"], 1)


def _until_somebody_waits() -> None:
    with owner_connection() as owner:
        until = time.monotonic() + 120
        while not owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert time.monotonic() < until
            time.sleep(0.05)
