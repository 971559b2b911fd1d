"""Which old pods a rolling update takes next, and where it adds new ones beside them.

Classify, then budget: every pair is in a named slot, and the budget is spent over the slots in
node-name order, where Kubernetes' own order is random.

Invariants (asserted by property tests over generated worlds):
- without surge, pods are only deleted here; available ones only while the budget lasts;
- with surge, an available old pod goes only when its successor is available, or when it is not
  wanted on its node and available pods outnumber the desired number.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import nsmallest

from controller.engine.daemonset.pairs import UNAVAILABLE, Pair, Slot
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import DaemonSet


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a rollout may go at once, in nodes. At least one of the two is above zero."""

    unavailable: int
    surge: int

    @classmethod
    def of(cls, ds: DaemonSet, desired: int) -> Budget:
        """Read the set's budget; percentages are of the desired number and round up."""
        surge = int_or_percent(ds.max_surge, desired, round_up=True)
        unavailable = int_or_percent(ds.max_unavailable, desired, round_up=True)
        return cls(1 if not surge and not unavailable else unavailable, surge)


@dataclass(frozen=True, slots=True)
class Step:
    """What a rollout does next: nodes whose old pod goes (with the reason), and nodes that surge."""

    leave: tuple[tuple[str, str], ...] = ()
    surge: tuple[str, ...] = ()


Slots = Mapping[Slot, AbstractSet[str]]


def allows_surge(ds: DaemonSet) -> bool:
    """Whether two pods of the set may stand on a node during an update."""
    return ds.strategy == "RollingUpdate" and int_or_percent(ds.max_surge, 1, round_up=True) > 0


def unavailable_count(slots: Slots) -> int:
    """Return how much of maxUnavailable is used up."""
    return sum(len(slots[slot]) for slot in UNAVAILABLE)


def replace_in_place(slots: Slots, budget: Budget) -> Step:
    """Broken old pods go whatever is left of the budget; available ones while it lasts."""
    left = max(0, budget.unavailable - unavailable_count(slots))
    broken = [(node, "its old pod is not available") for node in sorted(slots[Slot.OLD_BROKEN])]
    ready = [(node, "the budget allows it") for node in nsmallest(left, slots[Slot.OLD_READY])]
    return Step(leave=tuple(broken + ready))


def replace_with_surge(
    slots: Slots, pairs: Mapping[str, Pair], budget: Budget, *, desired: int, stands_available: int
) -> Step:
    """Add new pods beside old ones, and let an old one go when its successor is available."""
    left = max(0, budget.surge - len(slots[Slot.CROWDED]) - len(slots[Slot.BOTH_WAITING]))
    broken, ready = sorted(slots[Slot.OLD_BROKEN]), sorted(slots[Slot.OLD_READY])
    beside_broken = [node for node in broken if pairs[node].should_run]
    beside_ready = [node for node in ready if pairs[node].should_run][:left]
    spare = max(0, stands_available - desired)
    leave = [(node, "its successor is available") for node in sorted(slots[Slot.BOTH_READY])]
    leave += [(n, "it is not available and not wanted here") for n in broken if not pairs[n].should_run]
    unwanted = [node for node in ready if not pairs[node].should_run][:spare]
    leave += [(node, "it is not wanted here and enough others are available") for node in unwanted]
    return Step(leave=tuple(leave), surge=tuple(beside_broken + beside_ready))
