"""Two who upload the same authority at the same time: one does, the other is told that it is trusted already."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from certificates import uploading
from certificates.models import Authority
from certificates.refusals import AuthorityKnown
from tenants.context import inside
from tests import builders
from tests.certificates import pki
from tests.locks import wait_until_somebody_waits

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
        wait_until_somebody_waits()
    thread.join()
    with inside("mercedes"):
        assert (told, Authority.objects.count()) == (["authority_known"], 1)
