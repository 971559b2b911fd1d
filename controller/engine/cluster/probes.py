"""When the probes of a container find out how it is. Simulated programs answer as their behaviour says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from controller.engine.objects import Manifest


@dataclass(frozen=True, slots=True)
class Probe:
    """How often a probe asks, in seconds, and how many equal answers in a row it believes."""

    delay: float
    period: float
    successes: int
    failures: int

    @classmethod
    def read(cls, raw: Manifest) -> Self:
        """Read a probe; what it does not say is as Kubernetes has it."""
        return cls(
            raw.get("initialDelaySeconds") or 0,
            raw.get("periodSeconds") or 10,
            raw.get("successThreshold") or 1,
            raw.get("failureThreshold") or 3,
        )

    def first(self, began: float) -> float:
        """Return when a container that ``began`` is asked first."""
        return began + self.delay

    def succeeds(self, began: float, now: float) -> float:
        """Return when enough answers from ``now`` on were good."""
        return self._nth(began, now, self.successes)

    def fails(self, began: float, now: float) -> float:
        """Return when enough answers from ``now`` on were bad."""
        return self._nth(began, now, self.failures)

    def _nth(self, began: float, now: float, count: int) -> float:
        before = max(0, math.ceil((now - self.first(began)) / self.period))
        return self.first(began) + (before + count - 1) * self.period
