"""ASVS 5.0, V1 to V5: encoding, validation, browsers, APIs, files."""

from __future__ import annotations

from scripts.security_checklist.rows import Row, by, foreign, written

XSS = "attacks/test_xss.py::test_nothing_that_is_stored_comes_to_life_on_any_page"
CSV = "attacks/test_xss.py::test_no_cell_of_any_file_is_a_formula"
BOMBS = "attacks/test_bombs.py::test_it_is_refused_at_once_wherever_a_body_is_taken"
FUZZ = "contract/test_fuzz.py::test_nothing_that_is_sent_breaks_the_contract"
INJECTION = "isolation/test_plane.py::test_hostile_text_in_any_argument_is_only_text"
NO_HTML = "people type plain text everywhere; no HTML, Markdown or style of theirs is rendered"
NO_SOCKETS = "there are no WebSockets; live pages use server-sent events with the session's cookie"
NO_MEMORY = "Python manages memory; no native code of our own"

V1 = (
    by("1.1.1", 2, "Input is decoded once, before it is checked.", "attacks/test_headers.py::test_no_file_of_the_servers_own_is_handed_out", FUZZ),
    by("1.1.2", 2, "Output is encoded last, by what writes it: templates, the JSON and CSV writers, the database driver.", XSS, CSV),
    by("1.2.1", 1, "Encoding fits the place: HTML, attributes, header fields.", XSS, "attacks/test_smuggling.py::test_no_input_becomes_a_header_of_an_answer"),
    by("1.2.2", 1, "URLs made of input are encoded, and only safe schemes appear in links.", XSS, "attacks/test_ssrf.py::test_no_other_scheme_user_or_trick_in_a_url_is_taken"),
    by("1.2.3", 1, "Nothing that is put into JavaScript or JSON changes its structure.", XSS, "pages/test_every_page.py::test_no_page_carries_inline_script_or_style"),
    by("1.2.4", 1, "No SQL injection; and one that there was would meet roles and row-level security.", INJECTION, "isolation/test_injection.py::test_what_is_injected_into_a_value_is_refused"),
    foreign("1.2.5", 1, "No injection into commands of the operating system.", "what serves requests starts no processes"),
    foreign("1.2.6", 2, "No LDAP injection.", "there is no LDAP"),
    foreign("1.2.7", 2, "No XPath injection.", "there is no XPath, and no XML is read"),
    foreign("1.2.8", 2, "LaTeX is processed safely.", "PDFs are drawn by reportlab, with names escaped"),
    by("1.2.9", 2, "Input in regular expressions is escaped.", FUZZ, note="input is never made part of a pattern"),
    foreign("1.3.1", 1, "HTML that people write is sanitised.", NO_HTML),
    by("1.3.2", 1, "Nothing of a caller's is evaluated as code.", BOMBS, XSS, note="ruff's S rules refuse eval, exec and pickle in review"),
    by("1.3.3", 2, "What goes to a dangerous place is cleaned first.", CSV, "keys/test_snippets.py::test_a_shell_reads_the_body_as_one_word", "accounts/test_letters.py::test_a_name_cannot_write_headers_or_markup"),
    by("1.3.4", 2, "SVG that people upload is sanitised.", "vendors/test_branding.py::test_what_is_no_fit_picture_is_refused_and_the_former_one_stays", note="SVG is refused; logos are painted anew as PNG"),
    foreign("1.3.5", 2, "Markdown, CSS and templates of people's are sanitised.", NO_HTML),
    by("1.3.6", 2, "Requests that the server makes for somebody go where they may (SSRF).", "attacks/test_ssrf.py::test_no_spelling_of_this_machine_is_called", "attacks/test_ssrf.py::test_a_name_that_leads_outside_first_and_inside_next_never_leads_inside"),
    by("1.3.7", 2, "Templates are never built of input.", XSS),
    foreign("1.3.8", 2, "No JNDI injection.", "there is no Java on the server"),
    by("1.3.9", 2, "What goes to a cache as a name is harmless.", "attacks/test_guessing.py::test_counters_of_tries_have_a_name_of_their_own_for_each_host_tenant_and_account", note="Valkey's protocol counts bytes; names with line breaks are names"),
    by("1.3.10", 2, "Format strings of callers are not followed.", INJECTION),
    by("1.3.11", 2, "Nothing is injected into mail.", "accounts/test_letters.py::test_a_name_cannot_write_headers_or_markup"),
    foreign("1.4.1", 2, "Memory-safe strings and copies.", NO_MEMORY),
    by("1.4.2", 2, "Numbers are checked for sign and range.", BOMBS, FUZZ),
    foreign("1.4.3", 2, "No use of freed memory.", NO_MEMORY),
    foreign("1.5.1", 1, "XML parsers resolve nothing from outside.", "no XML is parsed; a body of XML is refused, as test_bombs shows"),
    by("1.5.2", 2, "Deserialisation makes no objects of a caller's choice.", BOMBS, note="JSON into fixed shapes only"),
)  # fmt: skip

