"""Deployments and their sets in numbers, for tests of the rules."""

from __future__ import annotations

from typing import Any

from controller.engine.deployment.sets import Sets
from controller.engine.views import Deployment, ReplicaSet

TEMPLATE: dict[str, Any] = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}


def deployment(replicas: int, surge: int | str = 1, unavailable: int | str = 1, **more: Any) -> Deployment:
    """Return a Deployment; ``more`` are fields of its spec, ``status`` and ``annotations`` besides."""
    status, annotations = more.pop("status", {}), more.pop("annotations", {})
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    spec = {
        "replicas": replicas,
        "template": TEMPLATE,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        **more,
    }
    meta = {"name": "web", "namespace": "default", "uid": "web", "annotations": annotations}
    return Deployment.read({"metadata": meta, "spec": spec, "status": status}, {})


def one(name: str, replicas: int, available: int = 0, **more: Any) -> ReplicaSet:
    """Return a set; ``more`` are its annotations (``desired``, ``max``, ``revision``) and its template."""
    template = more.pop("template", {**TEMPLATE, "spec": {"containers": [{"name": name}]}})
    notes = {
        "desired": "deployment.kubernetes.io/desired-replicas",
        "max": "deployment.kubernetes.io/max-replicas",
        "revision": "deployment.kubernetes.io/revision",
    }
    annotations = {notes[key]: str(value) for key, value in more.items()}
    meta = {"name": name, "namespace": "default", "uid": name, "annotations": annotations}
    status = {"replicas": replicas, "readyReplicas": available, "availableReplicas": available}
    return ReplicaSet.read(
        {"metadata": meta, "spec": {"replicas": replicas, "template": template}, "status": status}, {}
    )


def sets(new: ReplicaSet | None, *old: ReplicaSet) -> Sets:
    """Return the sets of a Deployment, old ones by age."""
    return Sets(new, old)
