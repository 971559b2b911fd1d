"""In which order a plan updates nodes: the canary, the waves it lists, a label's values in turn, the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from controller.engine.daemonset.faults import is_cut_off
from controller.engine.daemonset.pairs import Pair, Slot
from controller.engine.daemonset.staged.plan import (
    AFTER_CANARY,
    ALL,
    AUTOMATIC,
    CANARY,
    EVERY_WAVE,
    REST,
    Plan,
)
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import Node


class Wave(NamedTuple):
    """Where a wave stands: the canary, the plan's list by ``place``, a label's values, all other nodes."""

    rank: int
    place: int = 0
    value: str = ""

    def name(self, plan: Plan) -> str:
        """Return its name: as a label selector, but for the first and the last."""
        if self.rank == LISTED:
            return plan.waves[self.place]
        return {FIRST.rank: CANARY, LAST.rank: REST}.get(self.rank, f"{plan.waves_by}={self.value}")

    def waits(self, plan: Plan, promoted: str) -> bool:
        """Whether somebody must let the plan go on after this wave and did not: ``promoted`` is a name."""
        gated = {AUTOMATIC: False, AFTER_CANARY: self == FIRST, EVERY_WAVE: True}[plan.promotion]
        return gated and promoted not in {ALL, self.name(plan)}


LISTED, VALUED = 1, 2
FIRST, LAST = Wave(0), Wave(3)


def wave_named(plan: Plan, name: str) -> Wave | None:
    """Return the wave of a name, or None if the plan has no such."""
    if name in {CANARY, REST}:
        return FIRST if name == CANARY else LAST
    if name in plan.waves:
        return Wave(LISTED, plan.waves.index(name))
    key, equals, value = name.partition("=")
    return Wave(VALUED, 0, value) if equals and key == plan.waves_by else None


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
        """Return the nodes of a wave that are not kept: none if all of them are gone."""
        return [name for name in self.nodes.get(wave, ()) if name not in self.kept]

    def after(self, wave: Wave | None) -> Wave | None:
        """Return the next wave that has a node to move, None if there is none."""
        later = (one for one in self.order if wave is None or one > wave)
        return next((one for one in later if self.moving(one)), None)


def first_of(plan: Plan, waves: Waves) -> Wave | None:
    """Return the wave that begins: a canary that somebody is to promote even if it has no node."""
    return FIRST if plan.canary and plan.promotion != AUTOMATIC else waves.after(None)


def wave_of(plan: Plan, node: Node) -> Wave:
    """Return the wave that a node belongs to."""
    if plan.is_canary(node.labels):
        return FIRST
    place = plan.listed(node.labels)
    if place is not None:
        return Wave(LISTED, place)
    value = node.labels.get(plan.waves_by) if plan.waves_by else None
    return LAST if value is None else Wave(VALUED, 0, value)


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
