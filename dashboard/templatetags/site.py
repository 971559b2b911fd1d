"""Formatting that templates need and Django does not bring. No rules live here."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
