"""What nodes are filtered and grouped by, in words: the same on the map and in the table."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.matching.nodefilter import FilterFault
from dashboard.present.words import Word

FAULTS: dict[str, Word] = {
    "unclosed": gettext_lazy("At character {at}: the list of values has no end, a ) is missing."),
    "unexpected": gettext_lazy("At character {at}: {word} does not belong there."),
    "key": gettext_lazy("At character {at}: {word} is no label key."),
    "value": gettext_lazy("At character {at}: {word} is no label value."),
    "number": gettext_lazy("At character {at}: {word} is no whole number."),
    "taint": gettext_lazy(
        "At character {at}: {word} is no taint. Write taint:key, taint:key=value:NoSchedule."
    ),
}
"""In the form of Python's and the map's own placeholders: ``at`` counts from 1."""

GROUPS: dict[str, Word] = {
    ":taint": gettext_lazy("taint"),
    ":state": gettext_lazy("state"),
    ":revision": gettext_lazy("revision"),
}
"""What nodes can be grouped by besides labels."""


def fault_words(fault: FilterFault) -> str:
    """Return what is wrong with a filter, and where."""
    return str(FAULTS[fault.code]).replace("{word}", fault.word).replace("{at}", str(fault.at + 1))


def revision_words() -> dict[str, str]:
    """Return what groups of nodes by revision are called; of the current one with its number."""
    return {
        "current": _("revision {n}"),
        "older": _("older revisions"),
        "between": _("on the way"),
        "nobody": _("no pod"),
    }
