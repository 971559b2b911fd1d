"""Formatting that templates need and Django does not bring. No rules live here."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.present.editor import words

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the drawing of that name, for the eye only: the words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name
    )


@register.simple_tag
def mark(state: str) -> SafeString:
    """Return the map's mark of a state, for the eye only: the words stand beside it."""
    return format_html('<i class="mark s-{}" aria-hidden="true"></i>', state)


@register.simple_tag
def marked(state: str, words: str, url: str) -> SafeString:
    """Return a link that a mark and its words make; a table has thousands of them."""
    return format_html('<a class="plain" href="{}"{}', url, _marked(state, words))


@lru_cache(maxsize=512)
def _marked(state: str, words: str) -> SafeString:
    return format_html(' title="{}">{} <span>{}</span></a>', words, mark(state), words)


@register.simple_tag
def editor_words() -> dict[str, str]:
    """Return what the editor of YAML says by itself."""
    return words()


PAIR = re.compile(r"([\w./-]+=[\w./:-]*\w)")


@register.filter
def coded(sentence: object) -> SafeString:
    """Return a sentence with each key=value in it as code."""
    pieces = PAIR.split(str(sentence))
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", piece) if at % 2 else piece,) for at, piece in enumerate(pieces)),
    )


@register.filter
def listed(text: object) -> SafeString:
    """Return a text of kubectl's, which puts no spaces into its lists, so that a line may end at a comma."""
    return format_html_join(mark_safe(",<wbr>"), "{}", ((piece,) for piece in str(text).split(",")))
