"""ASVS 5.0, V9 to V12: tokens, OAuth, cryptography, TLS."""

from __future__ import annotations

from scripts.security_checklist.rows import Row, by, foreign, written

SDK = "attacks/test_tokens.py::test_the_sdk_believes_no_forged_lease"
GUIDE = "attacks/test_tokens.py::test_the_guides_verifier_believes_no_forged_package"
NO_OAUTH = "we are no OAuth or OpenID client, server or resource: keys and personal tokens are random and looked up"

V9 = (
    by("9.1.1", 1, "Signed tokens are verified before anything in them is read.", SDK, GUIDE),
    by("9.1.2", 1, "One algorithm, and never none.", SDK, "sdks/python/tests/test_sdk_token.py::test_only_our_algorithm_our_type_and_a_published_key_will_do"),
    by("9.1.3", 1, "Keys come from where they are published, not from the token.", SDK, "attacks/test_tokens.py::test_a_lease_signed_with_another_tenants_key_is_not_believed"),
    by("9.2.1", 1, "Outside of its time a token is nothing.", "sdks/python/tests/test_sdk_offline.py::test_work_goes_on_until_the_signed_expiry_and_not_after"),
    by("9.2.2", 2, "A token of another type is nothing.", "attacks/test_tokens.py::test_what_was_signed_for_another_purpose_is_no_lease"),
    by("9.2.3", 2, "A token for somebody else is nothing.", "sdks/python/tests/test_sdk_token.py::test_a_genuine_lease_of_somebody_else_is_refused_and_its_seat_given_back"),
    by("9.2.4", 2, "Tokens say for whom they are.", "attacks/test_tokens.py::test_each_tenant_publishes_its_own_keys_alone", note="tenant, product, user and host are claims; each tenant has keys of its own"),
)  # fmt: skip

OAUTH = {
    "10.1.1": (2, "Tokens go only to those that need them."), "10.1.2": (2, "Answers belong to requests of the same browser."),
    "10.2.1": (2, "The code flow is guarded against forged requests."), "10.2.2": (2, "Servers can't be mixed up."),
    "10.3.1": (2, "Access tokens name their audience."), "10.3.2": (2, "Scopes and claims decide."),
    "10.3.3": (2, "People are told by claims that stay theirs."), "10.3.4": (2, "Strength of authentication is checked."),
    "10.4.1": (1, "Redirect URIs are exact."), "10.4.2": (1, "Codes are used once."), "10.4.3": (1, "Codes are short-lived."),
    "10.4.4": (1, "Only needed grants."), "10.4.5": (1, "Refresh tokens are not replayed."), "10.4.6": (2, "PKCE."),
    "10.4.7": (2, "Registration of clients is guarded."), "10.4.8": (2, "Refresh tokens expire."),
    "10.4.9": (2, "People can revoke tokens."), "10.4.10": (2, "Confidential clients authenticate."),
    "10.4.11": (2, "Only needed scopes."), "10.5.1": (2, "ID tokens are not replayed."), "10.5.2": (2, "sub tells people apart."),
    "10.5.3": (2, "Metadata is the issuer's."), "10.5.4": (2, "aud is ours."), "10.5.5": (2, "Back-channel logout is guarded."),
    "10.6.1": (2, "Safe response modes only."), "10.6.2": (2, "Nobody is logged out by others."), "10.7.1": (2, "Consent is asked."),
    "10.7.2": (2, "It says to what."), "10.7.3": (2, "It can be taken back."),
}  # fmt: skip
V10 = tuple(foreign(number, level, asks, NO_OAUTH) for number, (level, asks) in OAUTH.items())

SEALED = "architecture/test_sealed.py::test_every_column_of_bytes_is_sealed_or_known_to_hold_no_secret"
ROTATION = "rotation/test_masters.py::test_after_a_rotation_the_old_key_is_not_needed"

