"""The pods that the DaemonSet controller creates: a template made into a pod for one node."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from controller.engine import newpod
from controller.engine.objects import (
    GENERATION_LABEL,
    HASH_LABEL,
    DaemonSet,
    Manifest,
    Moment,
)

CONTROLLER = "daemonset-controller"
LONGEST_BASE = 58
"""A label value holds 63 characters; a generated pod name keeps five of them for its suffix."""

DEFAULT_TOLERATIONS: tuple[Manifest, ...] = (
    {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
    {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"},
    {"key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/pid-pressure", "operator": "Exists", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"},
)
HOST_NETWORK_TOLERATION: Manifest = {
    "key": "node.kubernetes.io/network-unavailable",
    "operator": "Exists",
    "effect": "NoSchedule",
}


def daemon_tolerations(template_spec: Manifest) -> list[Manifest]:
    """Return the template's tolerations with those that every daemon pod is given.

    A default replaces one of the template that differs from it in nothing but its seconds.
    """
    network = [HOST_NETWORK_TOLERATION] if template_spec.get("hostNetwork") else []
    defaults = [*DEFAULT_TOLERATIONS, *network]
    given = [_endless(raw, defaults) for raw in template_spec.get("tolerations") or ()]
    return given + [default for default in defaults if default not in given]


def _endless(raw: Manifest, defaults: list[Manifest]) -> Manifest:
    plain = {key: value for key, value in raw.items() if value and key != "tolerationSeconds"}
    return plain if plain in defaults else raw


def pinned_to(affinity: Manifest | None, node: str) -> Manifest:
    """Return the affinity with its required node terms replaced by the one node."""
    if not affinity:
        return _pinned(node)
    return {
        **affinity,
        "nodeAffinity": {**(affinity.get("nodeAffinity") or {}), **_pinned(node)["nodeAffinity"]},
    }


@lru_cache(maxsize=16_384)
def _pinned(node: str) -> Manifest:
    """Return the whole affinity of most daemon pods of a node: the same for all of them."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def owner_reference(ds: DaemonSet) -> Manifest:
    """Return the reference by which an object names this set as its controller."""
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "name": ds.name,
        "uid": ds.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def pod_name(set_name: str, suffix: str) -> str:
    """Return the name that the API server generates for a pod of the set."""
    return f"{set_name}-"[:LONGEST_BASE] + suffix


def pod_spec(ds: DaemonSet, revision_hash: str) -> Manifest:
    """Return what the specs of a revision's pods share: the template's, as admission completes it.

    Pods of one revision have one name for the volume of their token, so that they share all of it.
    """
    spec = newpod.admitted(newpod.completed(ds.template["spec"]), revision_hash)
    return {**spec, "tolerations": daemon_tolerations(spec)}


class PodTemplate(NamedTuple):
    """What the pods of a revision have in common: ``meta`` are fields of their metadata."""

    meta: Manifest
    spec: Manifest
    status: Manifest

    @classmethod
    def of(cls, ds: DaemonSet, revision_hash: str) -> PodTemplate:
        """Make the template of a set into that of its pods."""
        meta, spec = ds.template.get("metadata") or {}, pod_spec(ds, revision_hash)
        labels = {**(meta.get("labels") or {}), HASH_LABEL: revision_hash}
        if ds.template_generation:
            labels[GENERATION_LABEL] = ds.template_generation
        shared = {
            "labels": labels,
            **({"annotations": meta["annotations"]} if meta.get("annotations") else {}),
            "ownerReferences": [owner_reference(ds)],
        }
        return cls(shared, spec, {"phase": "Pending", "qosClass": qos_class(spec)})


def pod_manifest(
    ds: DaemonSet, template: PodTemplate, node: str, *, suffix: str, uid: str, now: Moment
) -> Manifest:
    """Return the pod that the controller creates for a node."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(ds.name, suffix),
            "generateName": f"{ds.name}-",
            "namespace": ds.namespace,
            "uid": uid,
            "creationTimestamp": now.stamp,
            **template.meta,
        },
        "spec": {**template.spec, "affinity": pinned_to(template.spec.get("affinity"), node)},
        "status": template.status,
    }


def qos_class(spec: Manifest) -> str:
    """Return Guaranteed, Burstable or BestEffort (Kubernetes: Pod Quality of Service Classes)."""
    resources = [container.get("resources") or {} for container in spec["containers"]]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    for r in resources:
        limits, requests = r.get("limits") or {}, r.get("requests") or {}
        if set(limits) < {"cpu", "memory"} or any(requests.get(k, limits[k]) != limits[k] for k in limits):
            return "Burstable"
    return "Guaranteed"


def account_of(ds: DaemonSet) -> str:
    """Return the name of the ServiceAccount as which the set's pods run."""
    return ds.template["spec"].get("serviceAccountName") or "default"


def refusal_of(ds: DaemonSet, *, account_known: bool) -> str:
    """Return in which words the API server refuses the set's pods, or ""."""
    account = account_of(ds)
    if account_known:
        reason = newpod.priority_refusal(ds.template["spec"])
    else:
        reason = (
            f'error looking up service account {ds.namespace}/{account}: serviceaccount "{account}" not found'
        )
    return f'Error creating: pods "{ds.name}-" is forbidden: {reason}' if reason else ""
