"""The nodes and pods behind a number or a cause of a set: the very pairs that were counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.daemonset.cells import WORST_FIRST, CellState
from controller.engine.daemonset.pairs import Pair
from controller.engine.objects import Pod
from controller.queries.causes import Causes, PairCause
from controller.queries.source import Page, paged, set_in
from controller.store.views import ClusterView

PAGE = 100
NO_PAIR = (0, 0, 0, 0, 0, 0, 0)


class Number(StrEnum):
    """What is counted of a set."""

    DESIRED = "desired"
    CURRENT = "current"
    READY = "ready"
    AVAILABLE = "available"
    UPDATED = "updated"
    MISSCHEDULED = "misscheduled"
    UNAVAILABLE = "unavailable"
    OUTDATED = "outdated"
    REFUSED = "refused"
    NOT_TARGETED = "not-targeted"


MARKS = (
    Number.DESIRED,
    Number.CURRENT,
    Number.READY,
    Number.AVAILABLE,
    Number.UPDATED,
    Number.MISSCHEDULED,
)
"""The numbers of a status, in the order of a pair's marks."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """A node with what a set has there. ``cause`` is None where nothing is to be explained."""

    node: str
    state: CellState
    pods: tuple[Pod, ...]
    cause: PairCause | None


@dataclass(frozen=True, slots=True)
class CauseCount:
    """On how many of the nodes that are listed a cause is found; ``first`` is one of them."""

    cause: PairCause
    nodes: int
    first: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """One page of pairs. ``causes`` are of all pages, the most frequent first."""

    lines: Page[PairLine]
    causes: tuple[CauseCount, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs: those that are counted in a ``number``, "" for all.

    ``like`` keeps the nodes with the cause of one, ``text`` those in whose name, or in one of whose pods'
    names, it occurs. Sorted by node, or by ``state`` or ``cause``; with a minus before it the other way.
    """

    number: str = ""
    like: str = ""
    text: str = ""
    sort: str = ""


def pairs(
    view: ClusterView, wanted: Wanted, *, namespace: str, name: str, page: int = 1, size: int = PAGE
) -> Pairs:
    """Return pairs of a set. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    causes = Causes(view, coverage)
    shared = causes.of(wanted.like) if wanted.like else None
    nodes = causes.sharing(shared) if shared else sorted(view.world.nodes)
    counted = _counted(view, causes, wanted.number)
    word = wanted.text.strip().lower()
    lines = [
        PairLine(
            node=node,
            state=view.cell(coverage.ds.uid, node),
            pods=coverage.pods.get(node, ()),
            cause=causes.of(node),
        )
        for node in nodes
        if counted(node)
    ]
    if word:
        lines = [line for line in lines if _mentions(line, word)]
    shown = sorted(lines, key=_order(wanted.sort.removeprefix("-")), reverse=wanted.sort.startswith("-"))
    return Pairs(paged(shown, lambda line: line, page, size), _tally(lines))


def _mentions(line: PairLine, word: str) -> bool:
    return word in line.node.lower() or any(word in pod.name.lower() for pod in line.pods)


def _counted(view: ClusterView, causes: Causes, number: str) -> Callable[[str], bool]:
    """Return whether a node is counted in a number; of one that is not known every node is."""
    pairs, now = causes.coverage.pairs, view.moment.cluster

    def marks(node: str) -> Sequence[int]:
        pair = pairs.get(node)
        return pair.marks(now) if pair else NO_PAIR

    def is_refused(pair: Pair | None) -> bool:
        return bool(causes.coverage.refusal and pair and pair.should_run and not pair.pods)

    derived: dict[str, Callable[[str], bool]] = {
        Number.UNAVAILABLE: lambda node: marks(node)[0] > marks(node)[3],
        Number.OUTDATED: lambda node: bool((pair := pairs.get(node)) and pair.old),
        Number.REFUSED: lambda node: is_refused(pairs.get(node)),
        Number.NOT_TARGETED: lambda node: not marks(node)[0],
    }
    for at, one in enumerate(MARKS):
        if number == one:
            return lambda node: bool(marks(node)[at])
    return derived.get(number, lambda _node: True)


def _order(sort: str) -> Callable[[PairLine], tuple[object, ...]]:
    if sort == "state":
        return lambda line: (WORST_FIRST.index(line.state), line.node)
    if sort == "cause":
        return lambda line: (line.cause is None, repr(line.cause), line.node)
    return lambda line: (line.node,)


def _tally(lines: Sequence[PairLine]) -> tuple[CauseCount, ...]:
    first: dict[PairCause, str] = {}
    counts: dict[PairCause, int] = {}
    for line in lines:
        if line.cause:
            first.setdefault(line.cause, line.node)
            counts[line.cause] = counts.get(line.cause, 0) + 1
    found = (CauseCount(cause, count, first[cause]) for cause, count in counts.items())
    return tuple(sorted(found, key=lambda one: (-one.nodes, one.first)))
