"""Django's `i18n`, whose `{% translate "words" %}` looks plain words up once in each language, not each time (settings: TEMPLATES).

A table names its columns in every cell, for phones. Of fifty rows that are hundreds of words, each of which Django makes lazy, then
text again, at some forty calls: a quarter of a page's time. What a template says in a language stays so while a process lives.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """As Django's, for whatever isn't plain words."""
    node: i18n.TranslateNode = i18n.do_translate(parser, token)
    return WordsNode(node) if _is_plain(node) else node


class WordsNode(Node):
    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.node = node
        self.said: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        said = self.said.get(language)
        if said is None:
            said = self.said[language] = self.node.render(context)
        return said


def _is_plain(node: i18n.TranslateNode) -> bool:
    """Neither a variable, nor filtered, nor kept under a name, nor meant in one sense of several."""
    words = node.filter_expression
    is_literal = getattr(words.var, "lookups", ()) is None
    return is_literal and not (words.filters or node.asvar or node.noop or node.message_context)
