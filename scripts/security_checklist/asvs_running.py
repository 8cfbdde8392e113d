"""ASVS 5.0, V13 to V17: configuration, data, architecture, logs, WebRTC."""

from __future__ import annotations

from scripts.security_checklist.rows import Row, by, foreign, written

LOGS = "observation/test_logs.py::"
NO_RTC = "there is no WebRTC"
FILES = "attacks/test_headers.py::test_no_file_of_the_servers_own_is_handed_out"

V13 = (
    written("13.1.1", 2, "What the application talks to is written down.", "threat-model.md#trust-boundaries"),
    by("13.2.1", 2, "Inner parts prove themselves with short-lived credentials.", "inside/test_identities.py::test_it_lasts_a_day_and_is_renewed_after_a_third_of_it", "inside/test_connections.py::test_what_was_short_lived_is_over", "inside/test_connections.py::test_a_certificate_opens_only_the_roles_that_it_stands_for", "inside/test_renewing.py::test_a_pool_of_postgresqls_connects_anew_with_the_new_certificate", "inside/test_renewing.py::test_servers_show_their_new_certificate_once_they_are_told", note="Valkey asks for a password besides the certificate"),
    by("13.2.2", 2, "With the least rights.", "isolation/test_rights.py::test_nobody_who_serves_owns_anything_or_may_make_anything"),
    by("13.2.3", 2, "And no default credentials.", "local/test_deployment.py::test_every_secret_is_given_by_file_and_written_by_the_script"),
    by("13.2.4", 2, "Where the application may connect is listed.", "attacks/test_ssrf.py::test_no_spelling_of_an_inner_address_is_taken_as_an_endpoint", note="webhooks: any public address over https, none that is private"),
    by("13.2.5", 2, "The server's own network allows no other.", "local/test_networks.py::test_each_service_is_in_the_networks_that_it_needs", "local/test_networks.py::test_from_inside_nothing_leads_out", "local/test_networks.py::test_every_interface_is_judged", "local/test_networks.py::test_no_private_address_is_left_out", note="the operator loads the rules at the machine's start"),
    written("13.3.1", 2, "Secrets are kept by something made for it.", "security.md#keys-of-ours", note="MASTER_KEY comes from a file that the orchestrator mounts; no vault is spoken to"),
    by("13.3.2", 2, "And seen by those who need them.", "architecture/test_sealed.py::test_every_column_of_bytes_is_sealed_or_known_to_hold_no_secret", "rotation/test_masters.py::test_a_wrapped_key_opens_for_its_owner_alone"),
    by("13.4.1", 1, "No .git is served.", FILES, "local/test_deployment.py::test_the_image_gets_the_product_and_neither_secrets_nor_tools"),
    by("13.4.2", 2, "No debug mode.", "observation/test_logs.py", note="DEBUG is a constant False, no variable turns it on"),
    by("13.4.3", 2, "No directory listings.", FILES),
    by("13.4.4", 2, "No TRACE.", "attacks/test_smuggling.py::test_trace_is_not_spoken"),
    by("13.4.5", 2, "Metrics are for those who may.", "observation/test_metrics.py"),
)  # fmt: skip

V14 = (
    written("14.1.1", 2, "Data is classified.", "threat-model.md#assets"),
    written("14.1.2", 2, "Each class has its protection.", "threat-model.md#assets"),
    by("14.2.1", 1, "No secret stands in a URL.", f"{LOGS}test_no_secret_is_logged_wherever_it_stands", note="but single-use links by mail, which expire and are hidden in logs"),
    by("14.2.2", 2, "No cache keeps what is somebody's.", "attacks/test_headers.py::test_no_answer_is_framed_sniffed_or_kept"),
    by("14.2.3", 2, "Nothing goes to trackers.", "pages/test_every_page.py::test_the_policy_allows_our_own_files_and_no_inline_anything"),
    by("14.2.4", 2, "The protection is as written.", "architecture/test_sealed.py::test_every_column_of_bytes_is_sealed_or_known_to_hold_no_secret", f"{LOGS}test_what_looks_like_a_secret_is_hidden"),
    by("14.3.1", 1, "Signing out clears the browser.", "attacks/test_headers.py::test_signing_out_empties_the_browsers_cache"),
    by("14.3.2", 2, "no-store on what is somebody's.", "attacks/test_headers.py::test_no_answer_is_framed_sniffed_or_kept"),
    by("14.3.3", 2, "Browsers store nothing sensitive.", "attacks/test_headers.py::test_cookies_belong_to_their_host_alone_and_travel_over_tls", note="localStorage has the choice of light or dark, and no more"),
)  # fmt: skip

BOMBS = "attacks/test_bombs.py::test_it_is_refused_at_once_wherever_a_body_is_taken"

