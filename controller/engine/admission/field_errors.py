"""The forms a fault can take, in the words of the API server.

Each function makes one ``Cause``. ``path`` is the field's path, such as ``spec.selector``; ``value``
is shown as the server shows it: text in quotes, everything else as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from controller.engine.errors import Cause


def shown(value: object) -> str:
    """Return a value as messages show it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def required(path: str, detail: str = "") -> Cause:
    """Say that a value is missing."""
    return Cause(path, "FieldValueRequired", ": ".join(filter(None, ("Required value", detail))))


def invalid(path: str, value: object, detail: str) -> Cause:
    """Say what a value breaks."""
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown(value)}: {detail}")


def plainly_invalid(path: str, detail: str) -> Cause:
    """Say what a value breaks without showing it."""
    return Cause(path, "FieldValueInvalid", f"Invalid value: {detail}")


def each_invalid(path: str, value: object, details: Iterable[str]) -> list[Cause]:
    """Say everything that one value breaks."""
    return [invalid(path, value, detail) for detail in details]


def unsupported(path: str, value: object, supported: Iterable[str]) -> Cause:
    """Say that a value is none of a closed set."""
    listed = ", ".join(shown(one) for one in supported)
    return Cause(
        path, "FieldValueNotSupported", f"Unsupported value: {shown(value)}: supported values: {listed}"
    )


def duplicate(path: str, value: object, detail: str = "") -> Cause:
    """Say that a value stands there twice."""
    message = ": ".join(filter(None, (f"Duplicate value: {shown(value)}", detail)))
    return Cause(path, "FieldValueDuplicate", message)


def forbidden(path: str, detail: str) -> Cause:
    """Say that a value may not be given here."""
    return Cause(path, "FieldValueForbidden", f"Forbidden: {detail}")


def not_found(path: str, value: object) -> Cause:
    """Say that what a value names is not there."""
    return Cause(path, "FieldValueNotFound", f"Not found: {shown(value)}")


def too_long(path: str, limit: int) -> Cause:
    """Say that a text has more than ``limit`` bytes."""
    return Cause(path, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> Cause:
    """Say that a list has more than ``limit`` entries."""
    return Cause(path, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} items")
