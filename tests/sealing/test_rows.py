"""A sealed value opens in its own column of its own row of its own owner, and nowhere else."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from billing.models import WebhookEndpoint
from cloudlicenses.sealing import data_keys
from cloudlicenses.sealing.master import Unsealable
from cloudlicenses.sealing.models import DataKey
from cloudlicenses.sealing.rows import seal, unseal
from keys import signing
from keys.models import SigningKey
from tenants.context import acting_for, inside
from tests import cast

SECRET = b"whsec_of_vector"


def endpoint(endpoint_id: str = "wh_1", vendor_id: str = cast.VECTOR.id) -> WebhookEndpoint:
    return WebhookEndpoint(id=endpoint_id, vendor_id=vendor_id)


def owners() -> list[str]:
    return list(DataKey.objects.order_by("owner").values_list("owner", flat=True))


@pytest.mark.usefixtures("db")
def test_each_owner_gets_a_key_of_its_own() -> None:
    with acting_for(cast.VECTOR.id):
        ours = endpoint()
        ours.sealed_secret = seal(ours, "sealed_secret", SECRET)
        assert unseal(ours, "sealed_secret") == SECRET
        assert SECRET not in ours.sealed_secret
    for tenant in ("mercedes", "bmw"):
        with inside(tenant):
            signing.ensure_signing_keys(tenant)
            assert owners() == [f"tenant:{tenant}"]
    assert owners() == ["tenant:bmw", "tenant:mercedes", f"vendor:{cast.VECTOR.id}"]


@pytest.mark.usefixtures("db")
def test_a_value_moved_to_another_row_column_or_vendor_does_not_open() -> None:
    ours, other_row, other_vendor = endpoint(), endpoint("wh_2"), endpoint(vendor_id=cast.GREENHILLS.id)
    ours.sealed_secret = moved = seal(ours, "sealed_secret", SECRET)
    ours.authorization = other_row.sealed_secret = other_vendor.sealed_secret = moved
    assert unseal(ours, "sealed_secret") == SECRET
    for row, column in ((ours, "authorization"), (other_row, "sealed_secret"), (other_vendor, "sealed_secret")):
        with pytest.raises(Unsealable):
            unseal(row, column)


@pytest.mark.usefixtures("db")
def test_a_value_moved_to_another_tenants_table_does_not_open_even_where_its_key_is_in_memory() -> None:
    with inside("mercedes"):
        signing.ensure_signing_keys("mercedes")
        moved = SigningKey.objects.get()
        assert unseal(moved, "sealed_private_key")
    with inside("bmw"), pytest.raises(Unsealable):
        unseal(moved, "sealed_private_key")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("changed", [0, 1, 20, 30, -1])
def test_a_changed_byte_is_noticed(changed: int) -> None:
    ours = endpoint()
    sealed = bytearray(seal(ours, "sealed_secret", SECRET))
    sealed[changed] ^= 1
    ours.sealed_secret = bytes(sealed)
    with pytest.raises(Unsealable):
        unseal(ours, "sealed_secret")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("nonsense", [b"", b"\x02", b"\x02" + bytes(28), b'{"kept": "by the plane"}', bytes(100)])
def test_what_was_never_sealed_does_not_open(nonsense: bytes) -> None:
    ours = endpoint()
    ours.sealed_secret = nonsense
    with pytest.raises(Unsealable):
        unseal(ours, "sealed_secret")


@pytest.mark.usefixtures("db")
def test_a_row_is_sealed_once_it_is_known() -> None:
    with pytest.raises(ValueError, match="sealed once it is known"):
        seal(SigningKey(owner="vector-de"), "sealed_private_key", b"x")
    with pytest.raises(TypeError, match="no SealedField"):
        seal(endpoint(), "url", b"x")


@pytest.mark.usefixtures("committed")
def test_sealing_needs_the_transaction_that_stores_the_value() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        seal(endpoint(), "sealed_secret", SECRET)


@pytest.mark.usefixtures("committed")
def test_a_key_whose_making_was_rolled_back_seals_nothing_later() -> None:
    ours = endpoint()
    with transaction.atomic():
        lost = seal(ours, "sealed_secret", SECRET)
        transaction.set_rollback(True)
    with transaction.atomic():
        ours.sealed_secret = seal(ours, "sealed_secret", SECRET)
    assert lost[1:17] != ours.sealed_secret[1:17]
    data_keys._open.forget_all()
    assert unseal(ours, "sealed_secret") == SECRET


@pytest.mark.usefixtures("db")
def test_a_tenant_sees_its_own_data_keys_and_may_not_change_them() -> None:
    for tenant in ("mercedes", "bmw"):
        with inside(tenant):
            signing.ensure_signing_keys(tenant)
    with inside("mercedes"), connection.cursor() as cursor:
        cursor.execute("SELECT owner FROM sealing_datakey")
        assert cursor.fetchall() == [("tenant:mercedes",)]
        for column in ("owner", "wrapped", "retired_at"):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                cursor.execute(f"UPDATE sealing_datakey SET {column} = {column}")
