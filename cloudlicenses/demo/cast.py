"""Who appears in the demo, and what they sold and bought."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PASSWORD = "cloudlicenses-demo"  # noqa: S105 - printed in the banner of `make run`, for data that is made up
OPERATOR = "operator@cloudlicenses.example"
REGISTERED_DAYS_AGO = 130
MONTHS_OF_HISTORY = 3


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    domain: str
    country: str
    crm_account_id: str
    people: tuple[tuple[str, str, str], ...]  # e-mail, name, role

    @property
    def admin(self) -> str:
        return f"admin@{self.id}.example"


@dataclass(frozen=True, slots=True)
class Seller:
    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Deal:
    """`busy`: sessions a working day; `now`: seats in use at this moment; `overage_last_month`: how many overage checkouts the
    closed month has to show."""

    opportunity: str
    vendor_id: str
    customer_id: str
    product_id: str
    product_name: str
    version: str
    features: tuple[str, ...]
    total: int
    commit: int
    overage: int
    fee: Decimal
    price: Decimal
    busy: int
    now: int
    overage_last_month: int | None = None


CUSTOMERS = (
    Customer("mercedes", "Mercedes-Benz AG", "mercedes.com", "DE", "ACC-98765", (
        ("finance@mercedes.example", "Finance", "finance"), ("viewer@mercedes.example", "Viewer", "viewer"))),
    Customer("bmw", "BMW AG", "bmw.com", "DE", "ACC-54321", (("licenses@bmw.example", "Licenses", "license_admin"),)),
    Customer("tesla", "Tesla Inc", "tesla.com", "US", "ACC-11223", ()),
)  # fmt: skip

# Has asked for a tenant, and not yet shown that the domain is its own.
WAITING = Customer("porsche", "Porsche AG", "porsche.example", "DE", "", ())

VENDORS = (
    Seller("vector-de", "Vector Informatik GmbH", "sales@vector.example"),
    Seller("greenhills-us", "Green Hills Software", "sales@greenhills.example"),
    Seller("mathworks-us", "The MathWorks", "sales@mathworks.example"),
)

DAVINCI = (
    "davinci-configurator-se",
    "DaVinci Configurator SE",
    ">=8.0.0",
    ("can_editor", "lin_editor", "ethernet_editor"),
)
IDE = ("davinci-ide", "DaVinci IDE", ">=3.0", ("refactoring",))
MULTI = ("multi-8-2", "MULTI 8.2", ">=8.2", ("debugger", "profiler"))
MATLAB = ("matlab", "MATLAB", "", ("simulink", "stateflow"))


def _euros(amount: int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


DEALS = (
    Deal(
        "SF-00123456",
        "vector-de",
        "mercedes",
        *DAVINCI,
        20,
        5,
        15,
        _euros(5000),
        _euros(500),
        busy=34,
        now=18,
        overage_last_month=44,
    ),
    Deal("SF-00123457", "vector-de", "mercedes", *IDE, 10, 10, 0, _euros(3000), _euros(0), busy=26, now=10),
    Deal("GH-7781", "greenhills-us", "mercedes", *MULTI, 20, 12, 8, _euros(8000), _euros(120), busy=22, now=8),
    Deal(
        "SF-00123460",
        "vector-de",
        "bmw",
        *DAVINCI,
        10,
        6,
        4,
        _euros(4000),
        _euros(500),
        busy=16,
        now=9,
        overage_last_month=12,
    ),
    Deal("MW-20451", "mathworks-us", "bmw", *MATLAB, 60, 40, 20, _euros(9600), _euros(45), busy=90, now=37),
    Deal("SF-00123466", "vector-de", "tesla", *IDE, 10, 8, 2, _euros(2600), _euros(150), busy=14, now=7),
)
