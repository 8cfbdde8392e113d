"""All scenes: those whose terms stay, and those in which they change."""

from __future__ import annotations

from tests.races.scenes import batches, ends, last_seat, repeats, terms, time_passes
from tests.races.scenes.doing import Scene

STABLE: tuple[Scene, ...] = (  # the terms stay: so every instant can be held against them
    last_seat.two_want_the_last_seat,
    last_seat.three_want_the_last_commit_and_the_last_overage_seat,
    last_seat.two_want_the_last_seat_of_two_licenses,
    last_seat.one_wants_the_seat_that_another_returns,
    last_seat.two_want_the_seat_that_another_returns,
    last_seat.a_commit_seat_is_returned_while_two_are_checked_out,
    last_seat.the_budget_is_for_one_of_two,
    time_passes.a_lapsed_seat_is_wanted_and_swept,
    time_passes.a_seat_lapses_while_it_is_wanted_and_swept,
    time_passes.two_sweeps_meet,
    time_passes.a_sweep_and_a_checkout_meet_over_two_licenses,
    time_passes.a_heartbeat_comes_as_the_lease_lapses_and_is_swept,
    time_passes.a_heartbeat_comes_as_the_lease_lapses_and_its_seat_is_wanted,
    time_passes.a_lease_is_returned_as_it_lapses_and_is_swept,
    ends.a_lease_is_returned_and_taken_back,
    ends.a_lease_is_returned_twice_while_another_wants_its_seat,
    ends.a_lease_is_kept_alive_and_taken_back,
    ends.a_lease_is_returned_and_its_license_revoked,
    ends.a_lease_is_kept_alive_and_its_license_revoked,
    terms.a_seat_is_wanted_while_the_license_is_suspended_and_resumed,
    terms.a_seat_is_wanted_while_the_license_is_suspended,
    terms.a_seat_is_wanted_while_the_license_is_revoked,
    terms.a_seat_is_wanted_while_the_customer_caps_it,
    repeats.one_request_is_sent_twice,
    repeats.one_request_is_sent_twice_for_a_seat_that_another_wants,
    repeats.one_key_is_used_for_two_requests,
    repeats.one_request_for_what_is_not_licensed_is_sent_twice,
    repeats.one_key_is_used_for_two_products,
    batches.two_batches_meet_at_one_license,
    batches.batches_over_two_licenses_meet_in_opposite_order,
    batches.batches_of_returns_and_checkouts_meet_crosswise,
    batches.heartbeats_of_lapsed_leases_meet_their_reclaim,
)
AMENDED: tuple[Scene, ...] = (
    terms.a_seat_is_wanted_while_the_vendor_takes_it_out_of_the_contract,
    terms.a_seat_is_wanted_while_the_vendor_adds_one_and_raises_the_price,
)
