"""In which order a plan updates nodes: the canary, then a label's values in turn, then the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from controller.engine.daemonset.faults import is_cut_off
from controller.engine.daemonset.pairs import Pair, Slot
from controller.engine.daemonset.staged.plan import Plan
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import Node

CANARY, REST = "canary", "rest"


class Wave(NamedTuple):
    """Where a wave stands: the canary before all values of the label, nodes without it last."""

    rank: int
    value: str

    def name(self, plan: Plan) -> str:
        """Return its name: as a label selector, but for the first and the last."""
        return (CANARY, f"{plan.waves_by}={self.value}", REST)[self.rank]


FIRST, LAST = Wave(0, ""), Wave(2, "")


def wave_named(plan: Plan, name: str) -> Wave | None:
    """Return the wave of a name, or None if the plan has no such."""
    if name in {CANARY, REST}:
        return FIRST if name == CANARY else LAST
    key, equals, value = name.partition("=")
    return Wave(1, value) if equals and key == plan.waves_by else None


@dataclass(frozen=True, slots=True)
class Waves:
    """The nodes of a set in waves, in order; the last ``kept`` of all keep their old pods."""

    order: tuple[Wave, ...]
    nodes: Mapping[Wave, tuple[str, ...]]
    kept: frozenset[str]

    def upto(self, wave: Wave) -> list[str]:
        """Return the nodes of all waves up to one, in order, without those that are kept."""
        names = (name for one in self.order if one <= wave for name in self.nodes[one])
        return [name for name in names if name not in self.kept]

    def moving(self, wave: Wave) -> list[str]:
        """Return the nodes of a wave that are not kept."""
        return [name for name in self.nodes[wave] if name not in self.kept]

    def after(self, wave: Wave | None) -> Wave | None:
        """Return the next wave that has a node to move, None if there is none."""
        later = (one for one in self.order if wave is None or one > wave)
        return next((one for one in later if self.moving(one)), None)


def wave_of(plan: Plan, node: Node) -> Wave:
    """Return the wave that a node belongs to."""
    if plan.is_canary(node.labels):
        return FIRST
    value = node.labels.get(plan.waves_by) if plan.waves_by else None
    return LAST if value is None else Wave(1, value)


def waves_of(plan: Plan, pairs: Mapping[str, Pair], nodes: Mapping[str, Node]) -> Waves:
    """Put the nodes that should run a set into their waves, by name within each.

    Machines that do not answer and bear an old pod are among them, or a wave would seem done without them.
    """
    found: dict[Wave, list[str]] = {}
    for name in sorted(pairs.keys() & nodes.keys()):
        pair, node = pairs[name], nodes[name]
        if pair.should_run or (pair.old and is_cut_off(node)):
            found.setdefault(wave_of(plan, node), []).append(name)
    order = tuple(sorted(found))
    every = [name for wave in order for name in found[wave]]
    kept = int_or_percent(plan.partition, len(every), round_up=True)
    return Waves(
        order,
        {wave: tuple(names) for wave, names in found.items()},
        frozenset(every[max(0, len(every) - kept) :]),
    )


def is_done(pair: Pair, now: float) -> bool:
    """Whether a node has what it is to have: one pod, of the new revision, that is available."""
    return pair.slot(now) is Slot.NEW_READY