V11 = (
    written("11.1.1", 2, "How keys live and die is written down.", "security.md#keys-of-ours"),
    written("11.1.2", 2, "All keys and algorithms are listed.", "security.md#keys-of-ours"),
    by("11.2.1", 2, "Cryptography is a well-known library's.", SEALED, note="`cryptography` and argon2-cffi, nothing of our own"),
    by("11.2.2", 2, "Keys and algorithms can be exchanged; a post-quantum signature is there already.", ROTATION, "vendors/test_packages.py::test_the_header_says_where_the_keys_are_and_carries_both_signatures"),
    by("11.2.3", 2, "128 bits at least.", "attacks/test_guessing.py::test_a_key_has_256_bits_and_each_character_of_its_own", note="Ed25519, ML-DSA-65, AES-256-GCM, HMAC-SHA-256"),
    by("11.3.1", 1, "No ECB, no PKCS#1 v1.5.", SEALED),
    by("11.3.2", 1, "AES-GCM.", SEALED, ROTATION),
    by("11.3.3", 2, "Ciphertexts are authenticated, and bound to their place.", "accounts/test_second_factors.py::test_a_sealed_secret_is_worth_nothing_in_another_row"),
    by("11.4.1", 1, "No MD5, no SHA-1.", "attacks/test_checklist.py::test_no_weak_hash_is_asked_for", note="but where standards ask for it and collisions do not matter: TOTP (RFC 6238), names of issuers in OCSP (RFC 5019)"),
    by("11.4.2", 2, "Passwords are kept by a slow hash.", "attacks/test_checklist.py::test_passwords_are_kept_by_argon2"),
    by("11.4.3", 2, "Hashes are long enough.", "attacks/test_checklist.py::test_no_weak_hash_is_asked_for", note="SHA-256 and SHA-512"),
    foreign("11.4.4", 2, "Keys made of passwords are stretched.", "no key is made of a password; MASTER_KEY is random"),
    by("11.5.1", 2, "What can't be guessed has 128 bits of a secure generator.", "attacks/test_guessing.py::test_a_key_has_256_bits_and_each_character_of_its_own"),
    by("11.6.1", 2, "Signatures are of approved algorithms.", "vendors/test_packages.py::test_the_header_says_where_the_keys_are_and_carries_both_signatures"),
)  # fmt: skip

V12 = (
    by("12.1.1", 1, "TLS 1.2 and 1.3 only.", "local/test_proxy.py", note="deploy/nginx; nginx itself reads the file in the test"),
    by("12.1.2", 2, "Only strong cipher suites.", "local/test_proxy.py::test_only_suites_with_forward_secrecy_are_spoken"),
    by("12.1.3", 2, "Client certificates are verified before they count.", "certificates/test_behind_nginx.py::test_a_wrong_certificate_is_rejected_with_the_reason", "attacks/test_forged_headers.py::test_a_certificate_in_a_header_is_nobodys_proof"),
    by("12.2.1", 1, "TLS towards clients, always.", "attacks/test_headers.py::test_every_answer_asks_for_https_from_then_on", note="the proxy ends TLS; local/test_proxy.py"),
    foreign("12.2.2", 1, "Certificates are publicly trusted.", "the operator brings the certificate of the domain"),
    by("12.3.1", 2, "TLS on every connection, inner ones too.", "inside/test_connections.py::test_postgresql_is_spoken_to_over_tls_by_certificate", "inside/test_connections.py::test_valkey_is_spoken_to_over_tls_from_everywhere", "inside/test_connections.py::test_in_clear_or_without_a_certificate_nobody_gets_in", "local/test_verified.py::test_what_leaves_the_machine_in_clear_or_to_anybody_stops_the_start"),
    by("12.3.2", 2, "Clients of ours verify certificates.", "sdks/python/tests/test_sdk_transport.py::test_a_server_that_no_known_authority_vouches_for_gets_no_key", "sdks/python/tests/test_sdk_transport.py::test_a_certificate_for_another_name_gets_no_key"),
    by("12.3.3", 2, "TLS between inner services.", "local/test_networks.py::test_only_the_proxy_is_reached_from_outside_and_it_reaches_web_by_sockets", "local/test_by_socket.py::test_whoever_opens_the_socket_is_believed_where_sockets_are", "inside/test_connections.py::test_in_clear_or_without_a_certificate_nobody_gets_in", note="from proxy to web by a socket of the machine, which is on no network"),
    by("12.3.4", 2, "Inner certificates are trusted by name.", "inside/test_connections.py::test_another_name_than_it_was_asked_for_is_not_postgresql", "inside/test_connections.py::test_another_name_than_it_was_asked_for_is_not_valkey", "inside/test_connections.py::test_another_authority_vouches_for_no_postgresql"),
)  # fmt: skip

ROWS: tuple[Row, ...] = V9 + V10 + V11 + V12
