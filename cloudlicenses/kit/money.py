"""Money is `Decimal` with a currency, rounded in this one place."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999.99")

CURRENCIES = frozenset(
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MAD MXN MYR NOK NZD "
    "PEN PHP PLN QAR RON SAR SEK SGD THB TRY TWD UAH USD VND ZAR".split()
)


def rounded(amount: Decimal) -> Decimal:
    """To two decimals, half to even (ISO 80000-1, what accountants call banker's rounding)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
