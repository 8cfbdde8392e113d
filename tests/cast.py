"""Who appears in the tests: two customers, two vendors, and a product each can't do without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    company_name: str
    domain: str
    crm_id: str
    plan: str = "enterprise"


@dataclass(frozen=True, slots=True)
class Seller:
    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Ware:
    id: str
    vendor_id: str
    name: str


MERCEDES = Customer("mercedes", "Mercedes-Benz AG", "mercedes-benz.com", "CUST-00001")
BMW = Customer("bmw", "BMW AG", "bmw.de", "CUST-00002", plan="startup")
CUSTOMERS = (MERCEDES, BMW)

VECTOR = Seller("vector-de", "Vector Informatik GmbH", "billing@vector.example")
GREENHILLS = Seller("greenhills", "Green Hills Software", "billing@greenhills.example")
VENDORS = (VECTOR, GREENHILLS)

DAVINCI = Ware("davinci-configurator-se", VECTOR.id, "DaVinci Configurator SE")
MULTI = Ware("multi-ide", GREENHILLS.id, "MULTI IDE")
PRODUCTS = (DAVINCI, MULTI)

PASSWORD = "a long enough pass phrase"
