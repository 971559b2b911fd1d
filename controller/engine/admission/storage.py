"""Persistent volumes, claims and storage classes: their defaults, and the rules of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    each_invalid,
    forbidden,
    invalid,
    required,
    unsupported,
)
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.selectors import label_selector_faults, node_selector_faults
from controller.engine.admission.volumes import source_faults
from controller.engine.deletion import PROTECTION, with_finalizer
from controller.engine.errors import Cause
from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest

MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
ALONE = "ReadWriteOncePod"
VOLUME_MODES = ("Block", "Filesystem")
POLICIES = ("Delete", "Recycle", "Retain")
BINDINGS = ("Immediate", "WaitForFirstConsumer")
BESIDE_THE_SOURCE = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    }
)
"""The fields of a volume's spec that do not say where it is."""

CLAIM_FIXED = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName "
    "for bound claims"
)

CANNOT_GROW = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc "
    "must support resize"
)


def claim(raw: Manifest) -> Manifest:
    """Return a claim with its defaults."""
    return {**raw, "spec": {"volumeMode": "Filesystem", **_spec(raw)}}


def volume(raw: Manifest) -> Manifest:
    """Return a volume with its defaults."""
    spec = {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem", **_spec(raw)}
    if "hostPath" in spec:
        spec["hostPath"] = {"type": "", **spec["hostPath"]}
    return {**raw, "spec": spec}


def storage_class(raw: Manifest) -> Manifest:
    """Return a storage class with its defaults."""
    return {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", **raw}


def _spec(raw: Manifest) -> Manifest:
    spec: Manifest = raw.get("spec") or {}
    return spec


def at_birth(manifest: Manifest, _suffix: str) -> Manifest:
    """Return a new claim or volume: pending, and protected (the plugin StorageObjectInUseProtection)."""
    finalizer = PROTECTION[manifest["kind"]]
    return {**with_finalizer(manifest, finalizer), "status": {"phase": "Pending"}}


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {
    "PersistentVolume": volume,
    "PersistentVolumeClaim": claim,
    "StorageClass": storage_class,
}


# -- claims ----------------------------------------------------------------------------------------


def claim_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a claim."""
    yield from claim_spec_faults(manifest["spec"], "spec")


def claim_spec_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a claim, or of a template of claims, in the API server's order."""
    if not spec.get("accessModes"):
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    if "selector" in spec:
        yield from label_selector_faults(spec["selector"], f"{path}.selector")
    yield from _modes_faults(spec, path)
    requests, asked = (spec.get("resources") or {}).get("requests") or {}, f"{path}.resources[storage]"
    if "storage" not in requests:
        yield required(asked)
    else:
        yield from _positive_faults(requests["storage"], asked)
    yield from _class_faults(spec, path)


def claim_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a claim that takes the place of ``old``: a bound one may ask for more."""
    yield from claim_faults(new)
    before, after = dict(old["spec"]), dict(new["spec"])
    for field in ("volumeName", "storageClassName"):
        if field not in before and field in after:
            before[field] = after[field]
    status = new.get("status") or {}  # no update writes it
    if status.get("phase") == "Bound":
        before["resources"] = after.get("resources")
        before["volumeAttributesClassName"] = after.get("volumeAttributesClassName")
        after.setdefault("volumeAttributesClassName", None)
    if before != after:
        yield forbidden("spec", CLAIM_FIXED)
    held = (status.get("capacity") or {}).get("storage", "0")
    if quantity(_request(new)) < quantity(_request(old)) and quantity(_request(new)) <= quantity(held):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")


def growth_refusal(old: Manifest, new: Manifest, storage_class: Callable[[str], Manifest | None]) -> str:
    """Return why a bound claim may not ask for more than before, or "".

    ``storage_class`` finds a class by name (Kubernetes: the plugin PersistentVolumeClaimResize).
    """
    if quantity(_request(new)) <= quantity(_request(old)):
        return ""
    found = storage_class(new["spec"].get("storageClassName") or "")
    return "" if found and found.get("allowVolumeExpansion") else CANNOT_GROW


def _request(manifest: Manifest) -> str:
    requests = (manifest["spec"].get("resources") or {}).get("requests") or {}
    return str(requests.get("storage", "0"))


# -- volumes ---------------------------------------------------------------------------------------


def volume_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a volume, in the order of the API server."""
    spec = manifest["spec"]
    if not spec.get("accessModes"):
        yield required("spec.accessModes")
    yield from _modes_faults(spec, "spec")
    yield from _capacity_faults(spec.get("capacity") or {})
    policy = spec["persistentVolumeReclaimPolicy"]
    if policy not in POLICIES:
        yield unsupported("spec.persistentVolumeReclaimPolicy", policy, POLICIES)
    if "nodeAffinity" in spec:
        yield from _affinity_faults(spec["nodeAffinity"], "spec.nodeAffinity.required")
    source = source_of(spec)
    yield from source_faults(source, "spec")
    if "local" in source and "nodeAffinity" not in spec:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")
    if not source:
        yield required("spec", "must specify a volume type")
    yield from _class_faults(spec, "spec")


def volume_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a volume that takes the place of ``old``: it stays where it is."""
    yield from volume_faults(new)
    if source_of(old["spec"]) != source_of(new["spec"]):
        yield forbidden(
            "spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"
        )
    mode = new["spec"]["volumeMode"]
    if old["spec"]["volumeMode"] != mode:
        yield invalid("volumeMode", mode, IMMUTABLE)
    before, after = old["spec"].get("nodeAffinity"), new["spec"].get("nodeAffinity")
    if before and before != after:
        yield invalid("nodeAffinity", after, f"{IMMUTABLE}, except for updating from beta label to GA")


def source_of(spec: Manifest) -> Manifest:
    """Return what says where a volume is."""
    return {field: value for field, value in spec.items() if field not in BESIDE_THE_SOURCE}


def _capacity_faults(capacity: Manifest) -> Iterator[Cause]:
    if not capacity:
        yield required("spec.capacity")
    if "storage" not in capacity or len(capacity) > 1:
        yield unsupported("spec.capacity", capacity, ("storage",))
    for name, amount in capacity.items():
        yield from _positive_faults(amount, f"spec.capacity[{name}]")


# -- what several have -----------------------------------------------------------------------------


def _affinity_faults(affinity: Manifest, path: str) -> Iterator[Cause]:
    if "required" in affinity:
        yield from node_selector_faults(affinity["required"], path)
    else:
        yield required(path, "must specify required node constraints")


def _modes_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    modes, place = spec.get("accessModes") or (), f"{path}.accessModes"
    for mode in modes:
        if mode not in MODES:
            yield unsupported(place, mode, MODES)
    if ALONE in modes and any(mode in MODES for mode in modes if mode != ALONE):
        yield forbidden(place, "may not use ReadWriteOncePod with other access modes")


def _positive_faults(amount: str, path: str) -> Iterator[Cause]:
    if quantity(amount) <= 0:
        yield invalid(path, amount, "must be greater than zero")


def _class_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    name, mode = spec.get("storageClassName") or "", spec["volumeMode"]
    if name:
        yield from each_invalid(f"{path}.storageClassName", name, grammar.subdomain(name))
    if mode not in VOLUME_MODES:
        yield unsupported(f"{path}.volumeMode", mode, VOLUME_MODES)


def storage_class_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a storage class."""
    provisioner = manifest.get("provisioner") or ""
    if not provisioner:
        yield required("provisioner")
    else:
        yield from each_invalid("provisioner", provisioner, grammar.qualified_name(provisioner.lower()))
    policy, binding = manifest["reclaimPolicy"], manifest["volumeBindingMode"]
    if policy not in POLICIES[::2]:
        yield unsupported("reclaimPolicy", policy, POLICIES[::2])
    if binding not in BINDINGS:
        yield unsupported("volumeBindingMode", binding, BINDINGS)


def storage_class_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a storage class that takes the place of ``old``: it makes what it made."""
    yield from storage_class_faults(new)
    for field in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
        if (old.get(field) or {}) != (new.get(field) or {}):
            yield invalid(field, new.get(field), IMMUTABLE)
