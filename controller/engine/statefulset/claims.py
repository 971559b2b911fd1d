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
    with the set is owned by the set, as long as its pod is not condemned.
    """
    condemned = ordinal_of(pod) not in owner.ordinals
    with_pod = condemned and owner.drops_claims("whenScaled")
    with_set = owner.drops_claims("whenDeleted") and not with_pod
    wanted = {pod.uid: with_pod, owner.uid: with_set}
    refs = references(claim)
    owners = {ref["uid"] for ref in refs}
    if all((uid in owners) is owns for uid, owns in wanted.items()):
        return None
    kept = [ref for ref in refs if wanted.get(ref["uid"], True)]
    made = [owner_reference(one) for one in (pod, owner) if wanted[one.uid] and one.uid not in owners]
    meta = {key: value for key, value in claim.manifest["metadata"].items() if key != "ownerReferences"}
    listed = [*kept, *made]
    return {**claim.manifest, "metadata": {**meta, "ownerReferences": listed} if listed else meta}