V15 = (
    written("15.1.1", 1, "How soon vulnerable libraries are replaced is written down.", "security.md#libraries"),
    by("15.1.2", 2, "All libraries are listed, with hashes.", "local/test_deployment.py::test_the_image_installs_with_hashes_and_does_not_run_as_root", note="requirements/*.lock"),
    written("15.1.3", 2, "What is expensive is written down, with its bounds.", "security.md#what-is-expensive"),
    by("15.2.1", 1, "No library is known to be vulnerable.", "local/test_deployment.py", note="`make lint` asks OSV about every pinned version"),
    by("15.2.2", 2, "What is expensive is bounded.", "attacks/test_slow_clients.py::test_slow_bodies_keep_nobody_waiting", "faults/test_back_pressure.py::test_a_burst_beyond_the_room_is_shed_at_once_and_leaves_no_trace"),
    by("15.2.3", 2, "Production has no tools in it.", "local/test_deployment.py::test_the_image_gets_the_product_and_neither_secrets_nor_tools"),
    by("15.3.1", 1, "Answers have the fields they should have.", "contract/test_fuzz.py::test_nothing_that_is_sent_breaks_the_contract", "streams/test_who_listens.py"),
    by("15.3.2", 2, "Redirects are not followed.", "attacks/test_ssrf.py::test_a_redirect_to_the_inside_is_not_followed", "sdks/python/tests/test_sdk_checkout.py::test_a_redirect_is_not_followed"),
    by("15.3.3", 2, "No mass assignment.", "attacks/test_forms.py::test_members_that_an_endpoint_has_not_reach_no_column", "attacks/test_forms.py::test_nobody_makes_themselves_an_owner_by_fields_that_a_form_has_not"),
    by("15.3.4", 2, "The client's address is the true one.", "attacks/test_forged_headers.py::test_nobody_chooses_their_own_address", "attacks/test_forged_headers.py::test_what_a_client_puts_beside_the_proxys_word_is_not_believed"),
    by("15.3.5", 2, "Values have the type they should have.", BOMBS, note="mypy, strict"),
    by("15.3.6", 2, "No prototype pollution.", "pages/test_every_page.py::test_vendored_files_are_as_their_manifest_says", note="scripts of ours merge no objects of input"),
    by("15.3.7", 2, "A parameter sent twice is read in one way.", "attacks/test_bombs.py::test_of_a_member_sent_twice_every_face_reads_the_same", "attacks/test_bombs.py::test_questions_in_an_address_are_bounded_too"),
)  # fmt: skip

V16 = (
    written("16.1.1", 2, "What is logged where is written down.", "security.md#what-is-logged"),
    by("16.2.1", 2, "Entries say when, where, who and what.", f"{LOGS}test_each_line_of_a_tenants_request_names_tenant_and_request", "licensing/test_refused_keys.py::test_each_restriction_has_its_code"),
    by("16.2.2", 2, "Times are UTC.", f"{LOGS}test_each_line_of_a_tenants_request_names_tenant_and_request"),
    by("16.2.3", 2, "Logs go where they are said to go.", f"{LOGS}test_each_line_of_a_tenants_request_names_tenant_and_request", note="standard error, as JSON lines"),
    by("16.2.4", 2, "They can be read by machines.", f"{LOGS}test_each_line_of_a_tenants_request_names_tenant_and_request"),
    by("16.2.5", 2, "No secret is in them.", f"{LOGS}test_no_secret_is_logged_wherever_it_stands", f"{LOGS}test_what_looks_like_a_secret_is_hidden"),
    by("16.3.1", 2, "Every sign-in is logged, and every one refused.", "pages/test_signing_in.py::test_a_refused_sign_in_is_audited_without_the_password"),
    by("16.3.2", 2, "Every refusal of access is logged.", "keys/test_key_api.py::test_a_token_that_is_refused_is_audited_without_its_secret", "licensing/test_refused_keys.py::test_each_restriction_has_its_code"),
    by("16.3.3", 2, "So are attempts at getting around.", "licensing/test_refused_keys.py::test_a_key_of_one_tenant_is_nothing_at_another", "pages/test_two_steps.py::test_who_fails_to_prove_themselves_is_audited"),
    by("16.3.4", 2, "So is what fails unexpectedly.", "observation/test_logs.py", "faults/test_lost_valkey.py::test_without_valkey_limits_hold_in_each_process"),
    by("16.4.1", 2, "No input writes a line of its own.", f"{LOGS}test_nobody_can_forge_or_colour_a_line"),
    by("16.4.2", 2, "Entries of the audit log only grow.", "isolation/test_rights.py::test_what_only_grows_only_grows_for_everybody"),
    by("16.4.3", 2, "Logs leave the machine by a safe way.", "local/test_log_shipping.py::test_lines_reach_the_other_machine_over_tls", "local/test_log_shipping.py::test_a_machine_with_another_name_gets_nothing", "local/test_log_shipping.py::test_while_it_is_away_lines_wait_even_for_another_start"),
    by("16.5.1", 2, "Errors tell nothing of the inside.", "contract/test_fuzz.py::test_nothing_that_is_sent_breaks_the_contract", BOMBS),
    by("16.5.2", 2, "What is lost outside doesn't stop the inside.", "faults/test_lost_valkey.py::test_without_valkey_limits_hold_in_each_process", "faults/test_lost_postgresql.py::test_postgresql_restarting_is_a_pause"),
    by("16.5.3", 2, "In doubt, no.", "architecture/test_access.py::test_a_view_that_says_nothing_lets_nobody_in", "isolation/test_scopes.py::test_a_scope_that_cannot_be_set_runs_nothing"),
)  # fmt: skip

RTC = {
    "17.1.1": "TURN reaches no inner address.", "17.2.1": "DTLS keys are managed.", "17.2.2": "DTLS suites are approved.",
    "17.2.3": "SRTP is authenticated.", "17.2.4": "Malformed SRTP stops nothing.", "17.3.1": "Floods of signalling stop nothing.",
    "17.3.2": "Malformed signalling stops nothing.",
}  # fmt: skip
V17 = tuple(foreign(number, 2, asks, NO_RTC) for number, asks in RTC.items())

ROWS: tuple[Row, ...] = V13 + V14 + V15 + V16 + V17
