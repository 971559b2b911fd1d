"""The claims of a StatefulSet's pods: what they are made of, and whom they go with."""

from __future__ import annotations

from controller.engine.objects import Manifest, Pod, View, references
from controller.engine.statefulset.identity import ordinal_of
from controller.engine.views import StatefulSet
from controller.engine.workloads.pods import owner_reference


def claim_manifest(owner: StatefulSet, template: Manifest, name: str) -> Manifest:
    """Return a claim of a pod as it is created from a template of the set."""
    meta = template.get("metadata") or {}
    labels = {**(meta.get("labels") or {}), **(owner.selector.get("matchLabels") or {})}
    kept = {"annotations": meta["annotations"]} if meta.get("annotations") else {}
    named = {"name": name, "namespace": owner.namespace, **({"labels": labels} if labels else {}), **kept}
    return {"metadata": named, "spec": template.get("spec") or {}}


def with_retention(claim: View, owner: StatefulSet, pod: Pod) -> Manifest | None:
    """Return a claim owned by whom it is to go with, by the set's retention policy; None if it is.

    A claim that is to go when the set is scaled down goes with its condemned pod; one that is to go
    with the set is owned by the set, as long as its pod is not condemned. Claims of a set or a pod of
    the same name that is gone are left to the garbage collector, those of another controller to it.
    """
    refs = references(claim)
    ours = [ref for ref in refs if _names(ref, owner) or _names(ref, pod)]
    if any(ref["uid"] not in (owner.uid, pod.uid) for ref in ours):
        return None
    kept = [ref for ref in refs if ref not in ours]
    condemned = ordinal_of(pod) not in owner.ordinals
    with_pod = condemned and owner.drops_claims("whenScaled")
    with_set = owner.drops_claims("whenDeleted") and not with_pod
    wanted = [one for one, owns in ((pod, with_pod), (owner, with_set)) if owns]
    if is_anothers(claim, owner, pod):
        wanted = []
    if all(ref.get("controller") for ref in ours) and {ref["uid"] for ref in ours} == {
        one.uid for one in wanted
    }:
        return None
    meta = {key: value for key, value in claim.manifest["metadata"].items() if key != "ownerReferences"}
    listed = [*kept, *map(owner_reference, wanted)]
    return {**claim.manifest, "metadata": {**meta, "ownerReferences": listed} if listed else meta}


def is_of_pod(claim: View, name: str) -> bool:
    """Whether a claim is to go with a pod of this name."""
    return any((ref.get("kind"), ref.get("name")) == (Pod.KIND, name) for ref in references(claim))


def is_anothers(claim: View, owner: StatefulSet, pod: Pod) -> bool:
    """Whether a claim that the set would drop has a controller that is neither the set nor the pod."""
    if not (owner.drops_claims("whenScaled") or owner.drops_claims("whenDeleted")):
        return False
    refs = references(claim)
    return any(ref.get("controller") and not (_names(ref, owner) or _names(ref, pod)) for ref in refs)


def _names(ref: Manifest, owner: View) -> bool:
    """Whether a reference is to an object of this kind and name, whichever its uid."""
    wanted = owner_reference(owner)
    return all(ref.get(key) == wanted[key] for key in ("apiVersion", "kind", "name"))
