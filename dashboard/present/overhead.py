"""What the DaemonSets ask of the nodes, as two tables, on the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from controller.queries.overhead import Amounts, NodeOverhead, Overhead, SetOverhead
from dashboard.present.amounts import amount, share
from dashboard.present.links import node_url, set_url
from dashboard.present.sorting import Head, heads, sort_by
from dashboard.present.words import Part, Word, bar, grouped

NODES, SETS = "nodes", "sets"
MUCH = 0.5
"""From this share of a node on, what daemons take of it is worth a look."""

NODE_COLUMNS: tuple[tuple[str, Word], ...] = (
    ("node", gettext_lazy("Node")),
    ("sets", gettext_lazy("DaemonSets")),
    ("cpu", gettext_lazy("cpu")),
    ("cpu-share", gettext_lazy("Share of cpu")),
    ("memory", gettext_lazy("Memory")),
    ("memory-share", gettext_lazy("Share of memory")),
    ("pods", gettext_lazy("Pods")),
    ("pods-share", gettext_lazy("Share of pods")),
)
SET_COLUMNS: tuple[tuple[str, Word], ...] = (
    ("set", gettext_lazy("DaemonSet")),
    ("pods", gettext_lazy("Pods")),
    ("each-cpu", gettext_lazy("cpu of each")),
    ("cpu", gettext_lazy("cpu of all")),
    ("cpu-share", gettext_lazy("Share of cpu")),
    ("each-memory", gettext_lazy("Memory of each")),
    ("memory", gettext_lazy("Memory of all")),
    ("memory-share", gettext_lazy("Share of memory")),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount; ``parts`` draw it as a share of what there is."""

    text: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class OverheadRow:
    """A node, or a set, with its amounts in the order of the columns."""

    id: str
    name: str
    about: str
    url: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the two tables."""

    label: Word
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class OverheadPage:
    """The page; ``rows`` are all of its table, sorted."""

    about: str
    tabs: list[Tab]
    heads: list[Head]
    rows: list[OverheadRow]
    csv_url: str


def table_of(query: QueryDict) -> str:
    """Return which table is asked for."""
    return SETS if query.get("by") == SETS else NODES


def overhead_page(cluster: str, query: QueryDict, found: Overhead) -> OverheadPage:
    """Return the page that is asked for."""
    by, at = table_of(query), reverse("overhead", args=[cluster])
    columns = SET_COLUMNS if by == SETS else NODE_COLUMNS
    sort = query.get("sort", "") or "-cpu-share"
    numbers = [key for key, _label in columns[1:]]
    return OverheadPage(
        about=_about(found),
        tabs=[Tab(_("By node"), at, by == NODES), Tab(_("By DaemonSet"), f"{at}?by={SETS}", by == SETS)],
        heads=heads(query, columns, default="-cpu-share", numbers=numbers),
        rows=_set_rows(cluster, found, sort) if by == SETS else _node_rows(cluster, found, sort),
        csv_url=f"{at}?by={by}&sort={sort}&format=csv",
    )


def _about(found: Overhead) -> str:
    if not found.sets:
        return _("No DaemonSet yet.")
    message = ngettext(
        "The pods of %(n)s DaemonSet request %(cpu)s of %(of_cpu)s cpu (%(cpu_share)s) and %(memory)s of "
        "%(of_memory)s memory (%(memory_share)s).",
        "The pods of %(n)s DaemonSets request %(cpu)s of %(of_cpu)s cpu (%(cpu_share)s) and %(memory)s of "
        "%(of_memory)s memory (%(memory_share)s).",
        len(found.sets),
    )
    asked, whole = found.asked, found.allocatable
    return message % {
        "n": grouped(len(found.sets)),
        "cpu": amount("cpu", asked.cpu),
        "of_cpu": amount("cpu", whole.cpu),
        "cpu_share": share(asked.cpu, whole.cpu),
        "memory": amount("memory", asked.memory),
        "of_memory": amount("memory", whole.memory),
        "memory_share": share(asked.memory, whole.memory),
    }


def _node_rows(cluster: str, found: Overhead, sort: str) -> list[OverheadRow]:
    shown = sort_by(found.nodes, NODE_KEYS, sort)
    return [
        OverheadRow(f"node-{one.node}", one.node, "", node_url(cluster, one.node), _node_cells(one))
        for one in shown
    ]


def _node_cells(one: NodeOverhead) -> list[Cell]:
    asked, has = one.asked, one.allocatable
    return [
        Cell(grouped(one.sets), []),
        Cell(amount("cpu", asked.cpu), []),
        _share(asked.cpu, has.cpu),
        Cell(amount("memory", asked.memory), []),
        _share(asked.memory, has.memory),
        Cell(grouped(asked.pods), []),
        _share(asked.pods, has.pods),
    ]


def _share(part: int, whole: int) -> Cell:
    tone = "warn" if whole and part / whole >= MUCH else "good"
    return Cell(share(part, whole), bar([(tone, min(part, whole))], whole))


def _set_rows(cluster: str, found: Overhead, sort: str) -> list[OverheadRow]:
    whole = found.allocatable
    return [
        OverheadRow(
            f"set-{one.namespace}-{one.name}",
            one.name,
            one.namespace,
            set_url(cluster, one.namespace, one.name),
            _set_cells(one, whole),
        )
        for one in sort_by(found.sets, SET_KEYS, sort)
    ]


def _set_cells(one: SetOverhead, whole: Amounts) -> list[Cell]:
    return [
        Cell(grouped(one.asked.pods), []),
        Cell(amount("cpu", one.each.cpu), []),
        Cell(amount("cpu", one.asked.cpu), []),
        _share(one.asked.cpu, whole.cpu),
        Cell(amount("memory", one.each.memory), []),
        Cell(amount("memory", one.asked.memory), []),
        _share(one.asked.memory, whole.memory),
    ]


NODE_KEYS: dict[str, Callable[[NodeOverhead], object]] = {
    "node": lambda one: one.node,
    "sets": lambda one: one.sets,
    "cpu": lambda one: one.asked.cpu,
    "cpu-share": lambda one: one.asked.share(one.allocatable)[0],
    "memory": lambda one: one.asked.memory,
    "memory-share": lambda one: one.asked.share(one.allocatable)[1],
    "pods": lambda one: one.asked.pods,
    "pods-share": lambda one: one.asked.share(one.allocatable)[2],
}
SET_KEYS: dict[str, Callable[[SetOverhead], object]] = {
    "set": lambda one: (one.name, one.namespace),
    "pods": lambda one: one.asked.pods,
    "each-cpu": lambda one: one.each.cpu,
    "cpu": lambda one: one.asked.cpu,
    "cpu-share": lambda one: one.asked.cpu,
    "each-memory": lambda one: one.each.memory,
    "memory": lambda one: one.asked.memory,
    "memory-share": lambda one: one.asked.memory,
}


def csv_of(query: QueryDict, found: Overhead) -> tuple[Sequence[str], Iterable[Sequence[object]]]:
    """Return the table that is asked for as heads and rows, in cpus and bytes, with shares from 0 to 1."""
    sort = query.get("sort", "") or "-cpu-share"
    if table_of(query) == SETS:
        heads_ = ("namespace", "daemonset", "pods", "cpu_each", "cpu", "memory_each", "memory")
        return heads_, (
            (
                one.namespace,
                one.name,
                one.asked.pods,
                one.each.cpu / 1000,
                one.asked.cpu / 1000,
                one.each.memory,
                one.asked.memory,
            )
            for one in sort_by(found.sets, SET_KEYS, sort)
        )
    names = ("node", "daemonsets", "cpu", "cpu_allocatable", "cpu_share", "memory", "memory_allocatable")
    return (*names, "memory_share", "pods", "pods_allocatable", "pods_share"), (
        _node_line(one) for one in sort_by(found.nodes, NODE_KEYS, sort)
    )


def _node_line(one: NodeOverhead) -> Sequence[object]:
    asked, has = one.asked, one.allocatable
    cpu, memory, pods = (round(part, 4) for part in asked.share(has))
    return (
        *(one.node, one.sets, asked.cpu / 1000, has.cpu / 1000, cpu),
        *(asked.memory, has.memory, memory, asked.pods, has.pods, pods),
    )
