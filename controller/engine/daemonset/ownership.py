"""Which pods and revisions a set takes in, and which it lets go, by its selector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.engine.changes import Change, Verb
from controller.engine.daemonset.pod_factory import CONTROLLER, owner_reference
from controller.engine.matching.labels import matches
from controller.engine.objects import DaemonSet, Manifest, Pod, Revision
from controller.engine.reasons import Reason


def pod_changes(ds: DaemonSet, mine: Iterable[Pod], orphans: Iterable[Pod]) -> list[Change]:
    """Release my pods whose labels no longer match, and adopt orphans whose labels do."""
    changes = [
        Change(
            Verb.MODIFIED,
            "Pod",
            _released(ds, pod.manifest),
            CONTROLLER,
            Reason.RELEASED,
            pod.timers,
        )
        for pod in sorted(_not_selected(ds, mine), key=lambda pod: pod.key)
    ]
    changes += [
        Change(
            Verb.MODIFIED,
            "Pod",
            _adopted(ds, pod.manifest),
            CONTROLLER,
            Reason.ADOPTED,
            pod.timers,
        )
        for pod in orphans
        if not pod.terminating and matches(ds.selector, pod.labels)
    ]
    return changes


def _not_selected(ds: DaemonSet, pods: Iterable[Pod]) -> Iterator[Pod]:
    return (pod for pod in pods if not pod.terminating and not matches(ds.selector, pod.labels))


def revision_changes(ds: DaemonSet, near: Iterable[Revision]) -> list[Change]:
    """Do the same for the revisions of the namespace."""
    changes = []
    for revision in near:
        fits = matches(ds.selector, revision.labels)
        if revision.owner == ds.uid and not fits:
            manifest, reason = _released(ds, revision.manifest), Reason.RELEASED
        elif not revision.owner and fits:
            manifest, reason = _adopted(ds, revision.manifest), Reason.ADOPTED
        else:
            continue
        changes.append(Change(Verb.MODIFIED, "ControllerRevision", manifest, CONTROLLER, reason))
    return changes


def _adopted(ds: DaemonSet, manifest: Manifest) -> Manifest:
    meta = manifest["metadata"]
    refs = [*(meta.get("ownerReferences") or ()), owner_reference(ds)]
    return {**manifest, "metadata": {**meta, "ownerReferences": refs}}


def _released(ds: DaemonSet, manifest: Manifest) -> Manifest:
    meta = manifest["metadata"]
    refs = [ref for ref in meta["ownerReferences"] if ref["uid"] != ds.uid]
    free = {key: value for key, value in meta.items() if key != "ownerReferences"}
    return {**manifest, "metadata": {**free, "ownerReferences": refs} if refs else free}
