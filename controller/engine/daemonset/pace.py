"""How fast a rollout goes, and when it may end: from the moments at which its new pods became available."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt

FEWEST = 2
"""Of fewer nodes than these nobody can tell a pace."""


@dataclass(frozen=True, slots=True)
class Pace:
    """``per_minute`` nodes since it began; ``soonest`` and ``latest`` it ends in so many seconds.

    The range is that of the whole time and of the last third of it, each as uncertain as the number of
    nodes it was counted from (one in the root of them). ``latest`` is infinite if nothing came of late.
    """

    per_minute: float
    soonest: float
    latest: float


def pace_of(done: Iterable[float], remaining: int, now: float) -> Pace | None:
    """Return the pace of a rollout, or None while too little is known.

    ``done`` are the moments at which nodes were through. Those of the first moment are not counted: when
    they were begun is not known.
    """
    times = sorted(done)
    later = [at for at in times if at > times[0]]
    if len(later) < FEWEST or remaining <= 0:
        return None
    span = now - times[0]
    recent = [at for at in later if at > now - span / 3]
    rates = [_bounds(len(later), span), _bounds(len(recent), span / 3)]
    fastest, slowest = max(high for _, high in rates), min(low for low, _ in rates)
    return Pace(
        per_minute=len(later) / span * 60,
        soonest=remaining / fastest,
        latest=remaining / slowest if slowest > 0 else inf,
    )


def _bounds(count: int, span: float) -> tuple[float, float]:
    """Return the slowest and the fastest rate that so many in a span speak for."""
    doubt = 1 / sqrt(count) if count else 0.0
    return (count / span * (1 - min(doubt, 0.9)), count / span * (1 + doubt))
