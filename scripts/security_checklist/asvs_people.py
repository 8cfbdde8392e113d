"""ASVS 5.0, V6 to V8: authentication, sessions, authorisation."""

from __future__ import annotations

from scripts.security_checklist.rows import Row, by, foreign, written

NO_IDP = "no identity provider is connected yet: people sign in with us"
TWO = "pages/test_two_steps.py::"
SESSIONS = "pages/test_sessions.py::"
IN = "pages/test_signing_in.py::"
GUESSING = f"{IN}test_guessing_ends_after_ten_tries_at_an_account"
NOT_YOURS = "attacks/test_not_yours.py::test_what_belongs_to_somebody_else_is_not_there"
ACCESS = "architecture/test_access.py::test_every_address_lets_in_whom_the_table_says"

V6 = (
    written("6.1.1", 1, "How guessing is slowed, and how nobody is shut out by it, is written down.", "security.md#signing-in"),
    written("6.1.2", 2, "Words of our trade that no password may be are listed.", "security.md#signing-in", note="accounts/familiar.py has them"),
    written("6.1.3", 2, "All ways of signing in are written down.", "security.md#signing-in"),
    by("6.2.1", 1, "Passwords have at least 8 characters; ours 12.", "accounts/test_invitations.py::test_a_weak_password_is_refused_and_the_link_still_works"),
    by("6.2.2", 1, "People can change their password.", f"{SESSIONS}test_a_changed_password_ends_all_sessions_but_this"),
    by("6.2.3", 1, "That takes the present one.", f"{TWO}test_who_fails_to_prove_themselves_is_audited", f"{SESSIONS}test_a_changed_password_ends_all_sessions_but_this"),
    by("6.2.4", 1, "Common passwords are refused.", "accounts/test_resets.py::test_a_weak_password_leaves_all_as_it_was"),
    by("6.2.5", 1, "Any characters do; none is demanded.", "accounts/test_resets.py::test_the_link_sets_another_password_once"),
    by("6.2.6", 1, "They are masked while typed.", "browser/test_accessibility.py::test_public_pages"),
    by("6.2.7", 1, "Pasting and password managers work.", "browser/test_people.py", note="the fields carry autocomplete, no script touches them"),
    by("6.2.8", 1, "They are taken as they were typed.", f"{IN}test_case_and_space_around_the_address_do_not_matter", note="of the address, never of the password"),
    by("6.2.9", 2, "64 characters and more are allowed.", "accounts/test_resets.py", note="no upper limit but that of a form"),
    by("6.2.10", 2, "They don't expire by the calendar.", "accounts/test_people.py", note="nothing in the product ends one"),
    by("6.2.11", 2, "The listed words are refused.", "accounts/test_choosing_passwords.py::test_words_that_everybody_here_knows_make_no_password"),
    by("6.2.12", 2, "Passwords that leaked elsewhere are refused.", "accounts/test_choosing_passwords.py::test_no_password_of_the_shipped_lists_of_leaked_ones_is_taken", note="the 50,000 most frequent ones are shipped, so that nothing of a password leaves us; the hundreds of millions of rare ones are not"),
    by("6.3.1", 1, "Guessing is slowed as written.", GUESSING, f"{TWO}test_the_wait_doubles_with_every_further_try", f"{TWO}test_codes_can_not_be_guessed"),
    by("6.3.2", 1, "There are no default accounts.", "local/test_deployment.py", note="the first operator is made by a command; demo data exists for `make run` alone"),
    by("6.3.3", 2, "Everybody needs a second factor.", "pages/test_everybodys_second_factor.py::test_there_is_nothing_before_the_second_factor", "pages/test_everybodys_second_factor.py::test_so_it_is_unless_the_server_is_ones_own_machine"),
    by("6.3.4", 2, "No way in is weaker than the others.", f"{TWO}test_the_password_alone_lets_nobody_in", "accounts/test_passkeys.py::test_a_wrong_answer_lets_nobody_in"),
    by("6.4.1", 1, "First secrets are random, expire, and are replaced at once.", "accounts/test_invitations.py::test_it_expires", "accounts/test_invitations.py::test_accepting_sets_the_password_and_uses_it_up"),
    by("6.4.2", 1, "There are no hints and no secret questions.", "pages/test_every_page.py::test_what_is_open_to_strangers_was_decided"),
    by("6.4.3", 2, "A forgotten password is replaced safely, and the second factor stays.", "accounts/test_resets.py::test_the_link_sets_another_password_once", "attacks/test_links.py::test_the_link_in_the_mail_leads_to_us_whatever_host_was_named"),
    by("6.4.4", 2, "A lost factor is forgotten by somebody who vouches.", "accounts/test_second_factors.py::test_an_owner_vouches_for_somebody_who_has_lost_everything"),
    by("6.5.1", 2, "Codes work once.", "accounts/test_second_factors.py::test_a_code_works_once_and_so_does_none_before_it", "accounts/test_second_factors.py::test_of_many_at_once_with_one_code_one_gets_in"),
    by("6.5.2", 2, "Recovery codes are kept as hashes fit for their entropy.", "accounts/test_second_factors.py::test_each_recovery_code_works_once_however_it_is_typed"),
    by("6.5.3", 2, "They come from a secure generator.", "attacks/test_guessing.py::test_a_key_has_256_bits_and_each_character_of_its_own"),
    by("6.5.4", 2, "They have 20 bits at least.", "accounts/test_second_factors.py::test_what_is_no_code_is_refused"),
    by("6.5.5", 2, "Codes last for a short time.", "accounts/test_second_factors.py::test_a_clock_may_be_half_a_minute_wrong", f"{TWO}test_ten_minutes_later_the_password_must_be_shown_again"),
    foreign("6.6.1", 2, "Codes by telephone are a last resort.", "there are none"),
    by("6.6.2", 2, "An answer belongs to its question.", "accounts/test_passkeys.py::test_an_answer_to_another_question_is_refused", "accounts/test_passkeys.py::test_an_answer_is_taken_once_through_the_pages"),
    by("6.6.3", 2, "Codes can't be guessed.", f"{TWO}test_codes_can_not_be_guessed"),
    foreign("6.8.1", 2, "One provider's people are not another's.", NO_IDP),
    foreign("6.8.2", 2, "Assertions are verified.", NO_IDP),
    foreign("6.8.3", 2, "SAML assertions are used once.", NO_IDP),
    foreign("6.8.4", 2, "How strongly somebody signed in elsewhere is asked.", NO_IDP),
)  # fmt: skip

