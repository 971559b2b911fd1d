"""What kubectl shows of kinds that are kept for charts: bindings, policies, ingresses, priorities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from controller.apiserver.age import age
from controller.apiserver.pod_columns import NONE
from controller.engine.matching.labels import labels_text, selector_text
from controller.engine.objects import Manifest

MOST_HOSTS = 3


def _born(manifest: Manifest, now: datetime) -> str:
    return age(manifest["metadata"].get("creationTimestamp"), now)


def binding_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a RoleBinding or a ClusterRoleBinding."""
    role, subjects = manifest.get("roleRef") or {}, manifest.get("subjects") or ()
    users, groups, accounts = (
        [one for one in subjects if one.get("kind") == kind] for kind in ("User", "Group", "ServiceAccount")
    )
    return [
        manifest["metadata"]["name"],
        f"{role.get('kind', '')}/{role.get('name', '')}",
        _born(manifest, now),
        ", ".join(one.get("name", "") for one in users),
        ", ".join(one.get("name", "") for one in groups),
        ", ".join(f"{one.get('namespace', '')}/{one.get('name', '')}" for one in accounts),
    ]


def ingress_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of an Ingress."""
    spec = manifest.get("spec") or {}
    balancer = ((manifest.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    hosts = [rule["host"] for rule in spec.get("rules") or () if rule.get("host")]
    more = f" + {len(hosts) - MOST_HOSTS} more..." if len(hosts) > MOST_HOSTS else ""
    return [
        manifest["metadata"]["name"],
        spec.get("ingressClassName") or NONE,
        ",".join(hosts[:MOST_HOSTS]) + more or "*",
        ",".join(one.get("ip") or one.get("hostname") or "" for one in balancer),
        "80, 443" if spec.get("tls") else "80",
        _born(manifest, now),
    ]


def ingress_class_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of an IngressClass."""
    spec = manifest.get("spec") or {}
    parameters = spec.get("parameters") or {}
    group = parameters.get("apiGroup")
    kind = f"{parameters.get('kind', '')}.{group}" if group else parameters.get("kind", "")
    told = f"{kind}/{parameters.get('name', '')}" if parameters else NONE
    return [manifest["metadata"]["name"], spec.get("controller", ""), told, _born(manifest, now)]


def policy_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a NetworkPolicy."""
    selector = (manifest.get("spec") or {}).get("podSelector")
    return [manifest["metadata"]["name"], selector_text(selector) or NONE, _born(manifest, now)]


def priority_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a PriorityClass."""
    return [
        manifest["metadata"]["name"],
        manifest.get("value", 0),
        bool(manifest.get("globalDefault")),
        _born(manifest, now),
        manifest.get("preemptionPolicy") or "PreemptLowerPriority",
    ]


def template_cells(manifest: Manifest, _now: datetime) -> list[Any]:
    """Return the cells of a PodTemplate."""
    template = manifest.get("template") or {}
    containers = (template.get("spec") or {}).get("containers") or ()
    return [
        manifest["metadata"]["name"],
        ",".join(one["name"] for one in containers),
        ",".join(one.get("image") or "" for one in containers),
        labels_text((template.get("metadata") or {}).get("labels")) or NONE,
    ]
