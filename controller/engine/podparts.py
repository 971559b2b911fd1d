"""What is read in the manifest of every pod, its node, its claims, why it waits, and where it is had from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Part = Mapping[str, Any]


class Source(Protocol):
    """Where a manifest is had from that is kept in a smaller form. Equal ones give equal manifests."""

    def manifest(self) -> dict[str, Any]:
        """Return the manifest, made anew."""


def pinned_node(spec: Part) -> str:
    """Return the node that a daemon pod's affinity names (``matchFields metadata.name``), or ""."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or ():
        for match in term.get("matchFields") or ():
            if match["key"] == "metadata.name" and match["operator"] == "In" and len(match["values"]) == 1:
                return str(match["values"][0])
    return ""


def claims_in(spec: Part) -> tuple[str, ...]:
    """Return the names of the claims that a pod's volumes are of."""
    kind, volumes = "persistentVolumeClaim", spec.get("volumes") or ()
    return tuple([volume[kind]["claimName"] for volume in volumes if kind in volume])


def placed(spec: Part) -> tuple[str, bool, tuple[str, ...]]:
    """Return the node that a pod's spec names, whether it is bound to it, and the claims that it uses."""
    bound = spec.get("nodeName") or ""
    return bound or pinned_node(spec), bool(bound), claims_in(spec)


def waiting_reason(status: Part) -> str:
    """Return the reason of the first container that waits, such as CrashLoopBackOff, or ""."""
    for container in status.get("containerStatuses") or ():
        waiting = container["state"].get("waiting")
        if waiting:
            return str(waiting.get("reason") or "")
    return ""