V2 = (
    written("2.1.1", 1, "Rules for input are written down.", "api.md#requests-and-answers", note="and for each field in the OpenAPI documents, which tests hold to the code"),
    written("2.1.2", 2, "Rules between fields are written down.", "vendors.md#selling"),
    written("2.1.3", 2, "Limits of business are written down, for each user and overall.", "api.md#limits"),
    by("2.2.1", 1, "Input is checked against what is expected of it.", FUZZ, "licensing/test_checkout.py::test_bad_input_is_told_what_is_wrong"),
    by("2.2.2", 1, "It is checked on the server, whatever the browser did.", "attacks/test_forms.py::test_nobody_makes_themselves_an_owner_by_fields_that_a_form_has_not", FUZZ),
    by("2.2.3", 2, "Fields that belong together are checked together.", "vendors/test_generating.py", note="quantities, prices and days of a contract"),
    by("2.3.1", 1, "Steps are taken in their order, and none is left out.", "pages/test_two_steps.py::test_the_password_alone_lets_nobody_in", "pages/test_two_steps.py::test_the_second_step_is_for_nobody_else"),
    by("2.3.2", 2, "Limits of business hold.", "races/test_last_seat.py::test_ten_seats_go_to_ten_of_sixty", "races/test_model.py::test_any_day_is_as_the_model_says"),
    by("2.3.3", 2, "Something is done whole or not at all.", "faults/test_killed_server.py::test_a_server_killed_again_and_again_loses_and_doubles_nothing"),
    by("2.3.4", 2, "What there is little of is not given twice.", "races/test_last_seat.py::test_ten_seats_go_to_ten_of_sixty", "races/test_interleavings.py::test_every_order_ends_like_a_serial_one"),
    by("2.4.1", 2, "Nobody automates at others' cost.", "licensing/test_refused_keys.py::test_a_fast_key_is_told_to_wait", "tenants/test_registration.py::test_one_address_can_register_only_so_often", "pages/test_signing_in.py::test_one_address_may_not_try_many_accounts"),
)  # fmt: skip

HEADERS = "attacks/test_headers.py::test_no_answer_is_framed_sniffed_or_kept"
COOKIES = "attacks/test_headers.py::test_cookies_belong_to_their_host_alone_and_travel_over_tls"
CSRF = "attacks/test_forms.py::test_no_form_is_taken_from_another_page"
CSRF_API = "attacks/test_forms.py::test_no_call_of_the_api_is_taken_from_another_page"

