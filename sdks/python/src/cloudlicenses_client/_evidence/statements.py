"""A month's bill recomputed from its charges: each line of the statement, counted and summed anew, exact to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Line = tuple[str, str, Decimal, str]  # license, kind, unit price, currency


class Statement:
    def __init__(self) -> None:
        self._counted: dict[Line, int] = {}
        self._expected: dict[Line, tuple[int, Decimal]] | None = None

    def add(self, charge: Mapping[str, Any]) -> None:
        line = (charge["license_id"], charge["kind"], Decimal(charge["amount"]), charge["currency"])
        self._counted[line] = self._counted.get(line, 0) + 1

    def expect(self, said: Mapping[str, Any]) -> None:
        """What the server says the month comes to."""
        self._expected = {
            (line["license_id"], line["kind"], Decimal(line["unit_price"]), line["currency"]): (
                int(line["quantity"]), Decimal(line["amount"]),
            )
            for line in said["lines"]
        }  # fmt: skip

    def differences(self) -> Iterator[tuple[str, str]]:
        if self._expected is None:
            return
        for line in sorted({*self._counted, *self._expected}):
            license_id, kind, price, currency = line
            count = self._counted.get(line, 0)
            quantity, amount = self._expected.get(line, (0, Decimal(0)))
            if (count, count * price) != (quantity, amount):
                yield (
                    "changed",
                    f"The statement has {quantity} × {kind} of {license_id} = {amount} {currency}; "
                    f"its charges come to {count} × {price} = {count * price} {currency}.",
                )

    def totals(self) -> list[str]:
        sums: dict[str, Decimal] = {}
        for (_, _, price, currency), count in self._counted.items():
            sums[currency] = sums.get(currency, Decimal(0)) + price * count
        return [f"{amount:.2f} {currency}" for currency, amount in sorted(sums.items())]
