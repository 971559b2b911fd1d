"""Sets of field paths, in the form in which Kubernetes stores them (``fieldsV1``).

A set is a nested map: ``f:NAME`` for a field, ``k:{KEYS}`` for a list's member by its keys, ``v:VALUE``
for a member of a set; ``"."`` says that the path itself is in the set. An empty map is a leaf in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from controller.engine.schema import Field, field_of, member_of

Fields = dict[str, Any]
Path = tuple[str, ...]
SELF = "."
OF_METADATA = (
    *("name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"),
    *("selfLink", "generateName", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
UNOWNED = frozenset(
    {("f:apiVersion",), ("f:kind",), ("f:metadata",), *(("f:metadata", f"f:{name}") for name in OF_METADATA)}
)
"""Fields that belong to the server and to nobody's set."""
LONGEST = 10_000
"""The most characters of a step that a client may send: paths of mounts are the longest keys there are."""
NESTED = re.compile(r"\A[^\[{]*[\[{][^\[{]*[\[{]")
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def step(value: object, listed: Field) -> str:
    """Return the step that leads to a member of a list."""
    if listed.map_keys and isinstance(value, dict):
        keys = {key: value.get(key, DEFAULT_KEYS.get(key)) for key in listed.map_keys}
        return "k:" + json.dumps(
            {key: at for key, at in keys.items() if at is not None}, separators=(",", ":")
        )
    return "v:" + json.dumps(value, separators=(",", ":"))


DEFAULT_KEYS = {"protocol": "TCP"}
"""Keys of list members that the types give a default."""


def leaves(kind: str, manifest: Any) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - any JSON
    """Yield every path of an object that can have an owner, with its value; members before their fields."""
    for path, value in _walk(Field(kind), manifest, ()):
        if path and path[:2] not in UNOWNED:
            yield path, value


def _walk(field: Field, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and value and not field.atomic and field.type != "any":
        for name, inner in value.items():
            yield from _walk(field_of(field.type, name), inner, (*path, f"f:{name}"))
    elif isinstance(value, list) and (field.map_keys or field.is_set):
        for member in value:
            place = (*path, step(member, field))
            yield place, member
            if field.map_keys:
                yield from _walk(Field(member_of(field.type)), member, place)
    else:
        yield path, value


def of(paths: Iterator[Path] | set[Path]) -> Fields:
    """Return the set that holds these paths."""
    made: Fields = {}
    for path in sorted(paths):
        where = made
        for part in path:
            where = where.setdefault(part, {})
        where[SELF] = {}
    return _folded(made)


def _folded(fields: Fields) -> Fields:
    """Write a leaf as an empty map, as Kubernetes does."""
    inner = {part: _folded(below) for part, below in fields.items() if part != SELF}
    if SELF in fields and inner:
        return {SELF: {}, **inner}
    return inner


def paths(fields: Fields) -> set[Path]:
    """Return the paths that a set holds."""
    return set(_paths(fields, ()))


def _paths(fields: Fields, before: Path) -> Iterator[Path]:
    for part, below in fields.items():
        if part == SELF:
            yield before
            continue
        path = (*before, part)
        if isinstance(below, dict) and below:
            yield from _paths(below, path)
        else:
            yield path


def is_set(fields: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether JSON that a client sent is a set: steps that are known, over maps."""
    if not isinstance(fields, dict):
        return False
    return all(_is_step(part) and is_set(below) for part, below in fields.items())


def _is_step(part: str) -> bool:
    """Whether a key is a step. Keys and values of lists are plain: nesting in them would break the reader."""
    if len(part) > LONGEST:
        return False
    if part == SELF or part.startswith("f:"):
        return True
    if NESTED.match(STRING.sub("", part)):
        return False
    try:
        value = json.loads(part[2:])
    except ValueError:
        return False
    return part.startswith(("v:", "i:")) or (part.startswith("k:") and isinstance(value, dict))


def spoken(path: Path) -> str:
    """Return a path as messages write it: ``.spec.containers[name="main"].image``."""
    said = ""
    for part in path:
        mark, rest = part[:2], part[2:]
        if mark == "f:":
            said += f".{rest}"
        elif mark == "k:":
            keys = ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items())
            said += f"[{keys}]"
        else:
            said += f"[={rest}]"
    return said
