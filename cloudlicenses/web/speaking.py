"""What stories say in English, said in the language of whoever reads the page."""

from __future__ import annotations

from django.utils.translation import gettext

from cloudlicenses.kit.refusals import Said


def in_readers_words(text: str) -> str:
    """The sentence translated; one that nobody translated stays as it is."""
    if isinstance(text, Said):
        return gettext(text.template) % text.about
    return gettext(text)
