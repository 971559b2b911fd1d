"""Which volume a claim gets: the smallest of those that fit, among those with the fewest access modes."""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.matching.labels import matches
from controller.engine.matching.quantities import bytes_of
from controller.engine.views import PersistentVolume, PersistentVolumeClaim

OTHER_CLASS = "storageClassName does not match"


def best_volume(claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume]) -> PersistentVolume | None:
    """Return the volume to bind, or None. One that its author reserved for the claim comes before others.

    Volumes are searched by their exact sets of access modes, the smallest set that covers the claim's
    first (Kubernetes: volume binder's index). Equals go by name.
    """
    fitting = [volume for volume in volumes if is_candidate(claim, volume)]
    return min(fitting, key=lambda volume: _rank(claim, volume)) if fitting else None


def _rank(claim: PersistentVolumeClaim, volume: PersistentVolume) -> tuple[int, list[str], bool, int, str]:
    modes = sorted(volume.modes)
    return (len(modes), modes, not is_meant_for(volume, claim), bytes_of(volume.capacity), volume.name)


def is_candidate(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """Whether a volume may be bound to a claim that names none. One reserved for it may be of any class."""
    if volume.deleting:
        return False
    faults = misfits(claim, volume)
    if volume.claim:
        return is_meant_for(volume, claim) and set(faults) <= {OTHER_CLASS}
    selected = claim.selector is None or matches(claim.selector, volume.labels)
    return not faults and volume.phase == "Available" and selected


def misfits(claim: PersistentVolumeClaim, volume: PersistentVolume) -> list[str]:
    """Return what of a volume does not suit a claim, in the words of the event that tells the first."""
    found = {
        "requested PV is too small": bytes_of(volume.capacity) < bytes_of(claim.request),
        OTHER_CLASS: volume.storage_class != (claim.storage_class or ""),
        "incompatible volumeMode": volume.mode != claim.mode,
        "incompatible accessMode": not claim.modes <= volume.modes,
    }
    return [fault for fault, holds in found.items() if holds]


def is_meant_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume is reserved for, or bound to, a claim: by its name and, if it has one, its uid."""
    ref = volume.claim or {}
    same = (ref.get("namespace"), ref.get("name")) == (claim.namespace, claim.name)
    return same and ref.get("uid", "") in {"", claim.uid}
