"""How an object goes: at once, within a pod's grace period, or when the last finalizer is taken away.

Whoever deletes (a person, a controller, the garbage collector) asks here, so that an object goes in
the same way whoever asked for it.
"""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.objects import Manifest, Moment, Pod, View
from controller.engine.reasons import Reason
from controller.engine.settings import Settings, seconds_to_stop

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
"""The finalizers by which the garbage collector is asked to deal with the dependants first."""

PROTECTION = {
    "PersistentVolume": "kubernetes.io/pv-protection",
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
}
"""The finalizers, by kind, that hold an object for as long as it is used."""


def delete_pod(
    pod: Pod, now: Moment, settings: Settings, *, actor: str, reason: Reason, grace: int | None = None
) -> Change:
    """Delete a pod: at once if no kubelet runs it, else within its grace period (or ``grace`` seconds)."""
    if not pod.bound or pod.finished:
        return delete_object(pod, now, actor=actor, reason=reason)
    standing = pod.manifest  # of one that rests it is made anew each time
    if grace is None:
        grace = standing["spec"].get("terminationGracePeriodSeconds", 30)
    stop = now.cluster + seconds_to_stop(standing, grace, settings)
    manifest = being_deleted(standing, now, grace=grace)
    return Change(Verb.MODIFIED, "Pod", manifest, actor, reason, {**pod.timers, "stop": stop})


def delete_object(view: View, now: Moment, *, actor: str, reason: Reason, finalizer: str = "") -> Change:
    """Delete an object that no kubelet stops. One with finalizers stays until they are taken away.

    ``finalizer`` is added: ``FOREGROUND`` or ``ORPHAN``, for the garbage collector to carry out.
    """
    held = view.manifest["metadata"].get("finalizers") or []
    if finalizer and finalizer not in held:
        held = [*held, finalizer]
    kind = view.key[0]
    if not held:
        return Change(Verb.DELETED, kind, view.manifest, actor, reason, view.timers)
    leaving = being_deleted(view.manifest, now, grace=0)
    leaving["metadata"]["finalizers"] = held
    if "generation" in leaving["metadata"] and not is_being_deleted(view):
        leaving["metadata"]["generation"] += 1
    return Change(Verb.MODIFIED, kind, leaving, actor, reason, view.timers)


def being_deleted(manifest: Manifest, now: Moment, *, grace: int) -> Manifest:
    """Return the manifest with a deletionTimestamp; the first one stays. Its metadata is a new dictionary."""
    meta = manifest["metadata"]
    stamp = meta.get("deletionTimestamp") or now.stamp
    leaving = {**meta, "deletionTimestamp": stamp, "deletionGracePeriodSeconds": grace}
    return {**manifest, "metadata": leaving}


def is_being_deleted(view: View) -> bool:
    """Whether somebody deleted the object and it still stands."""
    return view.terminating if isinstance(view, Pod) else "deletionTimestamp" in view.manifest["metadata"]


def is_released(manifest: Manifest) -> bool:
    """Whether an object is being deleted and neither a finalizer nor a kubelet holds it any longer.

    A namespace has a finalizer of its own, in its spec: what is in it.
    """
    meta = manifest["metadata"]
    held = meta.get("finalizers") or meta.get("deletionGracePeriodSeconds")
    held = held or (manifest.get("spec") or {}).get("finalizers")
    return "deletionTimestamp" in meta and not held


def with_finalizer(manifest: Manifest, finalizer: str) -> Manifest:
    """Return an object with a finalizer: the same if it has it."""
    meta = manifest["metadata"]
    held = meta.get("finalizers") or []
    if finalizer in held:
        return manifest
    return {**manifest, "metadata": {**meta, "finalizers": [*held, finalizer]}}


def without_finalizer(view: View, finalizer: str, *, actor: str, reason: Reason) -> Change:
    """Take one finalizer away; an object that is being deleted goes with its last."""
    meta = view.manifest["metadata"]
    left = [one for one in meta["finalizers"] if one != finalizer]
    manifest = {**view.manifest, "metadata": {**meta, "finalizers": left}}
    verb = Verb.MODIFIED if left or not is_being_deleted(view) else Verb.DELETED
    return Change(verb, view.key[0], manifest, actor, reason, view.timers)
