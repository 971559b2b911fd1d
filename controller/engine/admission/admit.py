"""The door of the cluster: what a client sent becomes an object, or is refused with every reason.

Nothing that comes in is trusted: a manifest may be any JSON. Nothing that comes in is changed either.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from controller.engine import newpod
from controller.engine.admission import shape, storage
from controller.engine.admission.addresses import Taken, with_addresses
from controller.engine.admission.defaults import NOT_READY, STATUS, status_with_defaults, with_defaults
from controller.engine.admission.job import with_generated_selector
from controller.engine.admission.shape import cannot_handle, typed
from controller.engine.admission.validation import faults
from controller.engine.errors import BadRequest, Forbidden, Invalid
from controller.engine.kinds import KINDS
from controller.engine.objects import GENERATION_ANNOTATION, Manifest, Moment
from controller.engine.quota import limits
from controller.engine.workloads.pods import qos_class

Read = Callable[[str, object], Manifest]
"""How any JSON value becomes an object of a kind, with fields of the published types only."""

LONGEST_BASE = 58
"""A name from ``generateName`` keeps five of 63 characters for what is appended."""
BORN_WITH = {"creationTimestamp", "generation", "managedFields", "selfLink", "uid"}
KEPT = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
COUNTED = {
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "Pod",
    "PodDisruptionBudget",
    "PriorityClass",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
}
"""Kinds whose ``metadata.generation`` counts the changes of their spec."""
LIMITED = frozenset({"Pod", "PersistentVolumeClaim"})
"""Kinds that a LimitRange speaks of."""
INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def admit_create(
    kind: str,
    manifest: Manifest,
    now: Moment,
    uid: str,
    suffix: str,
    *,
    read: Read = typed,
    taken: Callable[[], Taken] = Taken,
    classes: Callable[[], newpod.Classes] = lambda: newpod.BUILTIN,
    ranges: Callable[[str], limits.Ranges] = lambda _namespace: (),
) -> Manifest:
    """Return a new object as the API server would store it, without its resourceVersion.

    ``suffix`` (five characters) completes a ``generateName``; ``taken`` says what other Services hold,
    ``classes`` which PriorityClasses there are, ``ranges`` which LimitRanges a namespace has.
    Raises BadRequest for fields of a wrong type, Forbidden for a priority that there is not and for what is
    not within those ranges, Invalid with
    all causes for anything else. What becomes of fields that the kind does not have is for ``read`` to
    say; by default they are dropped.
    """
    raw = with_defaults(kind, read(kind, manifest))
    if "resourceVersion" in raw["metadata"]:
        raise BadRequest("resourceVersion should not be set on objects to be created")
    born = {**raw, "metadata": _metadata_at_birth(kind, raw["metadata"], now, uid, suffix)}
    allowed = ranges(born["metadata"]["namespace"]) if kind in LIMITED else ()
    if kind == "Pod":
        born = _pod_at_birth(limits.with_limits(born, allowed), suffix, classes())
    elif kind in BIRTHS:
        born = BIRTHS[kind](born, suffix)
    if kind == "Service":
        born = with_addresses(born, None, taken)
    _refuse_faults(kind, born, None)
    _refuse_second_default(kind, born, classes)
    limits.refuse(kind, born, allowed)
    if kind == "Pod":
        born["status"] = {**born["status"], "qosClass": qos_class(born["spec"])}
    return born


def admit_update(
    kind: str,
    old: Manifest,
    new: Manifest,
    *,
    read: Read = typed,
    taken: Callable[[], Taken] = Taken,
    classes: Callable[[], newpod.Classes] = lambda: newpod.BUILTIN,
) -> Manifest:
    """Return the object that takes the place of ``old``, without a new resourceVersion.

    What is the server's stays as it was: uid, times, status. ``generation`` rises with the spec, the
    template generation with the template. Raises as ``admit_create`` does.
    """
    raw, standing = with_defaults(kind, read(kind, new)), _as_read(kind, old)
    updated = {**raw, "metadata": _metadata_after(raw["metadata"], old["metadata"])}
    updated.pop("status", None)
    if "status" in old:
        updated["status"] = old["status"]
    if kind == "DaemonSet":
        updated = _with_template_generation(standing, updated)
    elif kind == "Service":
        updated = with_addresses(updated, standing, taken)
    _refuse_faults(kind, updated, standing)
    _refuse_second_default(kind, updated, classes)
    if kind in COUNTED and _is_counted(kind, standing, updated):
        generation = old["metadata"].get("generation", 0) + 1
        updated["metadata"] = {**updated["metadata"], "generation": generation}
    return updated


def _is_counted(kind: str, old: Manifest, new: Manifest) -> bool:
    """Whether a change raises the generation. A Deployment's annotations count: they go on to its sets."""
    if kind == "Deployment" and new["metadata"].get("annotations") != old["metadata"].get("annotations"):
        return True
    return bool(new.get("spec") != old.get("spec"))


def admit_status(kind: str, old: Manifest, new: Manifest, *, read: Read = typed) -> Manifest:
    """Return ``old`` with the status of ``new``: nothing else is written through ``/status``.

    Raises BadRequest for fields of a wrong type, Invalid if the uid is that of another object.
    """
    read_status = read(kind, new).get("status")
    rest = {field: value for field, value in old.items() if field != "status"}
    return {**rest, "status": status_with_defaults(kind, read_status)} if read_status else rest


