"""For whom a try counts: one address, however it is written, and an IPv6 customer's whole network."""

from __future__ import annotations

import pytest

from cloudlicenses.kit.networks import network_of


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "0.0.0.0"),
    ],
)
def test_whom_an_address_stands_for(address: str, counted_as: str) -> None:
    assert network_of(address) == counted_as
