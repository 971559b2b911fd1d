"""What the map itself needs from the server: its legend, its words, the last pass below it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.engine.daemonset.cells import CellState
from controller.queries.passes import PassLine
from dashboard.present.filters import FAULTS, GROUPS, revision_words
from dashboard.present.history import LineRow, pass_row
from dashboard.present.table import load_words
from dashboard.present.words import STATES, Word, headed, state_words

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
        "groups": {key: str(word) for key, word in GROUPS.items()},
        "revisions": revision_words(),
        "faults": {code: str(word) for code, word in FAULTS.items()},
        "would": _("would be: {state}"),
        "born": _("a new pod"),
        "gone": _("no pod any more"),
        "loads": load_words(),
        "pod": _("{n} pod"),
        "pods": _("{n} pods"),
        "shown": _("{n} of {of} nodes pass the filter"),
    }


@dataclass(frozen=True, slots=True)
class LastPass:
    """The last pass of a paused cluster."""

    about: str
    lines: list[LineRow]
    more: str
    url: str


def last_pass(cluster: str, one: PassLine) -> LastPass:
    """Return what the last pass decided."""
    row = pass_row(cluster, one)
    return LastPass(
        about=headed(row.title, row.about),
        lines=row.lines,
        more=row.more,
        url=reverse("passes", args=[cluster]),
    )
