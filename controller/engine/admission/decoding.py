"""What the API server's decoder says of a value that is not what its field holds.

Clients print this sentence as it comes, and people search for it; pages have clearer words for the same
fault, which name the place to the letter. The decoder knows the types by their names in Go.
"""

from __future__ import annotations

import json
import re

from controller.engine.matching.quantities import SAID

WRITTEN = re.compile(r"[+-]?[0-9]+\.?[0-9]*[eEinumkKMGTP]*[-+]?[0-9]*")
"""What is read as a quantity, before anybody asks whether there is such a suffix."""
SUBSCRIPT = re.compile(r"\[[^]]*\]")
LAYOUT = "2006-01-02T15:04:05Z07:00"
"""How Go writes the form of a time."""
SCALARS = {"": "string", "bytes": "[]uint8", "IntOrString": "int32", "Time": "string", "MicroTime": "string"}
BUILT_IN = {"bool", "int32", "int64"}


def undecodable(raw: object, kind: str, holder: str, path: str) -> str:
    """Return the sentence about a value of a field of ``kind`` in a type ``holder`` (of the schema)."""
    if kind == "Quantity":
        written = raw if isinstance(raw, str) else json.dumps(raw)
        return "unable to parse quantity's suffix" if WRITTEN.fullmatch(written) else SAID
    if kind in {"Time", "MicroTime"} and isinstance(raw, str):
        return f'parsing time {json.dumps(raw)} as "{LAYOUT}": cannot parse {json.dumps(raw)} as "2006"'
    into = f"struct field {holder}.{SUBSCRIPT.sub('', path)}" if holder else "value"
    return f"json: cannot unmarshal {_found(raw, kind)} into Go {into} of type {_wanted(kind)}"


def _found(raw: object, kind: str) -> str:
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
