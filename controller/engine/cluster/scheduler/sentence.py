"""What the scheduler says of a pod that it could not place, in Kubernetes' words.

Recorded: seed-004-troubles, w-scheduler, w-statefulset-storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

NO_NODES = "no nodes available to schedule pods"


def counted(reasons: Iterable[list[str]]) -> Counter[str]:
    """Return on how many nodes each reason was given."""
    return Counter(reason for found in reasons for reason in found)


def unavailable(total: int, reasons: Counter[str]) -> str:
    """Return the beginning: how often each obstacle stands in the way."""
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items() if count))
    return f"0/{total} nodes are available: {listed}."


def unmended(total: int, reasons: Counter[str], preemption: Counter[str]) -> str:
    """Return the whole sentence where no eviction helps either."""
    return told(total, reasons, unavailable(total, preemption))


def told(total: int, reasons: Counter[str], preemption: str) -> str:
    """Return the whole sentence with what is said of preemption."""
    return f"{unavailable(total, reasons)} no new claims to deallocate, preemption: {preemption}"


def unclaimed(total: int, refusal: str) -> str:
    """Return what is said of a pod whose claims have no volume yet."""
    return f"0/{total} nodes are available: {refusal}. not found"
