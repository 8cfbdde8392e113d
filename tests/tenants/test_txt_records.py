"""Looking TXT records up at a real authority, over UDP and TCP; whatever it does, there is an answer in time."""

from __future__ import annotations

import time

import pytest
from pytest_django.fixtures import Settings

from tenants import txt_records
from tenants.txt_records import look_up
from tests.tenants import authority
from tests.tenants.authority import Authority

NAME = "_cloudlicenses.acme.example"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(txt_records, "UDP_SECONDS", 0.6)
    monkeypatch.setattr(txt_records, "TCP_SECONDS", 0.4)
    monkeypatch.setattr(txt_records, "SECONDS_A_TRY", 0.2)


def test_every_record_is_found(dns: Authority) -> None:
    dns.say(NAME, "v=spf1 -all", "cloudlicenses-verify=abc")
    look = look_up(NAME)
    assert set(look.texts) == {"v=spf1 -all", "cloudlicenses-verify=abc"}
    assert look.shows("cloudlicenses-verify=abc")
    assert (look.name, look.resolvers, look.problem) == (NAME, (f"127.0.0.1:{dns.port}",), "")


def test_the_strings_of_a_record_are_joined(dns: Authority) -> None:
    dns.say(NAME, [b"cloudlicenses-", b"verify=abc"])
    assert look_up(NAME).texts == ("cloudlicenses-verify=abc",)


def test_an_answer_too_long_for_udp_comes_over_tcp(dns: Authority) -> None:
    dns.say(NAME, *(f"{number:03d} " + "x" * 200 for number in range(10)), "cloudlicenses-verify=abc")
    assert look_up(NAME).shows("cloudlicenses-verify=abc")
    assert [protocol for protocol, _ in dns.asked] == ["udp", "tcp"]


def test_where_udp_is_blocked_tcp_is_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(txt_records, "UDP_SECONDS", 0.6)
    with authority.running(udp=False) as only_tcp:
        settings.DNS_RESOLVERS = [("127.0.0.1", only_tcp.port)]
        only_tcp.say(NAME, "cloudlicenses-verify=abc")
        assert look_up(NAME).shows("cloudlicenses-verify=abc")


def test_an_alias_is_followed(dns: Authority) -> None:
    dns.alias(NAME, "proof.elsewhere.example")
    dns.alias("proof.elsewhere.example", "again.elsewhere.example")
    dns.say("again.elsewhere.example", "cloudlicenses-verify=abc")
    assert look_up(NAME).texts == ("cloudlicenses-verify=abc",)


def test_aliases_in_a_circle_end(dns: Authority) -> None:
    dns.alias(NAME, "b.example")
    dns.alias("b.example", NAME)
    assert look_up(NAME).texts == ()
    assert len(dns.asked) == txt_records.MOST_ALIASES


def test_a_name_that_does_not_exist(dns: Authority) -> None:
    look = look_up(NAME)
    assert (look.texts, look.problem) == ((), "The name does not exist in DNS.")


def test_a_name_without_txt_records(dns: Authority) -> None:
    dns.say(NAME)
    look = look_up(NAME)
    assert (look.texts, look.problem) == ((), "")


def test_what_others_wrote_is_shown_harmlessly(dns: Authority) -> None:
    dns.say(NAME, [b"\x00\x1b[31m\xff"], *(f"n{number}" for number in range(30)))
    shown = look_up(NAME).shown
    assert len(shown) == txt_records.MOST_SHOWN
    assert all(text.isprintable() for text in shown)


def test_a_resolver_that_fails(dns: Authority) -> None:
    dns.odd[NAME] = authority.failing
    assert look_up(NAME).problem == "The DNS resolvers gave no usable answer."


@pytest.mark.usefixtures("impatient")
def test_an_answer_to_another_question_is_not_believed(dns: Authority) -> None:
    dns.odd[NAME] = authority.for_another_question
    assert look_up(NAME).texts == ()


@pytest.mark.usefixtures("impatient")
def test_resolvers_that_babble_or_say_nothing_are_given_up(settings: Settings) -> None:
    with authority.silent_port() as silent, authority.babbling_port() as babbling:
        settings.DNS_RESOLVERS = [("127.0.0.1", silent), ("127.0.0.1", babbling)]
        began = time.monotonic()
        look = look_up(NAME)
    assert look.texts == ()
    assert look.problem
    assert time.monotonic() - began < 30, "they babble as long as they are listened to"


def test_the_next_resolver_is_asked_when_the_first_is_dead(
    dns: Authority, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(txt_records, "SECONDS_A_TRY", 0.2)
    dns.say(NAME, "cloudlicenses-verify=abc")
    with authority.silent_port() as silent:
        settings.DNS_RESOLVERS = [("127.0.0.1", silent), ("127.0.0.1", dns.port)]
        assert look_up(NAME).shows("cloudlicenses-verify=abc")


@pytest.mark.usefixtures("impatient")
def test_nobody_listens(settings: Settings) -> None:
    settings.DNS_RESOLVERS = [("127.0.0.1", 9)]
    assert look_up(NAME).problem == "The DNS resolvers did not answer in time."
