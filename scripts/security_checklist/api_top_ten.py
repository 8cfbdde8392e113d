"""OWASP API Security Top 10, 2023."""

from __future__ import annotations

from scripts.security_checklist.rows import Row, by

ROWS: tuple[Row, ...] = (
    by("API1:2023", 0, "Things of others (broken object level authorisation).", "attacks/test_not_yours.py::test_what_belongs_to_somebody_else_is_not_there", "isolation/test_plane.py::test_one_tenant_does_not_reach_anothers_leases"),
    by("API2:2023", 0, "Broken authentication.", "attacks/test_tokens.py::test_the_sdk_believes_no_forged_lease", "attacks/test_guessing.py::test_looking_up_a_key_is_the_same_work_whether_it_exists_or_not", "attacks/test_stolen_key.py::test_without_the_applications_signature_it_is_refused", "pages/test_signing_in.py::test_guessing_ends_after_ten_tries_at_an_account"),
    by("API3:2023", 0, "Fields of others (broken object property level authorisation).", "attacks/test_forms.py::test_members_that_an_endpoint_has_not_reach_no_column", "streams/test_who_listens.py"),
    by("API4:2023", 0, "Unrestricted use of resources.", "attacks/test_bombs.py::test_it_is_refused_at_once_wherever_a_body_is_taken", "attacks/test_slow_clients.py::test_slow_bodies_keep_nobody_waiting", "licensing/test_refused_keys.py::test_a_fast_key_is_told_to_wait"),
    by("API5:2023", 0, "Functions of others (broken function level authorisation).", "architecture/test_access.py::test_every_address_lets_in_whom_the_table_says"),
    by("API6:2023", 0, "Business at the cost of others.", "races/test_last_seat.py::test_ten_seats_go_to_ten_of_sixty", "tenants/test_registration.py::test_one_address_can_register_only_so_often"),
    by("API7:2023", 0, "Server-side request forgery.", "attacks/test_ssrf.py::test_a_name_that_leads_outside_first_and_inside_next_never_leads_inside"),
    by("API8:2023", 0, "Misconfiguration.", "attacks/test_headers.py::test_no_answer_is_framed_sniffed_or_kept", "attacks/test_headers.py::test_every_answer_asks_for_https_from_then_on", "local/test_deployment.py::test_every_variable_is_one_that_settings_know"),
    by("API9:2023", 0, "Addresses that nobody knows of.", "contract/test_document.py::test_the_committed_documents_are_what_the_code_says", "pages/test_every_page.py::test_what_is_open_to_strangers_was_decided"),
    by("API10:2023", 0, "Believing other APIs.", "billing/test_webhook_sending.py::test_of_an_endless_answer_little_is_read", "tenants/test_txt_records.py::test_an_answer_to_another_question_is_not_believed"),
)  # fmt: skip
