"""The words of a cause that nodes share: why they have no available pod of a set.

The facts come from ``controller/queries/causes.py``.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from controller.queries.causes import Nowhere, PairCause
from dashboard.present.checks import all_of, check_words
from dashboard.present.rolloutwords import why_words
from dashboard.present.words import as_sentence, counted


def cause_words(cause: PairCause) -> str:
    """Return a cause in a sentence that is true of every node with it."""
    if cause.check:
        return check_words(cause.check)
    if cause.why is None:
        return _("No pod should run there.")
    message = why_words(cause.why)
    if cause.lacks:
        message += " (" + _("lacks %(what)s") % {"what": all_of(cause.lacks)} + ")"
    return as_sentence(message)


def nowhere_words(found: Nowhere) -> str:
    """Return why a set targets no node: labels that none bears, or the cause of most of them."""
    if not found.nodes:
        return _("The cluster has no nodes.")
    if found.unmatched:
        return " ".join(
            counted(
                "%(label)s is on 0 of %(n)s node.",
                "%(label)s is on 0 of %(n)s nodes.",
                found.nodes,
                label=f"{key}={value}",
            )
            for key, value in found.unmatched
        )
    words = cause_words(found.cause) if found.cause else ""
    message = counted(
        "No pod should run on %(n)s node.", "No pod should run on any of %(n)s nodes.", found.nodes
    )
    return f"{message} {words}".strip()
