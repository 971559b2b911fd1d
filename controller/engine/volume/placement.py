"""What the claims of a pod mean for its place: whether it can have one yet, and on which nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from controller.engine.matching.affinity import Term, required_terms
from controller.engine.objects import Pod, View
from controller.engine.views import PersistentVolume, PersistentVolumeClaim

UNBOUND = "pod has unbound immediate PersistentVolumeClaims"

NOWHERE: tuple[Term, ...] = ()
"""The terms of a volume that there is not: no node meets them."""

Find = Callable[[str, str, str], View | None]
"""Finds an object by kind, namespace and name."""


class Needs(NamedTuple):
    """Why a pod can run nowhere yet, or "", and for each volume the terms of which a node must meet one.

    A claim that waits for its first pod, and for which there is no volume, has the terms ``NOWHERE``.
    """

    refusal: str = ""
    volumes: tuple[tuple[Term, ...], ...] = ()


NOTHING = Needs()


def needs_of(pod: Pod, find: Find) -> Needs:
    """Look at the claims of a pod (Kubernetes: the scheduler's plugin VolumeBinding)."""
    volumes = []
    for name in pod.claims:
        claim = find(PersistentVolumeClaim.KIND, pod.namespace, name)
        if not isinstance(claim, PersistentVolumeClaim):
            return Needs(f'persistentvolumeclaim "{name}" not found')
        if claim.phase == "Lost":
            lost = f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{claim.volume}"'
            return Needs(lost)
        if claim.deleting:
            return Needs(f'persistentvolumeclaim "{name}" is being deleted')
        volume = find(PersistentVolume.KIND, "", claim.volume)
        if claim.phase != "Bound" or not isinstance(volume, PersistentVolume):
            if not waits_for_pods(find("StorageClass", "", claim.storage_class or "")):
                return Needs(UNBOUND)
            volumes.append(NOWHERE)
        elif (terms := required_terms(volume.affinity)) is not None:
            volumes.append(terms)
    return Needs("", tuple(volumes)) if volumes else NOTHING


def waits_for_pods(storage_class: View | None) -> bool:
    """Whether claims of a class are bound only when a pod uses them."""
    found = storage_class.manifest if storage_class else {}
    return found.get("volumeBindingMode") == "WaitForFirstConsumer"
