"""The patches that need no knowledge of types: JSON merge patch and JSON patch (RFC 7396 and 6902)."""

from __future__ import annotations

import copy
from typing import Any

from controller.engine.errors import BadRequest, Unprocessable

MOST_OPERATIONS = 10_000


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
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise BadRequest("error decoding patch: a JSON patch is a list of operations")
    if len(operations) > MOST_OPERATIONS:
        raise BadRequest(f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}")
    document: Any = copy.deepcopy(target)
    for operation in operations:
        document = _apply(document, operation)
    if not isinstance(document, dict):
        raise Unprocessable("the patched object is no map")
    return document


def _apply(document: Any, operation: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    name, path = operation.get("op"), _pointer(operation.get("path"))
    if name in {"add", "replace", "test"} and "value" not in operation:
        raise BadRequest(f"error decoding patch: {name} operation without a value")
    if name == "test":
        if not _same(_find(document, path), operation["value"]):
            raise Unprocessable(f"testing value {operation.get('path')} failed: test failed")
        return document
    if name in {"add", "replace", "remove"}:
        return _write(document, path, name, copy.deepcopy(operation.get("value")))
    if name in {"copy", "move"}:
        source = _pointer(operation.get("from"))
        value = copy.deepcopy(_find(document, source))
        without = _write(document, source, "remove", None) if name == "move" else document
        return _write(without, path, "add", value)
    raise BadRequest(f"error decoding patch: unexpected kind: {name!r}")


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
    if not part.isascii() or not part.isdigit() or int(part[:10]) > last:
        raise Unprocessable(f"the list has no member {part!r}")
    return int(part)


def _write(document: Any, path: list[str], name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return value
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        _write_member(parent, last, name, value)
    elif not isinstance(parent, dict) or (name != "add" and last not in parent):
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
