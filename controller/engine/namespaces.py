"""How a namespace goes: its pods first, each within its grace period, then all else, then itself.

Until then it stands, Terminating, and nothing new comes into it. Whoever deletes one and the controller
that goes on with it ask here, so that what can go at once goes at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from controller.engine.changes import Change, Verb
from controller.engine.deletion import delete_object, delete_pod, is_being_deleted
from controller.engine.errors import Cause, Forbidden
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Moment, Pod, View
from controller.engine.reasons import Reason
from controller.engine.settings import Settings

NAMESPACE = "Namespace"
FINE = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": (
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ),
}
"""The conditions of a namespace that goes, in their order: reason and message when they do not hold."""


class NamespaceTerminating(Forbidden):
    """Something was to be created in a namespace that is on its way out."""

    def __init__(self, resource: str, name: str, namespace: str) -> None:
        super().__init__(
            f'{resource} "{name}" is forbidden: unable to create new content in namespace {namespace} '
            "because it is being terminated"
        )
        said = f"namespace {namespace} is being terminated"
        self.resource, self.name = resource, name
        self.causes = [Cause("metadata.namespace", "NamespaceTerminating", said)]


def is_terminating(namespace: Manifest) -> bool:
    """Whether somebody deleted a namespace that still stands."""
    return "deletionTimestamp" in namespace["metadata"]


def leaving(namespace: Manifest, now: Moment) -> Manifest:
    """Return a namespace that somebody deletes, as it stands until nothing is left in it."""
    meta = namespace["metadata"]
    stamp = meta.get("deletionTimestamp") or now.stamp
    status = {**(namespace.get("status") or {}), "phase": "Terminating"}
    return {**namespace, "metadata": {**meta, "deletionTimestamp": stamp}, "status": status}


def goings(content: Sequence[View], now: Moment, settings: Settings, *, actor: str) -> list[Change]:
    """Return what of the content of a namespace is deleted now: pods, and all else once there are none."""
    why, pods = Reason.NAMESPACE_DELETED, [one for one in content if isinstance(one, Pod)]
    changes = [delete_pod(pod, now, settings, actor=actor, reason=why) for pod in pods if not pod.terminating]
    if sum(change.verb is Verb.DELETED for change in changes) < len(pods):
        return changes
    others = (one for one in content if not isinstance(one, Pod) and not is_being_deleted(one))
    return [*changes, *(delete_object(one, now, actor=actor, reason=why) for one in others)]


def with_conditions(namespace: Manifest, held: Iterable[View], now: Moment) -> Manifest:
    """Return a namespace that goes with what is still to be waited for; of pods nothing is said."""
    remaining = list(held)
    said = {kind: ("False", *words) for kind, words in FINE.items()}
    if not any(isinstance(one, Pod) for one in remaining):
        said |= _held(remaining)
    status = namespace["status"]
    before = {each["type"]: each for each in status.get("conditions") or ()}
    conditions = [_condition(kind, facts, before.get(kind), now) for kind, facts in said.items()]
    return {**namespace, "status": {**status, "conditions": conditions}}


def _held(remaining: Iterable[View]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield what is said of what finalizers hold."""
    kinds, finalizers = Counter[str](), Counter[str]()
    for one in remaining:
        kind = KINDS[one.key[0]]
        kinds[f"{kind.plural}.{kind.group}"] += 1
        finalizers.update(one.manifest["metadata"]["finalizers"])
    left = ", ".join(sorted(f"{name} has {count} resource instances" for name, count in kinds.items()))
    by = ", ".join(sorted(f"{name} in {count} resource instances" for name, count in finalizers.items()))
    said = f"Some resources are remaining: {left}"
    yield "NamespaceContentRemaining", ("True", "SomeResourcesRemain", said)
    said = f"Some content in the namespace has finalizers remaining: {by}"
    yield "NamespaceFinalizersRemaining", ("True", "SomeFinalizersRemain", said)


def _condition(kind: str, facts: tuple[str, str, str], before: Manifest | None, now: Moment) -> Manifest:
    status, reason, message = facts
    since = before["lastTransitionTime"] if before and before["status"] == status else now.stamp
    return {
        "lastTransitionTime": since,
        "message": message,
        "reason": reason,
        "status": status,
        "type": kind,
    }
