"""Reading wild JSON: the first step of admission, and the one that fears nothing.

Whatever a client sent becomes an object of its kind, with fields of the published types only, so that
all behind it can trust the types. Fields that say nothing (null, "", empty lists and maps, false where
that is the default) are left out, as the API server leaves them out: they are no difference.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.engine.admission.decoding import Misfit, spoilt_at
from controller.engine.errors import BadRequest, Cause, WrongTypes
from controller.engine.kinds import KINDS
from controller.engine.matching.quantities import SAID, canonical
from controller.engine.objects import Manifest
from controller.engine.schema import Field, fields_of

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
LONGEST_SHOWN = 40
DEEPEST = 64


class WrongType(Exception):
    """A value that is not what its field holds; the text says what it should be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An object as it was read, the paths of fields that its kind does not have, and wrong types.

    ``misfit`` is the first value of a wrong type.
    """

    manifest: Manifest
    unknown: tuple[str, ...]
    wrong: tuple[Cause, ...]
    misfit: Misfit | None = None


def read(kind: str, raw: object) -> Reading:
    """Read any JSON value as an object of one of the table's kinds. Never raises."""
    reader = _Reader()
    manifest = reader.read(raw, kind, "", "")
    return Reading(manifest or {}, tuple(reader.unknown), tuple(reader.wrong), reader.misfit)


def typed(kind: str, raw: object) -> Manifest:
    """Return an object with its unknown fields dropped; BadRequest lists every wrong type."""
    reading = read(kind, raw)
    if reading.wrong:
        raise wrong_types(kind, reading)
    return reading.manifest


def strictly_typed(kind: str, raw: object) -> Manifest:
    """Return an object; BadRequest lists every wrong type, or else every unknown field."""
    reading = read(kind, raw)
    if reading.unknown and not reading.wrong:
        listed = ", ".join(f'unknown field "{path}"' for path in reading.unknown)
        raise BadRequest(cannot_handle(kind, f"strict decoding error: {listed}"))
    return typed(kind, raw)


def wrong_types(kind: str, reading: Reading, most: int | None = None) -> WrongTypes:
    """Return the refusal of an object for its wrong types, of which ``most`` are told."""
    told = "; ".join(map(str, reading.wrong[:most]))
    misfit = reading.misfit
    decoder, converter = (misfit.undecodable, misfit.inconvertible) if misfit else ("", "")
    return WrongTypes(cannot_handle(kind, told), cannot_handle(kind, decoder), converter)


def cannot_handle(kind: str, reason: str) -> str:
    """Return the API server's sentence about an object that cannot be read."""
    return f'{kind} in version "{KINDS[kind].version}" cannot be handled as a {kind}: {reason}'


