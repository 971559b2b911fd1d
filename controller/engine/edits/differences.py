"""Which fields of an object an edit changes, from what to what: the facts an audit entry holds."""

from __future__ import annotations

import json
from typing import Any

from controller.engine.admission import fieldsets
from controller.engine.errors import Difference
from controller.engine.objects import GENERATION_ANNOTATION, Manifest

LONGEST = 80
"""The most characters of a value that are told."""

WITHHELD = {"Secret": ("f:data", "f:stringData")}
"""Fields whose values are nobody's business."""

COUNTED = ("f:metadata", "f:annotations", f"f:{GENERATION_ANNOTATION}")
"""What the server counts by itself."""


def differences(kind: str, before: Manifest | None, after: Manifest | None) -> list[Difference]:
    """Return the fields that differ, in their order, but for those that the server fills in and the status.

    Values that are maps or lists come as JSON, long ones are cut. A member of a list that is new or
    gone is told once, not field by field. There may be many: whoever stores them cuts.
    """
    older, newer = _unequal(before or {}, after or {})
    old, new = _leaves(kind, older), _leaves(kind, newer)
    every = (path for path in {**old, **new} if path != COUNTED)
    paths = [path for path in every if old.get(path, _GONE) != new.get(path, _GONE)]
    members = {path for path in paths if path[-1].startswith("k:")}
    filled = {path[:size] for path in paths for size in range(1, len(path))} - members
    told = [
        path
        for path in paths
        if path not in filled and not any(path[:size] in members for size in range(1, len(path)))
    ]
    return [_difference(kind, path, old.get(path), new.get(path)) for path in told]


_GONE = object()


def _unequal(before: Manifest, after: Manifest) -> tuple[Manifest, Manifest]:
    """Return both maps without what is equal in them: most of an object is, and need not be walked."""
    older, newer = {}, {}
    for name in {**before, **after}:
        old, new = before.get(name, _GONE), after.get(name, _GONE)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            old, new = _unequal(old, new)
        if old is not _GONE:
            older[name] = old
        if new is not _GONE:
            newer[name] = new
    return older, newer


def _leaves(kind: str, manifest: Manifest) -> dict[fieldsets.Path, Any]:
    found = {}
    for path, value in fieldsets.leaves(kind, {key: manifest[key] for key in manifest if key != "status"}):
        member = path[-1].startswith("k:")
        found[path] = _Member(value) if member else value
    return found


class _Member:
    """A member of a list that has keys: told whole where it comes or goes, else field by field."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - any JSON
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Member)

    __hash__ = None  # type: ignore[assignment] # it is a value in a map, never a key


def _difference(kind: str, path: fieldsets.Path, before: Any, after: Any) -> Difference:  # noqa: ANN401 - any JSON
    where = fieldsets.spoken(path).removeprefix(".")
    if path[0] in WITHHELD.get(kind, ()):
        return where, None, None
    return where, _brief(before), _brief(after)


def _brief(value: Any) -> Any:  # noqa: ANN401 - any JSON
    plain = value.value if isinstance(value, _Member) else value
    if plain is None or isinstance(plain, bool | int | float):
        return plain
    text = plain if isinstance(plain, str) else json.dumps(plain, separators=(",", ":"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_same(made: Manifest, standing: Manifest) -> bool:
    """Whether two manifests are the same but for the resourceVersion, which is the store's."""
    return {**made, "metadata": _bare(made)} == {**standing, "metadata": _bare(standing)}


def _bare(manifest: Manifest) -> Manifest:
    return {key: value for key, value in manifest["metadata"].items() if key != "resourceVersion"}
