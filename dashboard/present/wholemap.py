"""What stands around the map while it shows all sets, or the health of all nodes: figures, and each set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from controller.engine.daemonset.cells import WORST_FIRST, CellState
from controller.queries.daemonsets import SetRow
from controller.queries.nodes import NodeCounts
from dashboard.present.links import map_url
from dashboard.present.sets import CountRow, Figures
from dashboard.present.words import counted, grouped, joined, state_words

CALM = frozenset({CellState.NEW, CellState.NONE})
"""States that nobody has to look at."""

NAMED = 3
"""How many states of a set are put into words."""


def whole_figures(chosen: Figures, view: str, rows: Sequence[SetRow], nodes: NodeCounts) -> Figures:
    """Return the figures of the whole cluster; the set that was chosen stays so, for the way back."""
    desired = sum(row.counts.desired for row in rows)
    unavailable = sum(row.counts.unavailable for row in rows)
    misscheduled = sum(row.counts.misscheduled for row in rows)
    odd = sum(any(row.states.get(state) for state in CellState if state not in CALM) for row in rows)
    six = (
        CountRow(_("nodes"), nodes.nodes, _("Nodes of the cluster."), ""),
        CountRow(
            _("not ready"), nodes.unready, _("Nodes that are not ready."), "bad" if nodes.unready else "quiet"
        ),
        CountRow(_("DaemonSets"), len(rows), _("DaemonSets of the cluster."), ""),
        CountRow(_("not settled"), odd, _("DaemonSets with a cell to look at."), "warn" if odd else "quiet"),
        CountRow(_("desired"), desired, _("Pods that all DaemonSets want."), ""),
        CountRow(
            _("unavailable"),
            unavailable,
            _("Of these, those that are not available."),
            "bad" if unavailable else "quiet",
        ),
        CountRow(
            _("misscheduled"),
            misscheduled,
            _("Pods on nodes that should run none."),
            "odd" if misscheduled else "quiet",
        ),
    )
    name = _("All DaemonSets") if view == "all" else _("Health of all nodes")
    return replace(chosen, name=name, url="", about="", six=six)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A set in the panel: the worst state that it has anywhere, and its states in words."""

    key: str
    uid: str
    name: str
    namespace: str
    url: str
    state: CellState
    words: str


def set_lines(cluster: str, rows: Sequence[SetRow]) -> list[SetLine]:
    """Return the sets, those first that have most of the worst state, then most of the next."""
    return [_line(cluster, row) for row in sorted(rows, key=_how_bad)]


def _how_bad(row: SetRow) -> list[int]:
    settled = {CellState.NEW, CellState.NONE}
    bad = [-row.states.get(state, 0) for state in WORST_FIRST if state not in settled]
    return [*bad, 0 if row.states.get(CellState.NEW) else 1]


def _line(cluster: str, row: SetRow) -> SetLine:
    there = [state for state in WORST_FIRST if row.states.get(state)]
    worst = there[0] if there else CellState.NONE
    shown = [state for state in there if state is not CellState.NONE] or there
    words = [f"{grouped(row.states[state])} {state_words(state)}" for state in shown[:NAMED]]
    key = f"{row.namespace}/{row.name}"
    more = len(shown) - NAMED
    if more > 0:
        words.append(counted("%(n)s other state", "%(n)s other states", more))
    return SetLine(key, row.id, row.name, row.namespace, map_url(cluster, chosen=key), worst, joined(words))
