"""What the API server says of a value that is not what its field holds.

Clients print this sentence as it comes, and people search for it; pages have clearer words for the same
fault, which name the place to the letter. The decoder of objects knows the types by their names in Go.
What a strategic merge patch makes of an object goes through a converter with sentences of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from controller.engine.matching.quantities import SAID

WRITTEN = re.compile(r"[+-]?[0-9]+\.?[0-9]*[eEinumkKMGTP]*[-+]?[0-9]*")
"""What is read as a quantity, before anybody asks whether there is such a suffix."""
SUBSCRIPT = re.compile(r"\[[^]]*\]")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]*)")
LAYOUT = "2006-01-02T15:04:05Z07:00"
"""How Go writes the form of a time."""
PARSED = {"Quantity", "Time", "MicroTime", "IntOrString"}
"""Types that read their JSON themselves."""
FORMS = {"[]": "slice", "bytes": "slice", "{}": "map"}
KINDS_OF = {str: "string", bool: "bool", int: "int64", float: "float64", list: "slice"}
SIMPLE = {"", "bool", "int32", "int64"}
SCALARS = {"": "string", "bytes": "[]uint8", "IntOrString": "int32", "Time": "string", "MicroTime": "string"}
BUILT_IN = {"bool", "int32", "int64"}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value of a field of type ``kind`` at ``path``; ``holder`` is the type of the schema that it is in."""

    raw: object
    kind: str
    holder: str
    path: str

    @property
    def undecodable(self) -> str:
        """Return what the decoder says."""
        return _undecodable(self.raw, self.kind, self.holder, self.path)

    @property
    def inconvertible(self) -> str:
        """Return what the converter says."""
        if self.kind in PARSED:
            return self.undecodable
        form = next((name for sign, name in FORMS.items() if self.kind.startswith(sign)), "")
        given = KINDS_OF.get(type(self.raw), "map")
        if form:
            return f"cannot restore {form} from {given}"
        wanted = _wanted(self.kind)
        if self.kind not in SIMPLE:
            return f"cannot restore struct from: {given}"
        if isinstance(self.raw, int | float) and not isinstance(self.raw, bool) and wanted != "bool":
            return f"cannot convert {given} to {wanted}"
        return f"unrecognized type: {wanted}"


def as_go(value: object) -> str:
    """Return a JSON value as Go prints it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{as_go(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(as_go, value))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _undecodable(raw: object, kind: str, holder: str, path: str) -> str:
    if kind == "Quantity":
        written = raw if isinstance(raw, str) else json.dumps(raw)
        return "unable to parse quantity's suffix" if WRITTEN.fullmatch(written) else SAID
    if kind in {"Time", "MicroTime"} and isinstance(raw, str):
        return f'parsing time {json.dumps(raw)} as "{LAYOUT}": cannot parse {json.dumps(raw)} as "2006"'
    if kind == "bytes" and isinstance(raw, str):
        return f"illegal base64 data at input byte {spoilt_at(raw)}"
    into = f"struct field {holder}.{SUBSCRIPT.sub('', path)}" if holder else "value"
    return f"json: cannot unmarshal {found(raw, kind)} into Go {into} of type {_wanted(kind)}"


def spoilt_at(text: str) -> int | None:
    """Return the byte at which a text stops being base64; None if it does not."""
    kept = text.replace("\r", "").replace("\n", "")
    read = BASE64.match(kept)
    end = read.end() if read else 0
    if end < len(kept):
        return end
    return end - end % 4 if end % 4 else None


def found(raw: object, kind: str = "") -> str:
    """Return a value as the decoder calls it: of a number that does not fit it tells which."""
    if isinstance(raw, bool):
        return "bool"
    if isinstance(raw, int | float):
        return f"number {json.dumps(raw)}" if kind in {"int32", "int64", "IntOrString"} else "number"
    if isinstance(raw, str):
        return "string"
    return "array" if isinstance(raw, list) else "object"


def _wanted(kind: str) -> str:
    """Return a type of the schema as Go names it."""
    if kind.startswith("[]"):
        return f"[]{_wanted(kind[2:])}"
    if kind == "{}Quantity":
        return "v1.ResourceList"
    if kind.startswith("{}"):
        return f"map[string]{_wanted(kind[2:])}"
    if kind in BUILT_IN:
        return kind
    return SCALARS.get(kind) or f"v1.{kind}"
