"""What the map itself needs from the server: its legend, its words, the last pass below it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.engine.daemonset.cells import CellState
from controller.queries.passes import PassLine
from dashboard.present.history import SHOWN_LINES, LineRow, pass_row
from dashboard.present.words import STATES, Word, state_words

ZONE = "topology.kubernetes.io/zone"
"""What nodes are grouped by unless somebody asks for another label."""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A state in the legend."""

    key: CellState
    label: Word
    help: Word


def legend() -> list[LegendRow]:
    """Return the states in their order."""
    return [LegendRow(state, *words) for state, words in STATES.items()]


def words() -> dict[str, object]:
    """Return the words that the map's script shows; it has none of its own."""
    return {
        "states": {str(state): state_words(state) for state in STATES},
        "group": ZONE,
        "without": _("without the label"),
        "one": _("{n} node"),
        "other": _("{n} nodes"),
        "cordoned": _("cordoned"),
        "groups": {":taint": _("taint"), ":state": _("state"), ":revision": _("revision")},
        "revisions": {
            "current": _("revision {n}"),
            "older": _("older revisions"),
            "between": _("on the way"),
            "nobody": _("no pod"),
        },
        "faults": {
            "unclosed": _("At character {at}: the list of values has no end, a ) is missing."),
            "unexpected": _("At character {at}: {word} does not belong there."),
            "key": _("At character {at}: {word} is no label key."),
            "value": _("At character {at}: {word} is no label value."),
            "number": _("At character {at}: {word} is no whole number."),
            "taint": _("At character {at}: {word} is no taint. Write taint:key, taint:key=value:NoSchedule."),
        },
        "would": _("would be: {state}"),
        "born": _("a new pod"),
        "gone": _("no pod any more"),
        "loads": {
            "new": _("running"),
            "updating": _("starting or stopping"),
            "failing": _("in trouble"),
            "pending": _("waits"),
            "down": _("node down"),
            "none": _("no pod of it"),
        },
        "pod": _("{n} pod"),
        "pods": _("{n} pods"),
        "shown": _("{n} of {of} nodes pass the filter"),
    }


@dataclass(frozen=True, slots=True)
class LastPass:
    """The last pass of a paused cluster."""

    about: str
    lines: list[LineRow]
    more: int
    url: str


def last_pass(cluster: str, one: PassLine) -> LastPass:
    """Return what the last pass decided."""
    row = pass_row(one)
    return LastPass(
        about=f"{row.title}: {row.about}",
        lines=row.lines,
        more=max(0, len(one.lines) - SHOWN_LINES),
        url=reverse("passes", args=[cluster]),
    )
