"""Rollout strategies: which old pods go next, where new ones are added beside them, under which budget.

A strategy is one object: it knows the field that bounds it, the slots that use its budget up, and the
next step. The controller, the rollout's page and the forms all ask it, so that a further strategy is
one more class here.

Classify, then budget: every pair is in a named slot, and the budget is spent over the slots in
node-name order, where Kubernetes' own order is random.

Invariants (asserted by property tests over generated worlds):
- without surge, pods are only deleted here; available ones only while the budget lasts;
- with surge, an available old pod goes only when its successor is available, or when it is not
  wanted on its node and available pods outnumber the desired number.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest

from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import UNAVAILABLE, Slot
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import DaemonSet
from controller.engine.reasons import Reason

ROLLING_UPDATE, ON_DELETE = "RollingUpdate", "OnDelete"


@dataclass(frozen=True, slots=True)
class Step:
    """What a rollout does next: nodes whose old pod goes (with the reason), and nodes that surge."""

    leave: tuple[tuple[str, Reason], ...] = ()
    surge: tuple[str, ...] = ()


class Strategy:
    """How old pods are replaced.

    ``type`` is the word in ``spec.updateStrategy``, ``bound`` the field that limits it ("" for none),
    ``holding`` the slots that use the limit up, ``surges`` whether two pods may stand on a node.
    """

    type: str
    bound: str = ""
    holding: frozenset[Slot] = frozenset()
    surges: bool = False

    def budget(self, _ds: DaemonSet, _desired: int) -> int:
        """Return how many nodes may hold a slot at once."""
        return 0

    def step(self, _coverage: Coverage) -> Step:
        """Return what to do next. ``coverage`` must be fresh."""
        return Step()


class OnDelete(Strategy):
    """People delete old pods; the controller makes new ones in their place."""

    type = ON_DELETE


class InPlace(Strategy):
    """An old pod goes before its successor comes: maxUnavailable bounds how many nodes go without."""

    type = ROLLING_UPDATE
    bound = "maxUnavailable"
    holding = frozenset(UNAVAILABLE)

    def budget(self, ds: DaemonSet, desired: int) -> int:
        """Return maxUnavailable in nodes: percentages round up, and without surge it is at least 1."""
        return int_or_percent(ds.max_unavailable, desired, round_up=True) or 1

    def step(self, coverage: Coverage) -> Step:
        """Broken old pods go whatever is left of the budget; available ones while it lasts."""
        slots = coverage.slots
        used = sum(len(slots[slot]) for slot in self.holding)
        left = max(0, self.budget(coverage.ds, coverage.desired) - used)
        broken = [(node, Reason.ROLLOUT_UNAVAILABLE) for node in sorted(slots[Slot.OLD_BROKEN])]
        ready = [(node, Reason.ROLLOUT_BUDGET) for node in nsmallest(left, slots[Slot.OLD_READY])]
        return Step(leave=tuple(broken + ready))


class Surge(Strategy):
    """A new pod comes before its old one goes: maxSurge bounds on how many nodes both stand."""

    type = ROLLING_UPDATE
    bound = "maxSurge"
    holding = frozenset({Slot.CROWDED, Slot.BOTH_WAITING})
    surges = True

    def budget(self, ds: DaemonSet, desired: int) -> int:
        """Return maxSurge in nodes: percentages round up."""
        return int_or_percent(ds.max_surge, desired, round_up=True)

    def step(self, coverage: Coverage) -> Step:
        """Add new pods beside old ones, and let an old one go when its successor is available."""
        slots, pairs = coverage.slots, coverage.pairs
        used = sum(len(slots[slot]) for slot in self.holding)
        left = max(0, self.budget(coverage.ds, coverage.desired) - used)
        broken, ready = sorted(slots[Slot.OLD_BROKEN]), sorted(slots[Slot.OLD_READY])
        beside_broken = [node for node in broken if pairs[node].should_run]
        beside_ready = [node for node in ready if pairs[node].should_run][:left]
        spare = max(0, coverage.stands_available - coverage.desired)
        leave = [(node, Reason.SUCCESSOR_AVAILABLE) for node in sorted(slots[Slot.BOTH_READY])]
        leave += [(n, Reason.ROLLOUT_UNWANTED_UNAVAILABLE) for n in broken if not pairs[n].should_run]
        unwanted = [node for node in ready if not pairs[node].should_run][:spare]
        leave += [(node, Reason.ROLLOUT_UNWANTED) for node in unwanted]
        return Step(leave=tuple(leave), surge=tuple(beside_broken + beside_ready))


ON_DELETE_STRATEGY, IN_PLACE, SURGE = OnDelete(), InPlace(), Surge()
TYPES = tuple(dict.fromkeys(each.type for each in (IN_PLACE, SURGE, ON_DELETE_STRATEGY)))
"""The words that ``spec.updateStrategy.type`` may be."""


def strategy_of(ds: DaemonSet) -> Strategy:
    """Return how the pods of a set are replaced."""
    if ds.strategy == ON_DELETE:
        return ON_DELETE_STRATEGY
    return SURGE if int_or_percent(ds.max_surge, 1, round_up=True) > 0 else IN_PLACE
