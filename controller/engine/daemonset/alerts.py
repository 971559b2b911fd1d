"""What the standard alerts of kubernetes-mixin say of a set, from what its status was told to be.

The expressions are theirs, over the gauges of kube-state-metrics; each of those is a number of the status.
They are evaluated at every change instead of every scrape, in seconds of cluster time.

- KubeDaemonSetRolloutStuck: current, updated or available differ from desired, or misscheduled is not 0,
  and updated did not change within five minutes; for fifteen minutes.
- KubeDaemonSetNotScheduled: desired is more than current; for ten minutes.
- KubeDaemonSetMisScheduled: misscheduled is not 0; for fifteen minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from controller.engine.daemonset.status import Counts

MINUTE = 60.0
RESTS = 5 * MINUTE
"""For so long must the number of updated pods not change."""


class AlertName(StrEnum):
    """The alerts by their names."""

    STUCK = "KubeDaemonSetRolloutStuck"
    NOT_SCHEDULED = "KubeDaemonSetNotScheduled"
    MISSCHEDULED = "KubeDaemonSetMisScheduled"


class Sample(NamedTuple):
    """What the status said from a moment of cluster time on."""

    at: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class Alert:
    """``since`` when its expression is true, None if it is not; ``holds`` for how long it must be."""

    name: AlertName
    since: float | None
    holds: float

    def is_firing(self, now: float) -> bool:
        """Whether it fires; until then one whose expression is true is pending."""
        return self.since is not None and now - self.since >= self.holds

    def fires_at(self) -> float | None:
        """Return when it begins to fire if nothing changes."""
        return None if self.since is None else self.since + self.holds


def differs(counts: Counts) -> bool:
    """Whether something is not as desired, as KubeDaemonSetRolloutStuck has it."""
    as_desired = {counts.current, counts.updated, counts.available} == {counts.desired}
    return not as_desired or counts.misscheduled != 0


def alerts(samples: Sequence[Sample], now: float) -> tuple[Alert, ...]:
    """Return the state of the three alerts. ``samples`` are in the order of time, the last stands now."""
    stuck = _true_since(samples, differs)
    rested = max((later.at for earlier, later in pairwise(samples) if _moved(earlier, later)), default=None)
    if stuck is not None and rested is not None:
        stuck = max(stuck, rested + RESTS)
    return (
        Alert(AlertName.STUCK, None if stuck is None or stuck > now else stuck, 15 * MINUTE),
        Alert(
            AlertName.NOT_SCHEDULED, _true_since(samples, lambda one: one.desired > one.current), 10 * MINUTE
        ),
        Alert(AlertName.MISSCHEDULED, _true_since(samples, lambda one: one.misscheduled > 0), 15 * MINUTE),
    )


def _moved(earlier: Sample, later: Sample) -> bool:
    return earlier.counts.updated != later.counts.updated


def _true_since(samples: Sequence[Sample], holds: Callable[[Counts], bool]) -> float | None:
    """Return since when it has been true without a break, or None if it is not."""
    since = None
    for sample in reversed(samples):
        if not holds(sample.counts):
            break
        since = sample.at
    return since
