"""The table twin of the map as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from controller.engine.daemonset.cells import CellState
from controller.queries.coverage import Coverage, NodeLine, SetColumn
from dashboard.present.links import map_url, node_url, set_url
from dashboard.present.nodes import MACHINE_LABELS, node_chips
from dashboard.present.pages import Pager, pager
from dashboard.present.words import STATES, Chip, Fact, Option, Word, options, state_words


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair in the table."""

    state: CellState
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A node in the table."""

    name: str
    url: str
    chips: list[Chip]
    cells: list[Cell]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """The nodes of one group; without grouping there is one block without a title."""

    title: str
    about: str
    nodes: list[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """The table with its filters. ``columns`` counts the columns of the widest row."""

    about: str
    map_url: str
    groups: list[Option]
    states: list[Option]
    sets_offered: list[Option]
    filter: str
    sets: list[Fact]
    columns: int
    rows: list[Block]
    pages: Pager


def table(cluster: str, found: Coverage, query: QueryDict, group: str) -> Table:
    """Return a page of the table; the query says what was asked for."""
    chosen = query.get("set", "")
    shown = [at for at, column in enumerate(found.columns) if not chosen or _key(column) == chosen]
    columns = [found.columns[at] for at in shown]
    offered: list[tuple[str, Word]] = [("", _("all")), *((_key(one), one.name) for one in found.columns)]
    states: list[tuple[str, Word]] = [
        ("", _("any")),
        *((str(state), message[0]) for state, message in STATES.items()),
    ]
    keys: list[tuple[str, Word]] = [("", _("none"))]
    keys += [(key, key) for key in found.labels if key not in MACHINE_LABELS]
    return Table(
        about=_("%(shown)s of %(nodes)s nodes") % {"shown": found.matching, "nodes": found.nodes},
        map_url=map_url(cluster, chosen=chosen),
        groups=options(keys, group),
        states=options(states, query.get("state", "")),
        sets_offered=options(offered, chosen),
        filter=query.get("filter", ""),
        sets=[Fact(one.name, url=set_url(cluster, one.namespace, one.name)) for one in columns],
        columns=len(columns) + 4,
        rows=_blocks(cluster, found, shown, group),
        pages=pager(query, page=found.page, pages=found.pages, total=found.matching),
    )


def _key(column: SetColumn) -> str:
    return f"{column.namespace}/{column.name}"


def _blocks(cluster: str, found: Coverage, shown: Sequence[int], group: str) -> list[Block]:
    totals = {one.value: one.nodes for one in found.groups}
    blocks = []
    for value, lines in groupby(found.lines, key=lambda line: line.group):
        title = value or (_("without the label") if len(found.groups) > 1 else "")
        count = totals.get(value, 0)
        about = ngettext("%(n)s node", "%(n)s nodes", count) % {"n": count}
        blocks.append(Block(title, about, [_row(cluster, found, line, shown, group) for line in lines]))
    return blocks


def _row(cluster: str, found: Coverage, line: NodeLine, shown: Sequence[int], group: str) -> Row:
    return Row(
        name=line.name,
        url=node_url(cluster, line.name),
        chips=node_chips(
            ready=line.ready, down=line.down, unschedulable=line.unschedulable, taints=line.taints
        ),
        cells=[
            Cell(
                state=line.cells[at],
                words=state_words(line.cells[at]),
                url=map_url(cluster, chosen=_key(found.columns[at]), node=line.name),
            )
            for at in shown
        ],
        labels=[
            f"{key}={value}"
            for key, value in sorted(line.labels.items())
            if key not in {*MACHINE_LABELS, group}
        ],
    )
