"""What a tenant can subscribe to, and where its data may live. Words for people are English here; pages translate them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Rates:
    """How often may be called: by all keys of a tenant together (None: no limit), and by a key that has no limit of its own."""

    tenant_requests_per_minute: int | None = None
    checkouts_per_minute: int = 100
    requests_per_hour: int = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """None: no limit (`vendors`, `licenses`), or a price by agreement."""

    id: str
    name: str
    vendors: int | None
    licenses: int | None
    price_per_month: Decimal | None
    support: str
    rates: Rates = Rates()
    currency: str = "USD"


PLANS = {
    plan.id: plan
    for plan in (
        Plan("free", "Free", 1, 10, Decimal("0.00"), _("community support"), Rates(600)),
        Plan("startup", "Startup", 3, 100, Decimal("49.00"), _("email support"), Rates(6_000)),
        Plan("professional", "Professional", 10, 1000, Decimal("199.00"), _("priority support"), Rates(60_000)),
        Plan("enterprise", "Enterprise", None, None, None, _("SLA, dedicated support, on-call")),
    )
}


@lru_cache(maxsize=64)
def rates_of(plan_id: str) -> Rates:
    """Of a plan, as PLAN_RATES has them where it says something else; a plan that is none has the narrowest."""
    plan = PLANS.get(plan_id, PLANS["free"])
    return replace(plan.rates, **settings.PLAN_RATES.get(plan.id, {}))


REGIONS = {
    "eu-central": _("Europe (Frankfurt)"),
    "eu-west": _("Europe (Ireland)"),
    "us-east": _("United States (Virginia)"),
    "us-west": _("United States (Oregon)"),
    "ap-southeast": _("Asia Pacific (Singapore)"),
    "ap-northeast": _("Asia Pacific (Tokyo)"),
}

COUNTRIES = frozenset(  # ISO 3166-1 alpha-2
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF "
    "CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH "
    "GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW "
    "KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG "
    "NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN "
    "SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT "
    "ZA ZM ZW".split()
)
