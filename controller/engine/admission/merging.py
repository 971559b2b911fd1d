"""Reading the published types: which type a field has, and how its lists and maps are merged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from controller.engine.admission.merges import MERGES
from controller.engine.admission.shape import fields_of


@dataclass(frozen=True, slots=True)
class Rule:
    """How a field is merged. ``patch_key`` is None where a patch replaces the list, "" for scalars.

    ``map_keys`` name the members of a list that server-side apply merges, ``is_set`` one of scalars;
    ``atomic`` fields have one owner as a whole.
    """

    patch_key: str | None = None
    map_keys: tuple[str, ...] = ()
    is_set: bool = False
    atomic: bool = False


PLAIN = Rule()


@cache
def rule_of(owner: str, field: str) -> Rule:
    """Return how a type's field is merged; a type that is atomic makes its fields so."""
    inner = type_of(owner, field)
    said = _words(f"{owner}.{field}") + [word for word in _words(inner) if not inner.startswith(("[]", "{}"))]
    keyed = dict(word.split("=", 1) for word in said if "=" in word)
    keys = tuple(key for key in keyed.get("map", "").split(",") if key)
    return Rule(keyed.get("patch"), keys, "set" in said, "atomic" in said)


def _words(name: str) -> list[str]:
    found = re.search(rf"^{re.escape(name)} (.*)$", MERGES, re.MULTILINE)
    return found[1].split() if found else []


def type_of(owner: str, field: str) -> str:
    """Return the type of a type's field as the table spells it; "any" for one that it does not know."""
    if owner.startswith("{}"):
        return owner[2:]
    return fields_of(owner).get(field, "any") if owner else "any"


def member_of(listed: str) -> str:
    """Return the type of a list's members."""
    return listed[2:] if listed.startswith("[]") else "any"
