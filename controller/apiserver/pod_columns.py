"""The cells of a pod in kubectl's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from controller.apiserver.age import age
from controller.engine.cluster.podsummary import PodSummary, holds, summary_of
from controller.engine.objects import Manifest

NONE = "<none>"


def pod_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a pod: name, ready, status, restarts, age, address, node and so on."""
    meta, spec, status = manifest["metadata"], manifest["spec"], manifest.get("status") or {}
    seen = summary_of(manifest)
    addresses = status.get("podIPs") or ()
    return [
        meta["name"],
        f"{seen.ready}/{seen.containers}",
        seen.word,
        _restarts(seen, now),
        age(meta.get("creationTimestamp"), now),
        (addresses[0].get("ip") if addresses else "") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(spec, status),
    ]


def pod_conditions(manifest: Manifest) -> list[Manifest]:
    """Return what a row says of a pod that has ended."""
    said = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}
    phase = (manifest.get("status") or {}).get("phase")
    if phase not in said:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": said[phase]}]


def _restarts(seen: PodSummary, now: datetime) -> str:
    if seen.restarts and seen.restarted:
        return f"{seen.restarts} ({age(seen.restarted, now)} ago)"
    return str(seen.restarts)


def _gates(spec: Manifest, status: Manifest) -> str:
    gates = spec.get("readinessGates") or ()
    if not gates:
        return NONE
    return f"{sum(holds(status, gate.get('conditionType', '')) for gate in gates)}/{len(gates)}"


def container_cells(spec: Manifest) -> tuple[str, str]:
    """Return the names and the images of the containers of a pod or a template."""
    containers = spec.get("containers") or ()
    names, images = (",".join(each.get(field) or "" for each in containers) for field in ("name", "image"))
    return names, images
