"""How long failed pods of a set are left alone on a node, as a value that is stored with the set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

FIRST = 1.0
LONGEST = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """``delay`` seconds from ``since`` (cluster time) no failed pod is deleted on the node."""

    delay: float
    since: float

    @classmethod
    def none(cls) -> Self:
        """Return the back-off of a node on which nothing failed yet."""
        return cls(0.0, 0.0)

    @property
    def until(self) -> float:
        """Return when the next failed pod may be deleted."""
        return self.since + self.delay

    def holds(self, now: float) -> bool:
        """Whether it is too early to delete a failed pod."""
        return now < self.until

    def after_failure(self, now: float) -> Self:
        """Return the back-off after one more failure: doubled, or from the start after long quiet."""
        forgotten = not self.delay or now - self.since > 2 * LONGEST
        return type(self)(FIRST if forgotten else min(2 * self.delay, LONGEST), now)
