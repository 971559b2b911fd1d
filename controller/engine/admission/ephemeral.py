"""What may be written through a pod's subresource `ephemeralcontainers`: one may be added, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine.admission.containers import container_faults
from controller.engine.admission.defaults import with_defaults
from controller.engine.admission.field_errors import duplicate, forbidden, not_found
from controller.engine.admission.volumes import sound_volumes
from controller.engine.errors import Cause, Invalid
from controller.engine.objects import Manifest

FIELD = "ephemeralContainers"
NOT_THEIRS = (
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resources",
    "resizePolicy",
)
"""What only containers have that a pod was made with."""


def admit_ephemeral(old: Manifest, new: Manifest, *, read: Callable[[str, object], Manifest]) -> Manifest:
    """Return the pod ``old`` with the ephemeral containers of ``new``; the rest of it is left alone.

    Raises BadRequest for fields of a wrong type, Invalid if one that stands is missing or another, or
    a new one may not be so.
    """
    wanted = with_defaults("Pod", read("Pod", new))["spec"].get(FIELD) or []
    causes = [*_standing_faults(old["spec"].get(FIELD) or [], wanted), *_faults(old["spec"], wanted)]
    if causes:
        raise Invalid("Pod", old["metadata"]["name"], causes)
    if not wanted:
        return old
    counted = {"generation": old["metadata"].get("generation", 0) + (wanted != old["spec"].get(FIELD))}
    return {**old, "metadata": {**old["metadata"], **counted}, "spec": {**old["spec"], FIELD: wanted}}


def _standing_faults(standing: list[Manifest], wanted: list[Manifest]) -> Iterator[Cause]:
    by_name = {container.get("name", ""): container for container in wanted}
    for container in standing:
        name = container["name"]
        if name not in by_name:
            said = f'existing ephemeral containers "{name}" may not be removed\n'
            yield forbidden(f"spec.{FIELD}", said)
        elif by_name[name] != container:
            said = f'existing ephemeral containers "{name}" may not be changed\n'
            yield forbidden(f"spec.{FIELD}", said)


def _faults(spec: Manifest, wanted: list[Manifest]) -> Iterator[Cause]:
    others = {one["name"] for one in (*spec["containers"], *(spec.get("initContainers") or ()))}
    volumes, seen = sound_volumes(spec.get("volumes") or []), set(others)
    for index, container in enumerate(wanted):
        at, name = f"spec.{FIELD}[{index}]", container.get("name", "")
        yield from container_faults(container, volumes, at)
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        target = container.get("targetContainerName")
        if target and target not in others:
            yield not_found(f"{at}.targetContainerName", target)
        for field in NOT_THEIRS:
            if container.get(field):
                yield forbidden(f"{at}.{field}", "cannot be set for an Ephemeral Container")