def _as_read(kind: str, manifest: Manifest) -> Manifest:
    """Return a stored object as it would be read today, so that a spelling is not taken for a change."""
    stored = {field: value for field, value in manifest.items() if field != "status"}
    return {**with_defaults(kind, shape.read(kind, stored).manifest), "metadata": manifest["metadata"]}


def _refuse_faults(kind: str, manifest: Manifest, old: Manifest | None) -> None:
    found = faults(kind, manifest, old)
    if found:
        meta = manifest["metadata"]
        raise Invalid(kind, meta.get("name") or meta.get("generateName") or "", found)


def _refuse_second_default(kind: str, manifest: Manifest, classes: Callable[[], newpod.Classes]) -> None:
    """Refuse a PriorityClass for all pods that name none where there is one. Raises Forbidden."""
    if kind != newpod.PRIORITY_CLASS or not manifest.get("globalDefault"):
        return
    name = manifest["metadata"]["name"]
    if refusal := newpod.default_refusal(name, classes()):
        raise Forbidden(f'{KINDS[kind].resource} "{name}" is forbidden: {refusal}')


def _metadata_at_birth(kind: str, meta: Manifest, now: Moment, uid: str, suffix: str) -> Manifest:
    kept = {
        field: value for field, value in meta.items() if field not in BORN_WITH and "eletion" not in field
    }
    if "generateName" in kept and "name" not in kept:
        kept["name"] = kept["generateName"][:LONGEST_BASE] + suffix
    counted = {"generation": 1} if kind in COUNTED else {}
    return {**kept, "uid": uid, "creationTimestamp": now.stamp, **counted}


def _metadata_after(new: Manifest, old: Manifest) -> Manifest:
    kept = {field: value for field, value in new.items() if field not in {*KEPT, "managedFields", "selfLink"}}
    kept |= {field: old[field] for field in (*KEPT, "resourceVersion") if field in old}
    if new.get("uid"):
        kept["uid"] = new["uid"]
    return kept


def _daemonset_at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    born = _numbered(manifest, max(1, _template_generation(manifest)))
    return {**born, "status": dict(STATUS["DaemonSet"])}


def _template_generation(manifest: Manifest) -> int:
    written = manifest["metadata"]["annotations"][GENERATION_ANNOTATION]
    if not INTEGER.fullmatch(written):
        reason = f'strconv.ParseInt: parsing "{written}": invalid syntax'
        raise BadRequest(cannot_handle("DaemonSet", reason))
    return int(written)


def _numbered(manifest: Manifest, generation: int) -> Manifest:
    meta = manifest["metadata"]
    annotations = {**meta["annotations"], GENERATION_ANNOTATION: str(generation)}
    return {**manifest, "metadata": {**meta, "annotations": annotations}}


def _with_template_generation(old: Manifest, new: Manifest) -> Manifest:
    changed = new["spec"]["template"] != old["spec"]["template"]
    return _numbered(new, _template_generation(old) + changed)


def _node_at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    """Return a node that nothing runs on until its kubelet has reported; its capacity is kept."""
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    taints = [taint for taint in spec.get("taints") or () if _place(taint) != _place(NOT_READY)]
    born = {**manifest, "spec": {**spec, "taints": [*taints, dict(NOT_READY)]}}
    born["status"] = {field: status[field] for field in ("capacity", "allocatable") if field in status}
    return born


def _place(taint: Manifest) -> tuple[str, str]:
    return (taint.get("key", ""), taint.get("effect", ""))


def _pod_at_birth(manifest: Manifest, suffix: str, classes: newpod.Classes) -> Manifest:
    """Return a pod as the admission plugins leave it. Raises Forbidden."""
    if refusal := newpod.priority_refusal(manifest["spec"], classes):
        name = manifest["metadata"].get("name", "")
        raise Forbidden(f'pods "{name}" is forbidden: {refusal}')
    spec = newpod.prioritized(newpod.admitted(manifest["spec"], suffix), classes)
    return {**manifest, "spec": spec, "status": newpod.first_status(spec)}


def _namespace_at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    return {**manifest, "status": dict(STATUS["Namespace"])}


def _job_at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    return {**with_generated_selector(manifest), "status": {}}


def _workload_at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    return {**manifest, "status": dict(STATUS.get(manifest["kind"], {}))}


def _with_empty_status(manifest: Manifest, _suffix: str) -> Manifest:
    return {**manifest, "status": {}}


BIRTHS: dict[str, Callable[[Manifest, str], Manifest]] = {
    **dict.fromkeys(
        ("CronJob", "Deployment", "ReplicaSet", "ReplicationController", "Service", "StatefulSet"),
        _workload_at_birth,
    ),
    "DaemonSet": _daemonset_at_birth,
    "Job": _job_at_birth,
    "Namespace": _namespace_at_birth,
    "Node": _node_at_birth,
    "PersistentVolume": storage.at_birth,
    "PersistentVolumeClaim": storage.at_birth,
    "ResourceQuota": _with_empty_status,
}
