"""The written guides: `docs/*.md` and the decisions beside them, as HTML pages. What isn't listed here can't be read.

Markdown only; HTML in a guide is shown as text. Links between the files work on GitHub and on the site alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = settings.BASE_DIR / "docs"
FIRST = (
    "quick-start",
    "customers",
    "vendors",
    "api",
    "sdk-python",
    "application-security",
    "cli",
    "billing",
    "alerts",
    "security",
    "certificates",
    "audit",
    "privacy",
    "operations",
    "performance",
)
RELATIVE_LINK = re.compile(r"(?!\w+:|/|#)(?:\./)?(?P<path>[\w./-]+)\.md(?P<rest>#.*)?")
RELATIVE_IMAGE = re.compile(r"(?:\./)?images/(?P<name>[\w-]+\.png)")
HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Guide:
    """One file. `slug` is its address below `/docs/`: `quick-start`, `decisions/0002-…`."""

    slug: str
    title: str
    path: Path
    changed: float

    @property
    def is_decision(self) -> bool:
        return self.slug.startswith("decisions/")


def guides() -> dict[str, Guide]:
    """All of them by slug, in the order in which one would read them."""
    found = [_guide(path, path.stat().st_mtime) for path in (*ROOT.glob("*.md"), *ROOT.glob("decisions/*.md"))]
    order = {slug: number for number, slug in enumerate(FIRST)}
    found.sort(key=lambda guide: (guide.is_decision, order.get(guide.slug, len(FIRST)), guide.slug))
    return {guide.slug: guide for guide in found}


@lru_cache(maxsize=256)
def html_of(guide: Guide) -> SafeString:
    """The guide's body. Kept until the file changes: `changed` is part of the key."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.renderer.rules.update(fence=_fence, table_open=_table, table_close=_end_of_table)  # type: ignore[attr-defined]
    tokens = markdown.parse(guide.path.read_text(encoding="utf-8"))
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(tokens[position + 1].content))
        for inline in token.children or ():
            _relink(inline, guide)
    html = str(markdown.renderer.render(tokens, markdown.options, {}))
    return mark_safe(html)  # noqa: S308 - our own files, HTML switched off


@lru_cache(maxsize=256)
def _guide(path: Path, changed: float) -> Guide:
    slug = str(path.relative_to(ROOT).with_suffix(""))
    heading = HEADING.search(path.read_text(encoding="utf-8"))
    return Guide(slug, heading.group(1).replace("`", "") if heading else slug, path, changed)


def _relink(token: Token, guide: Guide) -> None:
    """`vendors.md#keys`, read beside this guide, is `/docs/vendors#keys` on the site; `images/` are static files."""
    if token.type == "image" and (picture := RELATIVE_IMAGE.fullmatch(str(token.attrGet("src") or ""))):
        token.attrSet("src", static(f"guides/{picture['name']}"))
    link = RELATIVE_LINK.fullmatch(str(token.attrGet("href") or ""))
    if token.type == "link_open" and link:
        target = (guide.path.parent / f"{link['path']}.md").resolve()
        if target.is_relative_to(ROOT):
            token.attrSet("href", f"/docs/{target.relative_to(ROOT).with_suffix('')}{link['rest'] or ''}")


def _fence(tokens: list[Token], position: int, *_: object) -> str:
    """Code that may be wider than the page can be scrolled with the keyboard too."""
    return f'<pre tabindex="0"><code>{escape(tokens[position].content)}</code></pre>\n'


def _table(*_: object) -> str:
    """As wide as it must be, in a frame that scrolls."""
    return '<div class="scroll" tabindex="0"><table>\n'


def _end_of_table(*_: object) -> str:
    return "</table></div>\n"
