"""The published types of Kubernetes: which fields each has, of what type, and how they are merged.

The table is schema.json, which tools/schema.py writes from the OpenAPI documents of the version that it
names. It is read when a type is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("schema.json")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type.

    ``type`` is "" for a string, else ``bool``, ``bytes`` (a string of base64), ``int32``, ``int64``,
    another type of the table, ``[]type`` for a list of it, ``{}type`` for a map of it, or ``any``.
    ``patch_key`` names the members of a list that a strategic merge patch merges, "" those of a list of
    scalars; with None a patch replaces the list. ``map_keys`` name the members of a list that server-side
    apply merges, ``is_set`` says that its members are scalars; an ``atomic`` field has one owner as a
    whole. ``omits_zero``: 0 and false say as much as the field's absence, and are left out.
    ``keeps_empty``: "" does not. ``enum`` lists the values that the field may have, if they are listed.
    """

    type: str
    patch_key: str | None = None
    map_keys: tuple[str, ...] = ()
    is_set: bool = False
    atomic: bool = False
    required: bool = False
    omits_zero: bool = False
    keeps_empty: bool = False
    enum: tuple[str, ...] = ()


UNKNOWN = Field("any")
"""What is said of a field that the table does not have."""


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(TABLE.read_text())
    return content


def version() -> str:
    """Return the version of Kubernetes that the types are of, such as ``1.36.0``."""
    return str(_table()["version"])


def types() -> tuple[str, ...]:
    """Return the names of all types that have fields."""
    return tuple(_table()["types"])


def named(full: str) -> str:
    """Return what the table calls a type, of which ``full`` ends with package, version and name.

    The last word is enough, but for a type of whose name there is another.
    """
    long = ".".join(full.rsplit(".", 3)[-3:])
    return long if long in _table()["types"] else full.rpartition(".")[2]


@cache
def fields_of(owner: str) -> Mapping[str, Field]:
    """Return the fields of a type; none for a type that the table does not have."""
    return {name: _field(said) for name, said in _table()["types"].get(owner, {}).items()}


def _field(said: str | list[Any]) -> Field:
    if isinstance(said, str):
        return Field(said)
    kind, facts = said
    return Field(
        type=kind,
        patch_key=facts.get("patch"),
        map_keys=tuple(facts.get("keys", ())),
        is_set="set" in facts,
        atomic="atomic" in facts,
        required="required" in facts,
        omits_zero="omitted" in facts,
        keeps_empty="empty" in facts,
        enum=tuple(facts.get("enum", ())),
    )


def field_of(owner: str, name: str) -> Field:
    """Return a field of a type; of a map, what each of its values is."""
    if owner.startswith("{}"):
        return Field(owner[2:])
    return fields_of(owner).get(name, UNKNOWN)


def member_of(listed: str) -> str:
    """Return the type of a list's members."""
    return listed[2:] if listed.startswith("[]") else "any"
