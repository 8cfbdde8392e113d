"""The tenant's event stream, over real sockets: what is told, to whom, and that it goes on where it stopped."""

from __future__ import annotations

from tests.licensing.workstations import RETURN, Workstation
from tests.streams.conftest import Listen


def test_a_checkout_and_its_return_are_told_as_they_happen(workstation: Workstation, listen: Listen):
    with listen() as heard:
        lease = workstation.check_out(hostname="dev-ws-042.mercedes.com").json()
        workstation.post(RETURN, {"lease_id": lease["lease_id"]})
        events = heard.wait_for(lambda events: len(events) == 2)
    checkout, returned = events
    assert heard.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert heard.headers["x-accel-buffering"] == "no"
    assert 1000 <= heard.retry <= 4000
    assert checkout.kind == "checkout"
    assert checkout.data == {
        "id": checkout.data["id"], "at": checkout.data["at"], "lease_id": lease["lease_id"], "license_id": "lic-1",
        "product_id": "davinci-configurator-se", "user": "alice@mercedes.example", "hostname": "dev-ws-042.mercedes.com",
        "lease_type": "commit", "cost": 0.0, "currency": "EUR",
    }  # fmt: skip
    assert returned.kind == "return"
    assert returned.data["lease_id"] == lease["lease_id"]
    assert returned.data["how"] == "returned"
