"""The cells of volumes, claims and storage classes in kubectl's tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from controller.apiserver.age import age
from controller.engine.objects import Manifest

MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(modes: Iterable[str] | None) -> str:
    return ",".join(short for mode, short in MODES.items() if mode in (modes or ()))


def _class(manifest: Manifest, spec: Manifest) -> str:
    old = (manifest["metadata"].get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
    return old or spec.get("storageClassName") or ""


UNSET = "<unset>"


def volume_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a volume."""
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    claim = spec.get("claimRef") or {}
    phase = status.get("phase") or "Pending"
    return [
        meta["name"],
        (spec.get("capacity") or {}).get("storage") or "0",
        _modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy") or "Retain",
        "Terminating" if meta.get("deletionTimestamp") else phase,
        f"{claim.get('namespace') or ''}/{claim.get('name') or ''}" if claim else "",
        _class(manifest, spec),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason") or "",
        age(meta.get("creationTimestamp"), now),
        spec.get("volumeMode") or UNSET,
    ]


def claim_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a claim."""
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    bound, phase = spec.get("volumeName") or "", status.get("phase") or "Pending"
    return [
        meta["name"],
        "Terminating" if meta.get("deletionTimestamp") else phase,
        bound,
        ((status.get("capacity") or {}).get("storage") or "0") if bound else "",
        _modes(status.get("accessModes")) if bound else "",
        _class(manifest, spec),
        spec.get("volumeAttributesClassName") or UNSET,
        age(meta.get("creationTimestamp"), now),
        spec.get("volumeMode") or UNSET,
    ]


def class_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a storage class."""
    meta = manifest["metadata"]
    default = (meta.get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        f"{meta['name']} (default)" if default else meta["name"],
        manifest.get("provisioner") or "",
        manifest.get("reclaimPolicy") or "Delete",
        manifest.get("volumeBindingMode") or "Immediate",
        bool(manifest.get("allowVolumeExpansion")),
        age(meta.get("creationTimestamp"), now),
    ]
