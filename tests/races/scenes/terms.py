"""The vendor or the customer changes the terms while a seat is wanted."""

from __future__ import annotations

from dataclasses import replace

from licensing import grants
from tests.races.clocks import Clock
from tests.races.interleaving import Parts
from tests.races.scenes.doing import COMMIT_AND_OVERAGE, ONE_SEAT, PRICE, check_out, set_caps, sold, told


def a_seat_is_wanted_while_the_vendor_takes_it_out_of_the_contract(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "vendor": [told(grants.amend, terms, **ONE_SEAT)]}


def a_seat_is_wanted_while_the_vendor_adds_one_and_raises_the_price(clock: Clock) -> Parts:
    terms = sold(total_licenses=1, commit_qty=0, max_overage=1)
    check_out()
    more = told(grants.amend, terms, total_licenses=2, max_overage=2, overage_per_use=PRICE * 2)
    return {"anna": [check_out], "bert": [check_out], "vendor": [more]}


def a_seat_is_wanted_while_the_license_is_suspended_and_resumed(clock: Clock) -> Parts:
    terms = sold(**ONE_SEAT)
    back = replace(terms, revision=terms.revision + 1)
    return {"anna": [check_out], "vendor": [told(grants.suspend, terms), told(grants.resume, back)]}


def a_seat_is_wanted_while_the_license_is_suspended(clock: Clock) -> Parts:
    return {"anna": [check_out], "vendor": [told(grants.suspend, sold(**ONE_SEAT))]}


def a_seat_is_wanted_while_the_license_is_revoked(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "vendor": [told(grants.revoke, terms)]}


def a_seat_is_wanted_while_the_customer_caps_it(clock: Clock) -> Parts:
    terms = sold(**COMMIT_AND_OVERAGE)
    check_out()
    return {"anna": [check_out], "customer": [lambda: set_caps(terms, max_in_use=1)]}