V7 = (
    written("7.1.1", 2, "How long sessions last is written down.", "security.md#signing-in"),
    written("7.1.2", 2, "How many at once is written down.", "security.md#signing-in"),
    foreign("7.1.3", 2, "Systems that share sessions are written down.", NO_IDP),
    by("7.2.1", 1, "Sessions are checked on the server.", f"{IN}test_who_was_deactivated_is_out_at_once"),
    by("7.2.2", 1, "They are made for each sign-in.", f"{IN}test_signing_in_takes_a_new_session_and_signing_out_ends_it"),
    by("7.2.3", 1, "They are random, with 128 bits.", f"{SESSIONS}test_a_session_that_somebody_else_chose_is_not_taken", note="Django's: 32 characters of 36, 165 bits"),
    by("7.2.4", 1, "Signing in makes a new one.", f"{IN}test_signing_in_takes_a_new_session_and_signing_out_ends_it"),
    by("7.3.1", 2, "Unused, a session ends.", f"{SESSIONS}test_a_session_is_noted_now_and_then_and_ends_after_two_weeks"),
    by("7.3.2", 2, "Used, it ends too, in the end.", f"{SESSIONS}test_a_session_is_noted_now_and_then_and_ends_after_two_weeks"),
    by("7.4.1", 1, "An ended session opens nothing.", f"{IN}test_signing_in_takes_a_new_session_and_signing_out_ends_it"),
    by("7.4.2", 1, "Whoever is deactivated is out at once.", "accounts/test_people.py::test_whoever_is_deactivated_is_out_at_once"),
    by("7.4.3", 2, "A changed factor ends the other sessions.", f"{SESSIONS}test_a_changed_password_ends_all_sessions_but_this", "accounts/test_resets.py::test_using_it_signs_every_browser_out"),
    by("7.4.4", 2, "Signing out is on every page.", "pages/test_navigation.py"),
    by("7.4.5", 2, "Administrators can end others' sessions.", "accounts/test_people.py::test_whoever_is_deactivated_is_out_at_once"),
    by("7.5.1", 2, "Changing how one gets in asks again who one is.", f"{TWO}test_dangerous_acts_ask_again_after_a_while"),
    by("7.5.2", 2, "People see their sessions and end them.", f"{SESSIONS}test_sessions_are_listed_and_ended", f"{SESSIONS}test_one_session_is_ended_by_its_person_alone"),
    foreign("7.6.1", 2, "Sessions here and at the provider end as written.", NO_IDP),
    by("7.6.2", 2, "No session begins without somebody's doing.", f"{IN}test_signing_in_takes_a_new_session_and_signing_out_ends_it"),
)  # fmt: skip

V8 = (
    written("8.1.1", 1, "Who may do what is written down.", "security.md#who-may-do-what", note="the table is code, and `manage.py access_table` prints it"),
    written("8.1.2", 2, "Who may see and write which field is written down.", "security.md#who-may-do-what"),
    by("8.2.1", 1, "Every function asks for a right.", ACCESS, "architecture/test_access.py::test_a_view_that_says_nothing_lets_nobody_in"),
    by("8.2.2", 1, "Every thing is somebody's, and nobody else's (IDOR).", NOT_YOURS, "attacks/test_not_yours.py::test_an_address_added_tomorrow_is_looked_at"),
    by("8.2.3", 2, "Fields are for those who may have them.", "attacks/test_forms.py::test_members_that_an_endpoint_has_not_reach_no_column", "streams/test_who_listens.py"),
    by("8.3.1", 1, "The server decides, not the page.", ACCESS),
    by("8.4.1", 2, "No tenant reaches another, not by injected SQL either.", NOT_YOURS, "isolation/test_injection.py::test_what_is_injected_into_a_value_is_refused", "isolation/test_rights.py::test_nobody_who_serves_reaches_another_tenants_schema"),
)  # fmt: skip

ROWS: tuple[Row, ...] = V6 + V7 + V8
