"""What a story says in English reaches a page in its reader's language, with what it is about in its place."""

from __future__ import annotations

from django.utils import translation

from cloudlicenses.kit.refusals import FieldError, InvalidInput, Said
from cloudlicenses.web.forms import Lines, PageForm
from cloudlicenses.web.speaking import in_readers_words

MOST = Said("At most %(most)s addresses.", most=20)


class Form(PageForm):
    to = Lines()


def test_a_sentence_is_english_by_itself() -> None:
    assert MOST == "At most 20 addresses."
    assert FieldError("to", "too_many", MOST).as_json()["message"] == "At most 20 addresses."


def test_a_reader_gets_it_in_their_language() -> None:
    with translation.override("de"):
        assert in_readers_words(MOST) == "Höchstens 20 Adressen."
        assert in_readers_words("This is not a URL.") == "Das ist keine URL."
        assert in_readers_words("Nobody translated this.") == "Nobody translated this."


def test_what_a_name_holds_is_never_taken_for_a_placeholder() -> None:
    said = Said("Not an e-mail address: %(address)s", address="%(most)s 100 %")
    with translation.override("de"):
        assert in_readers_words(said) == "Keine E-Mail-Adresse: %(most)s 100 %"


def test_a_form_says_it_beside_the_field() -> None:
    form = Form({"to": "x"})
    with translation.override("de"):
        form.blame(InvalidInput(errors=[FieldError("to", "too_many", MOST)]))
        assert form.errors == {"to": ["Höchstens 20 Adressen."]}