V3 = (
    by("3.2.1", 1, "No answer is rendered as something that it is not.", HEADERS),
    by("3.2.2", 1, "Text is shown as text, by scripts too.", XSS),
    by("3.3.1", 1, "Cookies are Secure and carry a prefix that says so.", COOKIES),
    by("3.3.2", 2, "SameSite fits each cookie.", COOKIES),
    by("3.3.3", 2, "Cookies carry __Host-.", COOKIES),
    by("3.3.4", 2, "Scripts don't see what is not theirs.", COOKIES, "pages/test_sessions.py::test_cookies_stay_on_their_host_and_out_of_scripts"),
    by("3.4.1", 1, "HSTS, for a year and for subdomains, on every answer.", "attacks/test_headers.py::test_every_answer_asks_for_https_from_then_on"),
    by("3.4.2", 1, "CORS names nobody who isn't trusted.", "attacks/test_forms.py::test_no_other_origin_is_allowed_to_read_anything"),
    by("3.4.3", 2, "A content security policy on every answer.", HEADERS, "pages/test_every_page.py::test_the_policy_allows_our_own_files_and_no_inline_anything"),
    by("3.4.4", 2, "nosniff on every answer.", HEADERS, "attacks/test_headers.py::test_every_answer_asks_for_https_from_then_on"),
    by("3.4.5", 2, "A referrer policy.", HEADERS),
    by("3.4.6", 2, "frame-ancestors on every answer.", HEADERS),
    by("3.5.1", 1, "Forms of other pages are not taken (CSRF).", CSRF, CSRF_API),
    by("3.5.2", 1, "What relies on preflights can't be called without one.", CSRF_API, BOMBS),
    by("3.5.3", 1, "What changes something is no GET.", "attacks/test_forms.py::test_looking_changes_nothing"),
    by("3.5.4", 2, "Applications of their own have hosts of their own.", "isolation/test_strangers.py::test_a_session_is_nothing_on_another_tenants_host"),
    foreign("3.5.5", 2, "postMessage is judged by its origin.", "no page listens to messages"),
    by("3.7.1", 2, "Browsers need no plug-ins of the past.", "pages/test_every_page.py::test_vendored_files_are_as_their_manifest_says"),
    by("3.7.2", 2, "Nobody is redirected to a host that isn't listed.", "attacks/test_forms.py::test_nobody_is_led_elsewhere_after_signing_in"),
)  # fmt: skip

V4 = (
    by("4.1.1", 1, "Content-Type fits the content, with its charset.", HEADERS, FUZZ),
    by("4.1.2", 2, "Only pages redirect from HTTP to HTTPS, not APIs.", "local/test_proxy.py::test_over_plain_http_pages_lead_to_https_and_the_api_refuses"),
    by("4.1.3", 2, "Headers that a proxy sets can't be set by others.", "attacks/test_forged_headers.py::test_what_a_client_puts_beside_the_proxys_word_is_not_believed", "local/test_proxy.py::test_what_a_client_says_of_itself_is_replaced"),
    by("4.2.1", 2, "Where a request ends can be read in one way (smuggling).", "attacks/test_smuggling.py::test_what_can_be_read_in_two_ways_ends_the_connection"),
    foreign("4.3.1", 2, "GraphQL queries are bounded.", "there is no GraphQL"),
    foreign("4.3.2", 2, "GraphQL introspection is off.", "there is no GraphQL"),
    foreign("4.4.1", 1, "WebSockets run over TLS.", NO_SOCKETS),
    foreign("4.4.2", 2, "WebSockets check the origin.", NO_SOCKETS),
    foreign("4.4.3", 2, "WebSockets have tokens of their own.", NO_SOCKETS),
    foreign("4.4.4", 2, "Such tokens come from the session.", NO_SOCKETS),
)  # fmt: skip

LOGO = "vendors/test_branding.py::test_what_is_no_fit_picture_is_refused_and_the_former_one_stays"
NO_NAMES = "attacks/test_headers.py::test_no_file_of_the_servers_own_is_handed_out"

V5 = (
    written("5.1.1", 2, "What may be uploaded is written down.", "security.md#what-people-may-upload"),
    by("5.2.1", 1, "Files are bounded.", "attacks/test_slow_clients.py::test_a_body_has_an_end", LOGO),
    by("5.2.2", 1, "A file is what it says to be.", LOGO, "vendors/test_branding.py::test_a_logo_is_painted_anew"),
    by("5.2.3", 2, "Packed files are bounded before they are unpacked.", "attacks/test_bombs.py::test_a_picture_that_unpacks_to_gigabytes_is_not_unpacked", BOMBS),
    by("5.3.1", 1, "Uploads are never run.", "vendors/test_branding.py::test_a_logo_is_painted_anew", note="kept in the database, handed out as image/png"),
    by("5.3.2", 1, "No file's path comes of input.", NO_NAMES),
    by("5.4.1", 2, "Names of downloads are ours.", "pages/test_costs_and_audit.py", note="costs-2026-11.csv and the like; an uploaded name is not kept"),
    by("5.4.2", 2, "Names of files in headers are encoded.", "attacks/test_smuggling.py::test_no_input_becomes_a_header_of_an_answer"),
    foreign("5.4.3", 2, "Uploads are scanned for malware.", "the one kind of upload is decoded and painted anew; nothing of the file itself is kept"),
)  # fmt: skip

ROWS: tuple[Row, ...] = V1 + V2 + V3 + V4 + V5
