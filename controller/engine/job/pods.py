"""The pods of a Job: how they are made, and the finalizer by which each is counted exactly once.

A pod bears the finalizer until its end stands in the Job's status, so that none that is deleted early
is forgotten. One that the Job itself does away with is let go of first, and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from controller.engine.changes import Change, Verb
from controller.engine.objects import Manifest, Pod
from controller.engine.reasons import Reason
from controller.engine.workloads.pods import PodTemplate

TRACKING = "batch.kubernetes.io/job-tracking"
JOB_NAME = "batch.kubernetes.io/job-name"
INDEX = "batch.kubernetes.io/job-completion-index"


class Tally(NamedTuple):
    """The pods of a Job: at work, going, and over without having been counted."""

    active: list[Pod]
    going: list[Pod]
    succeeded: list[Pod]
    failed: list[Pod]

    @classmethod
    def of(cls, pods: Iterable[Pod], *, waits_for_end: bool) -> Self:
        """Sort the pods of a Job, by their names.

        One that is deleted before it ended has failed; ``waits_for_end``: only when it did end.
        """
        found = cls([], [], [], [])
        for pod in sorted(pods, key=lambda each: each.name):
            if not pod.finished:
                (found.going if pod.terminating else found.active).append(pod)
            is_over = pod.finished or (pod.terminating and not (waits_for_end and pod.bound))
            if is_over and is_tracked(pod):
                (found.succeeded if pod.phase == "Succeeded" else found.failed).append(pod)
        return found


def is_tracked(pod: Pod) -> bool:
    """Whether the pod has still to be counted."""
    return TRACKING in (pod.manifest["metadata"].get("finalizers") or ())


def tracked(manifest: Manifest) -> Manifest:
    """Return a pod that is to be counted."""
    meta = manifest["metadata"]
    held = [*(meta.get("finalizers") or ()), TRACKING]
    return {**manifest, "metadata": {**meta, "finalizers": list(dict.fromkeys(held))}}


def untracked(pod: Pod, actor: str, reason: Reason) -> Change:
    """Let go of a pod. One that was deleted goes with its last finalizer, unless a kubelet runs it."""
    meta = pod.manifest["metadata"]
    left = [one for one in meta["finalizers"] if one != TRACKING]
    bare = {field: value for field, value in meta.items() if field != "finalizers"}
    manifest = {**pod.manifest, "metadata": {**bare, "finalizers": left} if left else bare}
    is_held = left or not pod.terminating or (pod.bound and not pod.finished)
    verb = Verb.MODIFIED if is_held else Verb.DELETED
    return Change(verb, Pod.KIND, manifest, actor, reason, pod.timers)


def index_of(pod: Pod) -> int | None:
    """Return the completion index of a pod, or None if it bears none."""
    written = (pod.manifest["metadata"].get("annotations") or {}).get(INDEX, "")
    return int(written) if written.isdecimal() and written.isascii() else None


def tracked_template(template: PodTemplate) -> PodTemplate:
    """Return the template of a Job's pods: they are to be counted."""
    return template._replace(meta=tracked({"metadata": template.meta})["metadata"])


def indexed_template(template: PodTemplate, base: str, index: int, more: Mapping[str, str]) -> PodTemplate:
    """Return the template of the pod that does the work of an index; ``more`` are its own annotations."""
    meta, number = template.meta, {INDEX: str(index)}
    labels = {**(meta.get("labels") or {}), **number}
    annotations = {**(meta.get("annotations") or {}), **number, **more}
    spec = {**template.spec, "hostname": base}
    for field in ("containers", "initContainers"):
        if field in spec:
            spec[field] = [_told(container) for container in spec[field]]
    return template._replace(meta={**meta, "labels": labels, "annotations": annotations}, spec=spec)


def _told(container: Manifest) -> Manifest:
    """Return a container that is told its index, unless it says something of that itself."""
    env = container.get("env") or []
    if any(each.get("name") == "JOB_COMPLETION_INDEX" for each in env):
        return container
    field = {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}
    told = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": field}}
    return {**container, "env": [*env, told]}
