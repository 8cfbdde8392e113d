"""Words of templates are looked up once in each language, and still said in the reader's."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils.translation import override


@pytest.mark.parametrize(
    ("source", "english", "german"),
    [
        ('{% translate "Sign out" %}', "Sign out", "Abmelden"),
        ('{% translate "Sign out" as words %}<b>{{ words }}</b>', "<b>Sign out</b>", "<b>Abmelden</b>"),
        ('{% translate "sign out"|capfirst %}', "Sign out", "Sign out"),
        ("{% translate said %}", "Sign out", "Abmelden"),
        ('{% translate "Sign out" noop %}', "Sign out", "Sign out"),
        ("{% blocktranslate %}Sign out{% endblocktranslate %}", "Sign out", "Abmelden"),
    ],
)
def test_each_reader_is_spoken_to_in_their_language(source: str, english: str, german: str) -> None:
    template = engines["django"].from_string("{% load i18n %}" + source)
    for language, expected in 2 * [("en", english), ("de", german)]:
        with override(language):
            assert template.render({"said": "Sign out"}) == expected


def test_a_variable_is_looked_up_each_time() -> None:
    template = engines["django"].from_string("{% load i18n %}{% translate said %}")
    with override("de"):
        assert [template.render({"said": words}) for words in ("Sign out", "Menu")] == ["Abmelden", "Menü"]
