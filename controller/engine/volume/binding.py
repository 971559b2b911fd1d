"""A volume and a claim bound to each other, and a volume that nobody claims any longer: what is written."""

from __future__ import annotations

import re

from controller.engine.objects import Manifest, Moment
from controller.engine.views import PersistentVolume, PersistentVolumeClaim

BOUND = "pv.kubernetes.io/bind-completed"
BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
TEMPORARY = re.compile(r"/tmp/.+", re.DOTALL)  # noqa: S108 -- a path on a simulated machine


def bound_volume(volume: PersistentVolume, claim: PersistentVolumeClaim, now: Moment) -> Manifest:
    """Return the volume, bound to the claim."""
    ref = {**(volume.claim or {}), **_reference(claim)}
    made = {**volume.manifest, "spec": {**volume.manifest["spec"], "claimRef": ref}}
    if not volume.claim:
        made = _annotated(made, BY_CONTROLLER)
    return in_phase(made, "Bound", now)


def bound_claim(claim: PersistentVolumeClaim, volume: PersistentVolume) -> Manifest:
    """Return the claim, bound to the volume."""
    spec = volume.manifest["spec"]
    made = {
        **claim.manifest,
        "spec": {**claim.manifest["spec"], "volumeName": volume.name},
        "status": {
            **(claim.manifest.get("status") or {}),
            "phase": "Bound",
            "accessModes": spec.get("accessModes") or [],
            "capacity": spec.get("capacity") or {},
        },
    }
    made = _annotated(made, BOUND)
    return made if claim.volume else _annotated(made, BY_CONTROLLER)


def _annotated(manifest: Manifest, annotation: str) -> Manifest:
    meta = manifest["metadata"]
    annotations = {**(meta.get("annotations") or {}), annotation: "yes"}
    return {**manifest, "metadata": {**meta, "annotations": annotations}}


def is_bound(claim: PersistentVolumeClaim) -> bool:
    """Whether a claim has once been bound."""
    return BOUND in (claim.manifest["metadata"].get("annotations") or {})


def unbound(volume: PersistentVolume, now: Moment) -> Manifest:
    """Return a volume whose claim is bound to another one: free, but for a claim that its author named."""
    annotations = volume.manifest["metadata"].get("annotations") or {}
    spec = {key: value for key, value in volume.manifest["spec"].items() if key != "claimRef"}
    if BY_CONTROLLER not in annotations:
        kept = {key: value for key, value in (volume.claim or {}).items() if key != "uid"}
        spec["claimRef"] = kept
    return in_phase({**volume.manifest, "spec": spec}, "Available", now)


def in_phase(manifest: Manifest, phase: str, now: Moment, message: str = "") -> Manifest:
    """Return a volume in a phase; ``message`` says why it failed."""
    status = manifest.get("status") or {}
    if status.get("phase") == phase:
        return manifest
    told = {"phase": phase, "lastPhaseTransitionTime": now.stamp}
    return {**manifest, "status": {**told, **({"message": message} if message else {})}}


def reclaim_refusal(volume: PersistentVolume) -> str:
    """Return why a released volume cannot be deleted, or "".

    What a provisioner made it deletes; of others Kubernetes itself deletes folders below /tmp only.
    """
    spec = volume.manifest["spec"]
    if provisioner_of(volume):
        return ""
    if "hostPath" not in spec:
        why = "no deletable volume plugin matched"
        return f'error getting deleter volume plugin for volume "{volume.name}": {why}'
    path = spec["hostPath"].get("path", "")
    if TEMPORARY.match(path):
        return ""
    return f"host_path deleter only supports /tmp/.+ but received provided {path}"


def provision_refusal(storage_class: Manifest) -> str:
    """Return why no volume can be made for a claim of a storage class, or ""."""
    driver: str = storage_class["provisioner"]
    return f"no volume plugin matched name: {driver}" if driver == NO_PROVISIONER else ""


def provisioned(claim: PersistentVolumeClaim, storage_class: Manifest) -> Manifest:
    """Return the volume that the provisioner of a storage class makes for a claim, as it is created."""
    driver, name, spec = storage_class["provisioner"], f"pvc-{claim.uid}", claim.manifest["spec"]
    options = storage_class.get("mountOptions")
    return {
        "metadata": {"name": name, "annotations": {PROVISIONED_BY: driver}},
        "spec": {
            "capacity": {"storage": claim.request},
            "accessModes": spec["accessModes"],
            "claimRef": _reference(claim),
            "csi": {"driver": driver, "volumeHandle": name},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy") or "Delete",
            "storageClassName": claim.storage_class,
            "volumeMode": claim.mode,
            **({"mountOptions": options} if options else {}),
        },
    }


def provisioner_of(volume: PersistentVolume) -> str:
    """Return the provisioner that made a volume, "" if somebody else did."""
    return str((volume.manifest["metadata"].get("annotations") or {}).get(PROVISIONED_BY) or "")


def grown(volume: PersistentVolume, claim: PersistentVolumeClaim) -> Manifest:
    """Return a volume that is as large as its claim asks by now."""
    spec = volume.manifest["spec"]
    capacity = {**spec["capacity"], "storage": claim.request}
    return {**volume.manifest, "spec": {**spec, "capacity": capacity}}


def _reference(claim: PersistentVolumeClaim) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": claim.namespace,
        "name": claim.name,
        "uid": claim.uid,
    }