@dataclass(slots=True)
class _Reader:
    unknown: list[str] = dataclasses.field(default_factory=list)
    wrong: list[Cause] = dataclasses.field(default_factory=list)
    misfit: Misfit | None = None

    def read(self, raw: object, kind: str, path: str, holder: str) -> Any:  # noqa: ANN401 - JSON of the type that was asked for
        """Return a value as its type wants it, or None if it says nothing or is wrong.

        ``holder`` is the type of which ``path`` is a field.
        """
        try:
            if raw is None:
                return None
            if kind.startswith("[]"):
                return self._list(raw, kind[2:], path, holder)
            if kind.startswith("{}"):
                return self._map(raw, kind[2:], path, holder)
            if kind in SCALARS:
                return SCALARS[kind](raw)
            return self._struct(raw, kind, path)
        except WrongType as error:
            said = f"must be {error}, not {described(raw)}"
            self.misfit = self.misfit or Misfit(raw, kind, holder, path)
            self.wrong.append(Cause(path, "FieldValueTypeInvalid", said if path else f"the object: {said}"))
            return None

    def _list(self, raw: object, kind: str, path: str, holder: str) -> list[Any]:
        if not isinstance(raw, list):
            raise WrongType("a list")
        return [
            self.read(_zero(kind) if item is None else item, kind, f"{path}[{index}]", holder)
            for index, item in enumerate(raw)
        ]

    def _map(self, raw: object, kind: str, path: str, holder: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise WrongType("a map of names and values")
        return {
            _string(key): self.read(_zero(kind) if value is None else value, kind, f"{path}[{key}]", holder)
            for key, value in sorted(raw.items(), key=lambda item: str(item[0]))
        }

    def _struct(self, raw: object, kind: str, path: str) -> Manifest:
        if not isinstance(raw, dict):
            raise WrongType("a map of fields")
        known, found = fields_of(kind), {}
        for name, value in sorted(raw.items(), key=lambda item: str(item[0])):
            inner = f"{path}.{_printable(name)}" if path else _printable(name)
            if name not in known:
                self.unknown.append(inner)
                continue
            result = self.read(value, known[name].type, inner, kind)
            if not _says_nothing(known[name], result):
                found[name] = result
        return found


def _printable(name: object) -> str:
    return str(name).encode(errors="replace").decode()


def _says_nothing(field: Field, value: object) -> bool:
    if value is None or value == "":
        return value is None or not field.keeps_empty
    return not value and (field.omits_zero or field.type.startswith(("[]", "{}")))


def _zero(kind: str) -> object:
    """Return what the server makes of a null in a list or in a map."""
    if kind.startswith("[]"):
        return []
    return {"": "", "bytes": "", "bool": False, "int32": 0, "int64": 0, "Quantity": "0"}.get(kind, {})


def described(raw: object) -> str:
    """Return a value in words for a message."""
    if isinstance(raw, dict):
        return "a map"
    if isinstance(raw, list):
        return "a list"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        cut = raw if len(raw) <= LONGEST_SHOWN else raw[:LONGEST_SHOWN] + "..."
        return f"the text {json.dumps(cut)}"
    return f"the number {str(raw)[:LONGEST_SHOWN]}" if isinstance(raw, float) else "a number"


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise WrongType("a text (in quotes)")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise WrongType("a text of whole characters") from None
    return raw


def _bytes(raw: object) -> str:
    text = _string(raw)
    if spoilt_at(text) is not None:
        raise WrongType("a text in base64")
    return text


def _bool(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise WrongType("true or false")
    return raw


def _whole(bits: int) -> Callable[[object], int]:
    limit = 2 ** (bits - 1)

    def whole(raw: object) -> int:
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise WrongType("a whole number")
        if not -limit <= raw < limit:
            raise WrongType(f"a whole number of {bits} bits")
        return raw

    return whole


def _quantity(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise WrongType("a quantity such as 500m or 2Gi")
    if isinstance(raw, int) and abs(raw) >= 2**63:
        raise WrongType("a quantity of at most 64 bits")
    found = canonical(raw if isinstance(raw, str) else repr(raw))
    if found is None:
        raise WrongType(f"a quantity such as 500m or 2Gi ({SAID})")
    return found


def _int_or_string(raw: object) -> int | str:
    if isinstance(raw, str):
        return _string(raw)
    try:
        return _whole(32)(raw)
    except WrongType:
        raise WrongType("a whole number or a percentage") from None


def _time(raw: object) -> str:
    message = "a time such as 2026-01-31T09:30:00Z"
    if not isinstance(raw, str) or not TIME.fullmatch(raw):
        raise WrongType(message)
    try:
        datetime.fromisoformat(raw)
    except ValueError:
        raise WrongType(message) from None
    return raw


def _anything(raw: object) -> object:
    """Pass a map that the table does not describe, if it can be written as JSON again."""
    if not isinstance(raw, dict):
        raise WrongType("a map")
    layer: list[object] = [raw]
    for _ in range(DEEPEST):
        layer = [inner for value in layer for inner in _parts(value)]
        if not layer:
            return raw
    raise WrongType(f"at most {DEEPEST} levels deep")


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*map(_string, value), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise WrongType("made of finite numbers")
    if isinstance(value, int) and not isinstance(value, bool):
        _whole(64)(value)
    if isinstance(value, str):
        _string(value)
    return []


SCALARS: dict[str, Callable[[object], object]] = {
    "": _string,
    "bytes": _bytes,
    "bool": _bool,
    "int32": _whole(32),
    "int64": _whole(64),
    "Quantity": _quantity,
    "IntOrString": _int_or_string,
    "Time": _time,
    "MicroTime": _time,
    "RawExtension": _anything,
    "FieldsV1": _anything,
}
