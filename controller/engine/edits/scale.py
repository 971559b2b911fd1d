"""How many pods a workload asks for: what ``kubectl scale`` reads and writes, the subresource ``scale``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from controller.engine.admission.field_errors import invalid
from controller.engine.edits.deletion import about_of
from controller.engine.edits.draft import Draft
from controller.engine.edits.objects import PATCHES, PatchType, check_conditions
from controller.engine.edits.reading import Found
from controller.engine.errors import BadRequest, Invalid
from controller.engine.matching.labels import selector_text
from controller.engine.objects import Key, Manifest
from controller.engine.reasons import Reason

LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReplaceScale:
    """Write a Scale; the workload as it stands then is the result.

    Raises NotFound, Conflict, Invalid, BadRequest.
    """

    key: Key
    scale: Manifest

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        check_conditions(found, self.scale)
        _write(draft, found, self.scale)


@dataclass(frozen=True, slots=True)
class PatchScale:
    """Change a Scale by a patch; the workload as it stands then is the result."""

    key: Key
    type: PatchType
    body: Any

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        # A Scale has no lists, so that merging it strategically is merging it.
        type_ = PatchType.MERGE if self.type is PatchType.STRATEGIC else self.type
        wanted = PATCHES[type_]("Scale", scale_of(found.manifest), self.body)
        check_conditions(found, wanted)
        _write(draft, found, wanted)


def scale_of(workload: Manifest) -> Manifest:
    """Return the Scale of a workload."""
    meta, spec = workload["metadata"], workload["spec"]
    selector = spec.get("selector") or {}
    if workload["kind"] == "ReplicationController":
        selector = {"matchLabels": selector}
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: meta[field] for field in kept if field in meta},
        "spec": {"replicas": spec["replicas"]} if spec.get("replicas") else {},
        "status": {
            "replicas": (workload.get("status") or {}).get("replicas") or 0,
            "selector": selector_text(selector),
        },
    }


def _write(draft: Draft, found: Found, scale: Manifest) -> None:
    replicas = _replicas(scale, found.key[2])
    manifest = {**found.manifest, "spec": {**found.manifest["spec"], "replicas": replicas}}
    written = draft.replace(found, manifest, Reason.SCALED)
    draft.note_changes("object_scale", about_of(found.key), written)
    draft.results.append(written.after if written else found)


def _replicas(scale: Manifest, name: str) -> int:
    spec = scale.get("spec") or {}
    replicas = spec.get("replicas", 0) if isinstance(spec, dict) else None
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas > LARGEST:
        raise BadRequest("Scale.spec.replicas must be a whole number of 32 bits")
    if replicas < 0:
        said = "must be greater than or equal to 0"
        raise Invalid("Scale.autoscaling", name, [invalid("spec.replicas", replicas, said)])
    return replicas
