"""The patches that need no knowledge of types: JSON merge patch and JSON patch (RFC 7396 and 6902)."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from controller.engine.admission.decoding import found
from controller.engine.admission.shape import DEEPEST
from controller.engine.errors import BadRequest, Unprocessable

UNREADABLE = "error decoding patch: json: cannot unmarshal"
MOST_OPERATIONS = 10_000
MOST_COPIED = 3 * 1024 * 1024
"""The most characters of JSON that a patch may copy in all: what is copied again and again doubles."""
INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def deeper(value: object, levels: int) -> bool:
    """Return whether there are more than so many maps and lists within each other."""
    layer = [value] if isinstance(value, dict | list) else []
    while layer and levels > 0:
        layer = [inner for outer in layer for inner in _members(outer) if isinstance(inner, dict | list)]
        levels -= 1
    return bool(layer)


def _members(value: Any) -> Any:  # noqa: ANN401 - a view of a map's or list's members
    return value.values() if isinstance(value, dict) else value


def merge_patch(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return ``target`` with a merge patch applied: null removes, maps merge, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def json_patch(target: dict[str, Any], operations: object) -> dict[str, Any]:
    """Return ``target`` with the operations applied, all or none.

    Raises BadRequest for what is no list of operations, Unprocessable for one that cannot be carried
    out: a path that is not there, a test that fails.
    """
    if not isinstance(operations, list):
        raise BadRequest(f"{UNREADABLE} {found(operations)} into Go value of type []handlers.jsonPatchOp")
    for operation in operations:
        if not isinstance(operation, dict):
            raise BadRequest(f"{UNREADABLE} {found(operation)} into Go value of type handlers.jsonPatchOp")
    if len(operations) > MOST_OPERATIONS:
        raise BadRequest(f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}")
    document: Any = copy.deepcopy(target)
    room = MOST_COPIED
    for operation in operations:
        document, copied = _apply(document, operation, room)
        room -= copied
    if not isinstance(document, dict):
        raise Unprocessable("the patched object is no map")
    return document


def _apply(document: Any, operation: dict[str, Any], room: int) -> tuple[Any, int]:  # noqa: ANN401 - any JSON
    """Return the document after an operation, and how much was copied, of ``room`` at most."""
    name, path = operation.get("op"), _pointer(operation.get("path"))
    if name in {"add", "replace", "test"} and "value" not in operation:
        raise BadRequest(f"error decoding patch: {name} operation without a value")
    if name == "test":
        if not _same(_find(document, path), operation["value"]):
            raise Unprocessable(f"testing value {operation.get('path')} failed: test failed")
        return document, 0
    if name == "remove":
        return _write(document, path, name, None), 0
    if name in {"add", "replace"}:
        return _write(document, path, name, copy.deepcopy(operation["value"])), 0
    if name == "move":
        source = _pointer(operation.get("from"))
        value = _find(document, source)
        return _write(_write(document, source, "remove", None), path, "add", value), 0
    if name == "copy":
        text = json.dumps(_find(document, _pointer(operation.get("from"))))
        if len(text) > room:
            raise BadRequest(f"a patch can copy {MOST_COPIED} bytes in all: send the values instead")
        return _write(document, path, "add", json.loads(text)), len(text)
    raise Unprocessable(f"unexpected kind: {name!r}")


def _same(left: object, right: object) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return left == right


def _pointer(path: object) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise BadRequest(f"error decoding patch: {path!r} is no JSON pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _find(document: Any, path: list[str]) -> Any:  # noqa: ANN401 - any JSON
    for part in path:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list):
            document = document[_index(part, len(document) - 1)]
        else:
            raise Unprocessable(f"the path {'/'.join(['', *path])} is not there")
    return document


def _index(part: str, last: int) -> int:
    if not INDEX.fullmatch(part) or int(part) > last:
        raise Unprocessable(f"the list has no member {part!r}")
    return int(part)


def _write(document: Any, path: list[str], name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if deeper(value, DEEPEST - len(path)):
        raise BadRequest(f"the patched object would be nested more than {DEEPEST} levels deep")
    if not path:
        return value
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        _write_member(parent, last, name, value)
    elif not isinstance(parent, dict) or (name == "remove" and last not in parent):
        raise Unprocessable(f"the path {'/'.join(['', *path])} is not there")
    elif name == "remove":
        del parent[last]
    else:
        parent[last] = value
    return document


def _write_member(parent: list[Any], last: str, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    if name == "add":
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    elif name == "remove":
        del parent[_index(last, len(parent) - 1)]
    else:
        parent[_index(last, len(parent) - 1)] = value
