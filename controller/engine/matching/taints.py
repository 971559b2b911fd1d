"""Taints and tolerations: which marks on a node a pod can stand, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from controller.engine.objects import Manifest, Taint, Toleration
from controller.engine.remembered import remembered


def tolerations_of(spec: Manifest) -> tuple[Toleration, ...]:
    """Return the tolerations of a pod's spec."""
    given = spec.get("tolerations")
    return _tolerations(given) if given else ()


@remembered
def _tolerations(given: list[Manifest]) -> tuple[Toleration, ...]:
    return tuple(Toleration.read(raw) for raw in given)


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether the toleration covers the taint: in effect, key and, for Equal, value.

    An empty effect or key of the toleration covers all of them; ``seconds`` are not looked at.
    """
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Equal":
        return toleration.value == taint.value
    return toleration.operator == "Exists"


def covering(taint: Taint, tolerations: Iterable[Toleration]) -> Toleration | None:
    """Return the first toleration that covers the taint: that one alone decides for how long."""
    for toleration in tolerations:
        if tolerates(toleration, taint):
            return toleration
    return None


def untolerated(taints: Iterable[Taint], tolerations: tuple[Toleration, ...]) -> tuple[Taint, ...]:
    """Return the taints that refuse the pod. PreferNoSchedule never does."""
    return tuple(
        taint
        for taint in taints
        if taint.effect != "PreferNoSchedule" and covering(taint, tolerations) is None
    )


def tolerated_for(taint: Taint, tolerations: Iterable[Toleration]) -> float | None:
    """Return for how many seconds the taint is tolerated: inf for ever, None not at all."""
    toleration = covering(taint, tolerations)
    if toleration is None:
        return None
    return inf if toleration.seconds is None else max(0.0, toleration.seconds)
