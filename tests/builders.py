"""Short ways to say what a test is about: each builder fills in all that the test does not mention.

``*_manifest`` makes the object as it stands after admission, the plain name makes the engine's view
of it. Parts of a pod's ``spec`` are given in Kubernetes' own words: ``daemonset(nodeSelector=...)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from controller.engine.matching.affinity import REQUIRED
from controller.engine.objects import (
    GENERATION_ANNOTATION,
    GENERATION_LABEL,
    HASH_LABEL,
    DaemonSet,
    Manifest,
    Node,
    Pod,
    Taint,
    Timers,
)

BORN = "2026-01-01T00:00:00Z"
CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def uid_of(name: str) -> str:
    """Return a uid that tells in a failing test whose it is."""
    return f"uid-{name}"


def taint(text: str) -> Taint:
    """Return the taint that ``key=value:Effect`` or ``key:Effect`` writes, as kubectl does."""
    mark, _, effect = text.rpartition(":")
    key, _, value = mark.partition("=")
    return Taint(key, value, effect)


def taint_manifest(text: str) -> Manifest:
    """Return a taint, written as in ``taint``, as it stands in a node's spec."""
    mark = taint(text)
    return {"key": mark.key, **({"value": mark.value} if mark.value else {}), "effect": mark.effect}


def node_manifest(
    name: str = "plain",
    *,
    labels: Mapping[str, str] | None = None,
    taints: Iterable[str] = (),
    ready: str = "True",
    unschedulable: bool = False,
    annotations: Mapping[str, str] | None = None,
    capacity: Mapping[str, str] | None = None,
) -> Manifest:
    """Return a Node; ``ready`` "" means that its kubelet has never reported."""
    held = {**CAPACITY, **(capacity or {})}
    marks = [taint_manifest(text) for text in taints]
    conditions = [{"type": "Ready", "status": ready, "lastTransitionTime": BORN}] if ready else []
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "uid": uid_of(name),
            "creationTimestamp": BORN,
            "labels": dict(labels or {}),
            **({"annotations": dict(annotations)} if annotations else {}),
        },
        "spec": {
            **({"taints": marks} if marks else {}),
            **({"unschedulable": True} if unschedulable else {}),
        },
        "status": {"capacity": held, "allocatable": held, "conditions": conditions},
    }


def node(name: str = "plain", *, timers: Timers | None = None, **facts: Any) -> Node:
    """Return the engine's view of ``node_manifest(name, **facts)``."""
    return Node.read(node_manifest(name, **facts), timers or {})


def container(image: str = "agent:1", **parts: Any) -> Manifest:
    """Return a container with its defaults."""
    return {
        "name": "main",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "resources": {},
        **parts,
    }


def template(app: str = "agent", image: str = "agent:1", **spec: Any) -> Manifest:
    """Return a pod template with its defaults; ``spec`` are parts of its ``spec``."""
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {
            "containers": [container(image)],
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {},
            "terminationGracePeriodSeconds": 30,
            **spec,
        },
    }


def daemonset_manifest(
    name: str = "agent",
    *,
    namespace: str = "default",
    image: str = "agent:1",
    strategy: str = "RollingUpdate",
    max_unavailable: int | str = 1,
    max_surge: int | str = 0,
    min_ready_seconds: int = 0,
    history_limit: int = 10,
    generation: int = 1,
    annotations: Mapping[str, str] | None = None,
    **spec: Any,
) -> Manifest:
    """Return a DaemonSet that selects ``app: name``; ``spec`` are parts of its pods' ``spec``."""
    rolling = {"rollingUpdate": {"maxUnavailable": max_unavailable, "maxSurge": max_surge}}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": uid_of(name),
            "creationTimestamp": BORN,
            "generation": generation,
            "annotations": {GENERATION_ANNOTATION: str(generation), **(annotations or {})},
        },
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": template(name, image, **spec),
            "updateStrategy": {"type": strategy, **(rolling if strategy == "RollingUpdate" else {})},
            "minReadySeconds": min_ready_seconds,
            "revisionHistoryLimit": history_limit,
        },
    }


def daemonset(name: str = "agent", *, timers: Timers | None = None, **facts: Any) -> DaemonSet:
    """Return the engine's view of ``daemonset_manifest(name, **facts)``."""
    return DaemonSet.read(daemonset_manifest(name, **facts), timers or {})


def pod_manifest(
    name: str = "agent-first",
    *,
    of: str = "agent",
    namespace: str = "default",
    node: str = "",
    phase: str = "Running",
    ready: bool = True,
    terminating: bool = False,
    created: str = BORN,
    revision: str = "",
    generation: str = "1",
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> Manifest:
    """Return a Pod bound to ``node`` ("" for none) that the DaemonSet ``of`` owns ("" for nobody).

    ``spec`` are parts of its ``spec``.
    """
    own = {HASH_LABEL: revision, GENERATION_LABEL: generation} if revision else {}
    parts = template(of or name, **spec)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": uid_of(name),
            "creationTimestamp": created,
            "labels": {**parts["metadata"]["labels"], **own, **(labels or {})},
            **({"ownerReferences": [owner(of)]} if of else {}),
            **({"deletionTimestamp": created, "deletionGracePeriodSeconds": 30} if terminating else {}),
        },
        "spec": {**parts["spec"], **({"nodeName": node} if node else {})},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def owner(name: str) -> Manifest:
    """Return the reference to the DaemonSet of that name as the controller of an object."""
    kind = {"apiVersion": "apps/v1", "kind": "DaemonSet"}
    return {**kind, "name": name, "uid": uid_of(name), "controller": True, "blockOwnerDeletion": True}


def pod(name: str = "agent-first", *, timers: Timers | None = None, **facts: Any) -> Pod:
    """Return the engine's view of ``pod_manifest(name, **facts)``."""
    return Pod.read(pod_manifest(name, **facts), timers or {})


def expression(key: str, operator: str, *values: str) -> Manifest:
    """Return one requirement of a term."""
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def name_term(name: str, *, operator: str = "In") -> Manifest:
    """Return a node selector term that names a node."""
    return {"matchFields": [expression("metadata.name", operator, name)]}


def required_affinity(*terms: Manifest) -> Manifest:
    """Return a pod's ``affinity`` that requires one of these node selector terms."""
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}


def affinity(*expressions: Manifest) -> Manifest:
    """Return a pod's ``affinity`` that requires all of these expressions."""
    return required_affinity({"matchExpressions": list(expressions)})


def terms_of(spec: Manifest) -> list[Manifest]:
    """Return the terms of a pod's required node affinity."""
    terms: list[Manifest] = spec["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"]
    return terms
