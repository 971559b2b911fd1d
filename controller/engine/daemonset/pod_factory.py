"""The pods that the DaemonSet controller creates: a template made into a pod for one node."""

from __future__ import annotations

from functools import lru_cache

from controller.engine import newpod
from controller.engine.objects import (
    GENERATION_LABEL,
    HASH_LABEL,
    DaemonSet,
    Manifest,
)
from controller.engine.workloads.pods import PodTemplate

CONTROLLER = "daemonset-controller"

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


def pod_spec(ds: DaemonSet, revision_hash: str) -> Manifest:
    """Return what the specs of a revision's pods share: the template's, as admission completes it.

    Pods of one revision have one name for the volume of their token, so that they share all of it.
    """
    spec = newpod.admitted(newpod.completed(ds.template["spec"]), revision_hash)
    return {**spec, "tolerations": daemon_tolerations(spec)}


def pod_template(ds: DaemonSet, revision_hash: str) -> PodTemplate:
    """Return what the pods of a revision have in common."""
    labels = {HASH_LABEL: revision_hash}
    if ds.template_generation:
        labels[GENERATION_LABEL] = ds.template_generation
    return PodTemplate.of(ds, ds.template, pod_spec(ds, revision_hash), labels)


def pinned(template: PodTemplate, node: str) -> Manifest:
    """Return the spec of the pod for a node."""
    return {**template.spec, "affinity": pinned_to(template.spec.get("affinity"), node)}
