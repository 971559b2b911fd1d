"""The numbers of a Deployment's ReplicaSets, and the annotations by which sets tell of their Deployment.

Clients read them: ``kubectl rollout history`` and ``undo`` know of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from controller.engine.deployment.strategy import bounds_of, history_limit_of
from controller.engine.matching.labels import integer
from controller.engine.objects import LAST_APPLIED
from controller.engine.views import Deployment, ReplicaSet, Workload

PREFIX = "deployment.kubernetes.io/"
REVISION, HISTORY = PREFIX + "revision", PREFIX + "revision-history"
DESIRED, MAX = PREFIX + "desired-replicas", PREFIX + "max-replicas"
ROLLBACK = "deprecated.deployment.rollback.to"
OWN = frozenset({REVISION, HISTORY, DESIRED, MAX, LAST_APPLIED, ROLLBACK})
"""Annotations of a Deployment that its sets do not get."""

LONGEST_HISTORY = 2000
"""The most characters of a set's former numbers; the oldest are forgotten first."""


def noted(view: Workload, annotation: str) -> int | None:
    """Return the number in an annotation, or None if there is none that can be read."""
    return integer(view.annotations.get(annotation, ""))


def revision_of(view: Workload) -> int:
    """Return the number of a set, or the last one of a Deployment; 0 if it has none."""
    return noted(view, REVISION) or 0


def next_revision(old: Iterable[ReplicaSet]) -> int:
    """Return the number that the new set has to have at least."""
    return max((revision_of(each) for each in old), default=0) + 1


def annotations_of_new(
    deployment: Deployment, standing: Mapping[str, str], old: Iterable[ReplicaSet]
) -> dict[str, str]:
    """Return the annotations of the new set: its Deployment's, its number, and those it had before.

    ``standing`` are those it bears; what its Deployment no longer has stays with it.
    """
    copied = {key: value for key, value in deployment.annotations.items() if key not in OWN}
    marked = {**standing, **copied}
    before, wanted = integer(standing.get(REVISION, "")), next_revision(old)
    if before is not None and before >= wanted:
        return marked
    marked[REVISION] = str(wanted)
    if before is not None:
        marked[HISTORY] = _with_former(standing.get(HISTORY, ""), str(before))
    return marked


def _with_former(history: str, number: str) -> str:
    numbers = [*filter(None, history.split(",")), number]
    while len(",".join(numbers)) > LONGEST_HISTORY:
        del numbers[0]
    return ",".join(numbers)


def with_bounds(deployment: Deployment, annotations: Mapping[str, str]) -> dict[str, str]:
    """Return the annotations of a set that is scaled today."""
    most = bounds_of(deployment).most
    return {**annotations, DESIRED: str(deployment.replicas), MAX: str(most)}


def forgotten(deployment: Deployment, old: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """Return the old sets beyond the limit, lowest number first, that have no pods and are not going."""
    kept = [each for each in old if not each.deleting]
    surplus = max(0, len(kept) - history_limit_of(deployment))
    by_number = sorted(kept, key=revision_of)
    return [each for each in by_number[:surplus] if _is_empty(each)]


def _is_empty(each: ReplicaSet) -> bool:
    is_seen = each.counted("observedGeneration") >= each.generation
    return is_seen and not each.replicas and not each.counted("replicas")
