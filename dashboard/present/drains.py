"""Nodes that are being drained, as rows: how far each is, and who is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.controllers.drains import SEVERAL
from controller.engine.disruption.drain import Fate
from controller.queries.drains import DrainLine
from dashboard.present.links import node_url, object_url, pod_url
from dashboard.present.words import Part, Word, bar, counted, grouped

REFUSED: dict[str, Word] = {
    Fate.UNMANAGED: gettext_lazy("has no controller, and nobody allowed to lose it"),
    Fate.LOCAL_DATA: gettext_lazy("has data in an emptyDir, and nobody allowed to lose it"),
}


SHOWN = 20
"""So many nodes are listed; of others it is told how many there are."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A pod that does not go; ``why_url`` leads to the budget that holds it, "" if there is none."""

    name: str
    url: str
    why: str
    why_url: str


@dataclass(frozen=True, slots=True)
class DrainRow:
    """A node that is drained."""

    node: str
    url: str
    act_url: str
    about: str
    parts: list[Part]
    pods: list[InTheWay]


@dataclass(frozen=True, slots=True)
class Drains:
    """The nodes that are drained, and how many ``more`` are not listed, "" for none."""

    rows: list[DrainRow]
    more: str


def drain_rows(cluster: str, lines: Sequence[DrainLine]) -> Drains:
    """Return drains as rows."""
    more = len(lines) - SHOWN
    return Drains(
        [_row(cluster, line) for line in lines[:SHOWN]],
        counted("%(n)s more node", "%(n)s more nodes", more) if more > 0 else "",
    )


def _row(cluster: str, line: DrainLine) -> DrainRow:
    gone = line.pods - line.left
    return DrainRow(
        node=line.node,
        url=node_url(cluster, line.node),
        act_url=reverse("node_state", args=[cluster, line.node]),
        about=counted(
            "%(gone)s of %(n)s pod is gone",
            "%(gone)s of %(n)s pods are gone",
            line.pods,
            gone=grouped(gone),
        ),
        parts=bar([("good", gone), ("bad", len(line.held) + len(line.refused))], line.pods),
        pods=list(_in_the_way(cluster, line)),
    )


def _in_the_way(cluster: str, line: DrainLine) -> Iterator[InTheWay]:
    for name, budget in line.held.items():
        space, _slash, pod = name.partition("/")
        url = object_url(cluster, "PodDisruptionBudget", space, budget)
        if budget == SEVERAL:
            why = _("Several disruption budgets hold it: the API evicts no such pod.")
            yield InTheWay(name, pod_url(cluster, space, pod), why, "")
        else:
            why = _("The disruption budget %(name)s does not allow it yet.") % {"name": budget}
            yield InTheWay(name, pod_url(cluster, space, pod), why, url)
    for name, fate in line.refused.items():
        space, _slash, pod = name.partition("/")
        yield InTheWay(name, pod_url(cluster, space, pod), str(REFUSED.get(fate, fate)), "")
