"""Strategic merge patch: maps merge, and lists merge by the keys that their types publish.

The directives and the order of merged lists are those of apimachinery's strategicpatch package: members
that the patch names come in the patch's order, before members of the server that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from controller.engine.errors import BadRequest
from controller.engine.objects import Manifest
from controller.engine.schema import field_of, member_of

DIRECTIVE = "$patch"
RETAIN = "$retainKeys"
DELETE_SCALARS = "$deleteFromPrimitiveList/"
ORDER = "$setElementOrder/"

Member = Any
"""A member of a list: a map with a key, or a scalar."""


def strategic_merge(kind: str, target: Manifest, patch: object) -> Manifest:
    """Return ``target``, an object of ``kind``, with a strategic merge patch applied.

    Raises BadRequest for a patch that is no map, a directive that is not known, or a list member
    without its merge key.
    """
    if not isinstance(patch, dict):
        raise BadRequest("error decoding patch: a strategic merge patch is a map")
    return _merge_map(kind, target, patch)


def _merge_map(kind: str, target: Manifest, patch: Manifest) -> Manifest:
    directive = patch.get(DIRECTIVE)
    rest = {key: value for key, value in patch.items() if key != DIRECTIVE}
    if directive == "replace":
        return _plain(kind, rest)
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise BadRequest(f"Unknown patch type: {directive} in {kind}")
    merged = dict(target)
    if RETAIN in rest:
        kept = _listed(rest[RETAIN], RETAIN)
        merged = {key: value for key, value in merged.items() if key in kept}
    for key, value in rest.items():
        if not key.startswith("$"):
            _merge_field(kind, merged, key, value)
        elif not key.startswith((DELETE_SCALARS, ORDER)) and key != RETAIN:
            raise BadRequest(f"Unknown directive: {key}")
    _delete_and_order(kind, merged, rest, target)
    return merged


def _merge_field(kind: str, merged: Manifest, key: str, value: object) -> None:
    field = field_of(kind, key)
    if value is None:
        merged.pop(key, None)
    elif isinstance(value, dict):
        standing = merged.get(key)
        merged[key] = _merge_map(field.type, standing if isinstance(standing, dict) else {}, value)
    elif isinstance(value, list) and field.patch_key is not None:
        standing = merged.get(key)
        known = standing if isinstance(standing, list) else []
        merged[key] = _merge_list(member_of(field.type), known, value, field.patch_key)
    else:
        merged[key] = value


def _plain(kind: str, patch: Manifest) -> Manifest:
    """Return what a patch makes of nothing: without directives and nulls."""
    return _merge_map(kind, {}, patch)


def _merge_list(kind: str, target: list[Member], patch: list[Member], key: str) -> list[Member]:
    if not key:
        merged = list(dict.fromkeys([*map(_scalar, target), *map(_scalar, patch)]))
        return in_order(merged, patch, target, _itself)
    named = _by(key)
    if odd := [member for member in patch if not isinstance(member, dict)]:
        raise BadRequest(f"map: {odd[0]} does not contain declared merge key: {key}")
    for member in patch:
        if member == {DIRECTIVE: "replace"}:
            return [_plain(kind, each) for each in patch if each != member]
    gone = [named(member) for member in patch if _is(member, "delete")]
    merged = [member for member in target if named(member) not in gone]
    told = [member for member in patch if not _is(member, "delete")]
    for member in told:
        place = next((at for at, each in enumerate(merged) if named(each) == named(member)), None)
        if place is None:
            merged.append(_plain(kind, member))
        else:
            merged[place] = _merge_map(kind, merged[place], member)
    return in_order(merged, told, target, named)


def _is(member: Member, directive: str) -> bool:
    return bool(member.get(DIRECTIVE) == directive)


def _scalar(member: Member) -> Member:
    if isinstance(member, dict | list):
        raise BadRequest("a list of scalars cannot be merged with a list of maps")
    return member


def _itself(member: Member) -> object:
    return member


def _by(key: str) -> Callable[[Member], object]:
    def named(member: Member) -> object:
        if not isinstance(member, dict) or key not in member:
            raise BadRequest(f"map: {member} does not contain declared merge key: {key}")
        return member[key]

    return named


def in_order(
    merged: list[Member], patch: Sequence[Member], target: Sequence[Member], named: Callable[[Member], object]
) -> list[Member]:
    """Order a merged list: the patch's members in its order, the others between as they stood."""
    asked, stood = [named(member) for member in patch], [named(member) for member in target]
    mine = sorted((m for m in merged if named(m) in asked), key=lambda member: asked.index(named(member)))
    others = [member for member in merged if named(member) not in asked]
    others.sort(key=lambda member: stood.index(named(member)) if named(member) in stood else len(stood))
    woven: list[Member] = []
    while mine and others:
        left, right = named(others[0]), named(mine[0])
        before = left in stood and right in stood and stood.index(left) < stood.index(right)
        woven.append((others if before else mine).pop(0))
    return woven + mine + others


def _delete_and_order(kind: str, merged: Manifest, patch: Manifest, target: Manifest) -> None:
    for directive, value in patch.items():
        if directive.startswith(DELETE_SCALARS):
            field = directive.removeprefix(DELETE_SCALARS)
            gone = _listed(value, directive)
            if isinstance(merged.get(field), list):
                merged[field] = [member for member in merged[field] if member not in gone]
        elif directive.startswith(ORDER):
            field = directive.removeprefix(ORDER)
            key = field_of(kind, field).patch_key
            if isinstance(merged.get(field), list) and key is not None:
                named = _by(key) if key else _itself
                stood = target.get(field) if isinstance(target.get(field), list) else []
                merged[field] = in_order(merged[field], _listed(value, directive), stood or [], named)


def _listed(value: object, directive: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequest(f"error decoding patch: {directive} is no list")
    return value
