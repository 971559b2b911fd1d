"""Events under the names of the group events.k8s.io: there is one kind of them, served in two groups.

Recorders of today write them in this group, kubectl reads the core group's; what is stored is the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from controller.engine.admission.field_errors import invalid, required
from controller.engine.admission.shape import cannot_handle, read
from controller.engine.errors import BadRequest, Cause, Invalid
from controller.engine.objects import Manifest

GROUP, TYPE = "events.k8s.io", "events.v1.Event"
NAMES = {
    "involvedObject": "regarding",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
}
"""What the core group calls a field, and what the other group calls it; all others have one name."""
CORE = {theirs: ours for ours, theirs in NAMES.items()}
DEPRECATED = sorted(theirs for theirs in CORE if theirs.startswith("deprecated"))
LONGEST = {"reportingInstance": 128, "action": 128, "reason": 128, "note": 1024}
"""The most characters that the group takes in a field."""


def in_group(group: str, manifest: Manifest) -> Manifest:
    """Return an object as it is stored in the form of a group."""
    if group != GROUP or manifest.get("kind") != "Event":
        return manifest
    renamed = {NAMES.get(name, name): part for name, part in manifest.items()}
    return {**renamed, "apiVersion": f"{GROUP}/v1"}


def from_group(group: str, manifest: Manifest) -> Manifest:
    """Return an object that came in the form of a group as it is stored. Raises BadRequest."""
    if group != GROUP:
        return manifest
    if strange := [f'unknown field "{name}"' for name in manifest if name in NAMES]:
        raise BadRequest(cannot_handle("Event", f"strict decoding error: {', '.join(strange)}"))
    renamed = {CORE.get(name, name): part for name, part in manifest.items()}
    return {"involvedObject": {}, **renamed, "apiVersion": "v1"}


def patch_from_group(group: str, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a patch of an object in the form of a group as one of the object as it is stored."""
    if group != GROUP:
        return patch
    if isinstance(patch, dict):
        return {CORE.get(name, name): part for name, part in patch.items()}
    if isinstance(patch, list):
        return [_operation(one) if isinstance(one, dict) else one for one in patch]
    return patch


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation of a JSON patch under the stored names."""
    paths = {field: operation[field] for field in ("path", "from") if isinstance(operation.get(field), str)}
    for field, path in paths.items():
        root, slash, rest = path.partition("/")
        first, more, below = rest.partition("/")
        paths[field] = f"{root}{slash}{CORE.get(first, first)}{more}{below}"
    return {**operation, **paths}


def check(group: str, event: Manifest) -> None:
    """Hold a new Event of the group to its rules; the core group has hardly any. Raises Invalid."""
    if group != GROUP:
        return
    sent = read(TYPE, event).manifest
    if faults := list(_faults(sent)):
        raise Invalid("Event", str((sent.get("metadata") or {}).get("name") or ""), faults)


def _faults(event: Manifest) -> Iterator[Cause]:
    for field in ("eventTime", "reportingController"):
        if not event.get(field):
            yield required(field)
    for field, most in LONGEST.items():
        text = event.get(field) or ""
        if not text and field != "note":
            yield required(field)
        if len(text) > most:
            yield invalid(field, "", f"can have at most {most} characters")
    if event.get("type") not in {"Normal", "Warning"}:
        yield invalid("type", "", f"has invalid value: {event.get('type') or ''}")
    for field in DEPRECATED:
        if event.get(field):
            yield invalid(CORE[field], "", "needs to be unset")
    yield from _series_faults(event)


def _series_faults(event: Manifest) -> Iterator[Cause]:
    series = event.get("series") or {}
    if series and series.get("count", 0) < 2:  # noqa: PLR2004 - what is told once is no series
        yield invalid("series.count", "", "should be at least 2")
    if series and not series.get("lastObservedTime"):
        yield required("series.lastObservedTime")
