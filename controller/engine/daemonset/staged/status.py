"""What became of a plan so far, as it is written into the annotation of a set.

It is all that the rollout remembers: which revision goes where, up to which wave, and the strategy that
comes back at the end. What can be counted is not written down.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from controller.engine.daemonset.staged.plan import is_share
from controller.engine.objects import Manifest

PLAN_STATUS_ANNOTATION = "rollout.everynode.dev/status"
PROMOTE_ANNOTATION = "rollout.everynode.dev/promote"
"""Holds the name of the wave after which somebody lets a plan go on, or ``all``."""
MANAGER_ANNOTATION = "rollout.everynode.dev/managed-by"
"""Holds the name of who carries the plan out in a real cluster, so that no two do."""
MOST_NAMED = 5
"""How many nodes in trouble are named."""


class Phase(StrEnum):
    """Where a staged rollout is."""

    WAITING = "Waiting"
    PROGRESSING = "Progressing"
    SOAKING = "Soaking"
    AWAITING = "AwaitingPromotion"
    PARTITIONED = "Partitioned"
    PAUSED = "Paused"
    INVALID = "Invalid"
    COMPLETED = "Completed"
    UNDONE = "Undone"
    CANCELED = "Canceled"


ENDED = frozenset({Phase.COMPLETED, Phase.UNDONE, Phase.CANCELED})
"""The phases after which the plan is gone and the set's own strategy is back."""


class Why(StrEnum):
    """Why it is paused, or over."""

    REQUESTED = "Requested"
    FAILURES = "TooManyFailures"
    TEMPLATE = "TemplateEdited"
    STRATEGY = "StrategyEdited"


@dataclass(frozen=True, slots=True)
class Status:
    """How far a plan is.

    ``revision`` is the hash of the revision that it brings, ``previous`` that of the one before it; both
    are "" before there is one. ``wave`` is the last one that was begun, by its name. ``failed`` are the
    first nodes in trouble that stopped it, ``accepted`` with how many in trouble somebody let it go on.
    ``strategy`` is the set's own, which comes back at the end; None if it was not taken away.
    ``message`` says in a sentence what stands in the way.
    """

    phase: Phase = Phase.WAITING
    why: Why | None = None
    revision: str = ""
    previous: str = ""
    wave: str = ""
    failed: tuple[str, ...] = ()
    accepted: int = 0
    strategy: Manifest | None = None
    message: str = ""

    @property
    def ended(self) -> bool:
        """Whether the plan is over."""
        return self.phase in ENDED

    @property
    def place(self) -> tuple[Phase, str, Why | None]:
        """Return where a rollout stands, whatever else is said of it."""
        return self.phase, self.wave, self.why

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read the annotation; None if it holds none, or something that nobody of us wrote."""
        try:
            raw = json.loads(text)
            return cls(
                phase=Phase(raw["phase"]),
                why=Why(raw["reason"]) if raw.get("reason") in set(Why) else None,
                revision=_text(raw, "revision"),
                previous=_text(raw, "previousRevision"),
                wave=_text(raw, "wave"),
                failed=tuple(str(name) for name in raw.get("failedNodes") or ())[:MOST_NAMED],
                accepted=max(0, int(raw.get("acceptedFailures") or 0)),
                strategy=_strategy(raw.get("strategy")),
                message=_text(raw, "message"),
            )
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
            return None

    def text(self) -> str:
        """Return the annotation; what is empty is left out."""
        shown: dict[str, Any] = {
            "phase": str(self.phase),
            "reason": self.why and str(self.why),
            "message": self.message,
            "revision": self.revision,
            "previousRevision": self.previous,
            "wave": self.wave,
            "failedNodes": list(self.failed),
            "acceptedFailures": self.accepted,
            "strategy": self.strategy,
        }
        return json.dumps({name: value for name, value in shown.items() if value})


def _text(raw: dict[str, Any], name: str) -> str:
    return str(raw.get(name) or "")


def _strategy(raw: object) -> Manifest | None:
    """Return a strategy that a set may have, or None: it is written back into the set as it stands."""
    if not isinstance(raw, dict) or raw.get("type") not in {"OnDelete", "RollingUpdate"}:
        return None
    if raw["type"] == "OnDelete":
        return {"type": "OnDelete"}
    rolling = raw.get("rollingUpdate")
    given = rolling if isinstance(rolling, dict) else {}
    shares = {name: given.get(name, usual) for name, usual in (("maxUnavailable", 1), ("maxSurge", 0))}
    return {"type": "RollingUpdate", "rollingUpdate": shares} if all(map(is_share, shares.values())) else None
