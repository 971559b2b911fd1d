"""Creations in batches of 1, 2, 4, ... that stop at the first refusal (Kubernetes' slow start)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_batches(orders: Sequence[T], create: Callable[[T], str]) -> tuple[int, str]:
    """Create until a batch holds a refusal; return how many orders were made and the refusal or "".

    ``create`` returns why it refused, or "". A quota that lets nothing in then costs one attempt a
    pass, not hundreds.
    """
    made, size, at = 0, 1, 0
    while at < len(orders):
        refusal = ""
        for order in orders[at : at + size]:
            said = create(order)
            made += not said
            refusal = refusal or said
        if refusal:
            return made, refusal
        at, size = at + size, size * 2
    return made, ""
