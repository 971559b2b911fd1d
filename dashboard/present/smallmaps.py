"""Small maps: nodes or pods that go together in a rollout, drawn as shapes, with their words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.queries.stages import Stage, StageState
from dashboard.present.words import STATES, Word, grouped, headed, joined, wave_title

NARROW, WIDE, FEW = 40, 80, 800
"""Cells in a row of a small map: for a few nodes, and for more than ``FEW``. A single row is drawn larger."""

CELL = 10
"""The size of a cell in the units of its drawing; one unit is left free around it."""

SHAPES: dict[CellState, str] = {
    CellState.NEW: "M{x} {y}h8v8h-8z",
    CellState.OLD: "M{x} {y}h8v8h-8zM{x2} {y2}v4h4v-4z",
    CellState.UPDATING: "M{x} {y4}h8v4h-8z",
    CellState.SURGE: "M{x} {y}h3v8h-3zM{x5} {y}h3v8h-3z",
    CellState.PENDING: "M{x} {y6}h8v2h-8z",
    CellState.FAILING: "M{x4} {y}l4 4l-4 4l-4 -4z",
    CellState.MISSING: "M{x} {y}h8v8h-8zM{x1} {y1}v6h6v-6z",
    CellState.MISSCHEDULED: "M{x} {y}l8 8h-8z",
    CellState.DOWN: "M{x} {y3}h8v2h-8z",
    CellState.NONE: "M{x3} {y3}h2v2h-2z",
}
"""How a state is drawn: no two have the same shape, so that colour is not the only sign."""

STAGES: dict[StageState, tuple[Word, str]] = {
    StageState.DONE: (gettext_lazy("done"), "good"),
    StageState.NOW: (gettext_lazy("under way"), "ask"),
    StageState.SOAKING: (gettext_lazy("soaking"), "ask"),
    StageState.AWAITING: (gettext_lazy("waits for its promotion"), "warn"),
    StageState.LATER: (gettext_lazy("later"), ""),
    StageState.LEAVING: (gettext_lazy("on the way out"), ""),
    StageState.KEPT: (gettext_lazy("kept old"), ""),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """All cells of one state in a small map: ``path`` draws them."""

    state: str
    path: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """Nodes that go together, as a small map with its words."""

    title: str
    state: str
    tone: str
    text: str
    label: str
    width: int
    height: int
    scale: int
    shapes: list[Shape]

    def titled(self, title: str, text: str) -> StageRow:
        """Return it under another title, with other words beside it."""
        return replace(self, title=title, text=text, label=self.label.replace(self.title, title, 1))

    @property
    def shown(self) -> tuple[int, int]:
        """Return how wide and high it is shown, in pixels, if there is room."""
        return (self.width * self.scale, self.height * self.scale)


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A state that is on the page, and how it is drawn."""

    shape: Shape
    label: str


def legend_of(drawn: Iterable[StageRow]) -> list[LegendRow]:
    """Return the states that small maps show, in the order of the map's legend."""
    states = {shape.state for one in drawn for shape in one.shapes}
    return [
        LegendRow(Shape(state.value, _drawn(state, 0, 0)), str(words))
        for state, (words, _help) in STATES.items()
        if state.value in states
    ]


def stage_row(stage: Stage) -> StageRow:
    """Return a stage with its nodes drawn, from the left to the right."""
    columns = NARROW if len(stage.cells) <= FEW else WIDE
    paths: dict[CellState, list[str]] = {}
    for place, (_node, state) in enumerate(stage.cells):
        paths.setdefault(state, []).append(_drawn(state, place % columns, place // columns))
    words, tone = STAGES[stage.state]
    text = _("%(updated)s of %(total)s updated and available") % {
        "updated": grouped(stage.updated),
        "total": grouped(len(stage.cells)),
    }
    if stage.kept:
        text = joined([text, _("%(n)s kept old") % {"n": grouped(stage.kept)}])
    return StageRow(
        title=_title(stage.title),
        state=str(words),
        tone=tone,
        text=text,
        label=headed(_title(stage.title), joined(_counted(paths))),
        width=min(columns, len(stage.cells)) * CELL,
        height=ceil(len(stage.cells) / columns) * CELL,
        scale=2 if len(stage.cells) <= NARROW else 1,
        shapes=[Shape(state.value, "".join(drawn)) for state, drawn in paths.items()],
    )


def _title(title: str) -> str:
    return wave_title(title) if title else _("All nodes")


def _counted(paths: dict[CellState, list[str]]) -> Iterable[str]:
    for state, (words, _help) in STATES.items():
        if state in paths:
            yield f"{grouped(len(paths[state]))} {words}"


def _drawn(state: CellState, column: int, row: int) -> str:
    x, y = column * CELL + 1, row * CELL + 1
    moved = {f"{axis}{by or ''}": at + by for axis, at in (("x", x), ("y", y)) for by in range(7)}
    return SHAPES[state].format(**moved)
