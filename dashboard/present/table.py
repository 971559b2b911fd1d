"""The table twin of the map as rows, on a page and as comma-separated values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from controller.engine.controllers.loads import BARE
from controller.engine.daemonset.cells import CellState
from controller.engine.matching.nodefilter import FilterFault
from controller.engine.objects import DaemonSet
from controller.queries.coverage import CONDITION, Column, Coverage, NodeLine
from controller.queries.coverage import Cell as FoundCell
from dashboard.present.filters import GROUPS, fault_words, revision_words
from dashboard.present.links import kind_url, map_url, node_url, object_url
from dashboard.present.nodes import MACHINE_LABELS, node_chips
from dashboard.present.pages import Pager, pager
from dashboard.present.words import STATES, Chip, Fact, Option, Word, counted, grouped, options, state_words

ROOMY = 4
"""So many columns have room for words; more show marks alone, and words to a screen reader."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: ``sort`` leads to the table sorted by it, ``sorted`` says in ARIA how it is."""

    label: Word
    url: str
    sort: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A workload on a node, in the table."""

    state: CellState
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A node in the table; labels in short, and whole as their values."""

    name: str
    url: str
    chips: list[Chip]
    cells: list[Cell]
    labels: list[Fact]


@dataclass(frozen=True, slots=True)
class Block:
    """The nodes of one group; without grouping there is one block without a title."""

    title: str
    about: str
    nodes: list[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """The table with its filters. ``columns`` counts the columns of the widest row.

    ``roomy``: there is room for words in cells. ``kept`` are fields of the query that no field shows.
    """

    about: str
    total: int
    map_url: str
    csv_url: str
    groups: list[Option]
    inner_groups: list[Option]
    states: list[Option]
    sets_offered: list[Option]
    filter: str
    fault: str
    kept: list[tuple[str, str]]
    name: Head
    condition: Head
    heads: list[Head]
    columns: int
    roomy: bool
    rows: list[Block]
    pages: Pager


def column_key(column: Column) -> str:
    """Return how an address names a workload: as the map does."""
    if column.id == BARE:
        return BARE
    place = f"{column.namespace}/{column.name}"
    return place if column.kind == DaemonSet.KIND else f"{column.kind}/{place}"


def table(
    cluster: str, found: Coverage, query: QueryDict, groups: Sequence[str], fault: FilterFault | None
) -> Table:
    """Return a page of the table; the query says what was asked for."""
    offered: list[tuple[str, Word]] = [
        ("", _("all")),
        *((column_key(one), _named(one)) for one in found.every),
    ]
    states: list[tuple[str, Word]] = [
        ("", _("any")),
        *((str(state), message[0]) for state, message in STATES.items()),
    ]
    keys: list[tuple[str, Word]] = [*GROUPS.items()]
    keys += [(key, key) for key in found.labels if key not in MACHINE_LABELS]
    roomy = len(found.columns) <= ROOMY
    return Table(
        about=ngettext("%(shown)s of %(nodes)s node", "%(shown)s of %(nodes)s nodes", found.nodes)
        % {"shown": grouped(found.matching), "nodes": grouped(found.nodes)},
        total=found.matching,
        map_url=_map_url(cluster, query),
        csv_url=f"{reverse('table_csv', args=[cluster])}?{query.urlencode(safe='/')}",
        groups=options([("", _("none")), *keys], groups[0] if groups else ""),
        inner_groups=options([("", _("then none")), *keys], groups[1] if len(groups) > 1 else ""),
        states=options(states, query.get("only", "")),
        sets_offered=options(offered, query.get("set", "")),
        filter=query.get("filter", ""),
        fault=fault_words(fault) if fault else "",
        kept=[("sort", sort)] if (sort := query.get("sort", "")) else [],
        name=_head(query, _("Node"), ""),
        condition=_head(query, _("Condition"), CONDITION),
        heads=[_head(query, _named(one), column_key(one), _page_of(cluster, one)) for one in found.columns],
        columns=len(found.columns) + 4,
        roomy=roomy,
        rows=_blocks(cluster, found, groups),
        pages=pager(query, page=found.page, pages=found.pages, total=found.matching),
    )


def _map_url(cluster: str, query: QueryDict) -> str:
    groups = ",".join(key for key in query.getlist("group") if key)
    asked = {key: query.get(key, "") for key in ("set", "filter", "only")} | {"group": groups}
    shown = urlencode({key: value for key, value in asked.items() if value}, safe="/")
    return reverse("map", args=[cluster]) + (f"?{shown}" if shown else "")


def _named(column: Column) -> str:
    return column.name or _("without a controller")


def _page_of(cluster: str, column: Column) -> str:
    if column.id == BARE:
        return kind_url(cluster, "Pod")
    return object_url(cluster, column.kind, column.namespace, column.name)


def _head(query: QueryDict, label: Word, key: str, url: str = "") -> Head:
    """Return a head that sorts: what is sorted by already is turned round."""
    sort = query.get("sort", "")
    mine, descending = sort.removeprefix("-") == key, sort.startswith("-")
    turned: Any = query.copy()
    turned["sort"] = f"-{key}" if mine and not descending else key
    turned.pop("page", None)
    now = ("descending" if descending else "ascending") if mine else "none"
    return Head(label, url, f"?{turned.urlencode(safe='/')}", now)


def _blocks(cluster: str, found: Coverage, groups: Sequence[str]) -> list[Block]:
    totals = {one.values: one.nodes for one in found.groups}
    maps = [map_url(cluster, chosen=column_key(one)) for one in found.columns]
    blocks = []
    for values, lines in groupby(found.lines, key=lambda line: line.group):
        title = ", ".join(_title(key, value) for key, value in zip(groups, values, strict=False))
        if len(totals) == 1 and not any(values):
            title = ""
        count = totals.get(values, 0)
        about = counted("%(n)s node", "%(n)s nodes", count)
        blocks.append(Block(title, about, [_row(cluster, found, line, groups, maps) for line in lines]))
    return blocks


def _title(key: str, value: str | None) -> str:
    if value is None:
        return _("without a taint") if key == ":taint" else _("without the label")
    if key == ":state":
        return state_words(CellState(value))
    if key == ":revision":
        return _("current revision") if value == "current" else revision_words()[value]
    return value


def _row(cluster: str, found: Coverage, line: NodeLine, groups: Sequence[str], maps: Sequence[str]) -> Row:
    node = quote(line.name)
    return Row(
        name=line.name,
        url=node_url(cluster, line.name),
        chips=node_chips(
            ready=line.ready,
            down=line.down,
            unschedulable=line.unschedulable,
            draining=line.draining,
            taints=line.taints,
        ),
        cells=[
            Cell(
                state=cell.state,
                words=_words(column, cell),
                url=f"{url}&node={node}",
            )
            for column, cell, url in zip(found.columns, line.cells, maps, strict=True)
        ],
        labels=[
            Fact(f"{key.rpartition('/')[2]}={value}", f"{key}={value}")
            for key, value in sorted(line.labels.items())
            if key not in {*MACHINE_LABELS, *groups}
        ],
    )


def _words(column: Column, cell: FoundCell) -> str:
    if column.kind == DaemonSet.KIND:
        return state_words(cell.state)
    if not cell.pods:
        return _("no pod of it")
    pods = counted("%(n)s pod", "%(n)s pods", cell.pods)
    return f"{pods}, {load_words()[cell.state]}"


def load_words() -> dict[str, str]:
    """Return what the states of a workload that is no DaemonSet are called."""
    return {
        "new": _("running"),
        "updating": _("starting or stopping"),
        "failing": _("in trouble"),
        "pending": _("waits"),
        "down": _("node down"),
        "none": _("no pod of it"),
    }


def csv_of(found: Coverage) -> tuple[list[str], list[list[str]]]:
    """Return the lines as a table for programs, the names of columns first.

    States are the words of the socket, lists are separated by spaces.
    """
    heads = ["node", "ready", "unschedulable", "down", "labels", "taints"]
    return [*heads, *map(column_key, found.columns)], [_csv_row(line) for line in found.lines]


def _csv_row(line: NodeLine) -> list[str]:
    labels = " ".join(f"{key}={value}" for key, value in sorted(line.labels.items()))
    facts = [line.name, line.ready, str(line.unschedulable).lower(), str(line.down).lower()]
    cells = [f"{cell.state}:{cell.pods}" if cell.pods else str(cell.state) for cell in line.cells]
    return [*facts, labels, " ".join(line.taints), *cells]
