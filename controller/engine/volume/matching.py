"""Which volume a claim gets: the smallest of those that fit, among those with the fewest access modes."""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.matching.labels import matches
from controller.engine.matching.quantities import bytes_of
from controller.engine.views import PersistentVolume, PersistentVolumeClaim


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
    """Whether a volume may be bound to a claim that names none."""
    if volume.deleting or not claim.modes <= volume.modes or unfit(claim, volume):
        return False
    if volume.claim:
        return is_meant_for(volume, claim)
    selected = claim.selector is None or matches(claim.selector, volume.labels)
    return volume.phase == "Available" and selected and volume.storage_class == (claim.storage_class or "")


def unfit(claim: PersistentVolumeClaim, volume: PersistentVolume) -> str:
    """Return what of a volume a claim cannot do with, whoever chose it, or ""."""
    if bytes_of(volume.capacity) < bytes_of(claim.request):
        return "requested PV is too small"
    return "" if volume.mode == claim.mode else "incompatible volumeMode"


def is_meant_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume is reserved for, or bound to, a claim: by its name and, if it has one, its uid."""
    ref = volume.claim or {}
    same = (ref.get("namespace"), ref.get("name")) == (claim.namespace, claim.name)
    return same and ref.get("uid", "") in {"", claim.uid}
