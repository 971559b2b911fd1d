"""Label selectors: the grammar by which sets, pods and nodes find one another.

A requirement serves label selectors and node affinity alike; Gt and Lt occur in affinity only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from controller.engine.objects import Manifest

Labels = Mapping[str, str]
Values = tuple[str, ...]

# Bounded, because reading very long numbers is an error in Python.
_INTEGER = re.compile(r"[+-]?[0-9]{1,63}")
_INT64 = range(-(2**63), 2**63)


def integer(text: str) -> int | None:
    """Return the 64-bit integer that ``text`` writes in decimal, or None if it writes none."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if number in _INT64 else None


def _is_in(value: str | None, values: Values) -> bool:
    return value is not None and value in values


def _is_not_in(value: str | None, values: Values) -> bool:
    return value is None or value not in values


def _exists(value: str | None, _values: Values) -> bool:
    return value is not None


def _does_not_exist(value: str | None, _values: Values) -> bool:
    return value is None


def _numbers(value: str | None, values: Values) -> tuple[int, int] | None:
    """Return the label's number and the only wanted one, if both are numbers."""
    if value is None or len(values) != 1:
        return None
    had, wanted = integer(value), integer(values[0])
    return None if had is None or wanted is None else (had, wanted)


def _greater(value: str | None, values: Values) -> bool:
    pair = _numbers(value, values)
    return pair is not None and pair[0] > pair[1]


def _less(value: str | None, values: Values) -> bool:
    pair = _numbers(value, values)
    return pair is not None and pair[0] < pair[1]


def _never(_value: str | None, _values: Values) -> bool:
    return False


_OPERATORS: dict[str, Callable[[str | None, Values], bool]] = {
    "In": _is_in,
    "NotIn": _is_not_in,
    "Exists": _exists,
    "DoesNotExist": _does_not_exist,
    "Gt": _greater,
    "Lt": _less,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of ``matchExpressions`` or ``matchFields``.

    NotIn and DoesNotExist match a label that is not there. Gt and Lt compare 64-bit integers and
    match nothing else. An operator that is not known matches nothing.
    """

    key: str
    operator: str
    values: Values = ()

    @classmethod
    def read(cls, raw: Manifest) -> Self:
        """Read ``{key, operator, values}``."""
        return cls(raw["key"], raw["operator"], tuple(raw.get("values") or ()))

    def matches(self, labels: Labels) -> bool:
        """Whether these labels meet the requirement."""
        return _OPERATORS.get(self.operator, _never)(labels.get(self.key), self.values)

    @property
    def manifest(self) -> Manifest:
        """Return the entry as it stands in a manifest."""
        values = {"values": list(self.values)} if self.values else {}
        return {"key": self.key, "operator": self.operator, **values}


def matches(selector: Manifest | None, labels: Labels) -> bool:
    """Whether a ``LabelSelector`` selects these labels: an empty one all of them, None nothing."""
    if selector is None:
        return False
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    expressions = selector.get("matchExpressions")
    return not expressions or all(Requirement.read(raw).matches(labels) for raw in expressions)


def labels_text(labels: Labels | None) -> str:
    """Return labels in one line, sorted: ``key=value,...``."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))


def selector_text(selector: Manifest | None) -> str:
    """Return a ``LabelSelector`` in one line, sorted, in the grammar of kubectl's ``-l``."""
    wanted = (selector or {}).get("matchLabels") or {}
    listed = [(key, f"{key}={value}") for key, value in wanted.items()]
    expressions = (selector or {}).get("matchExpressions") or ()
    listed += [(each["key"], _expression_text(each)) for each in expressions]
    return ",".join(text for _key, text in sorted(listed, key=lambda pair: pair[0]))


def _expression_text(expression: Manifest) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator in {"Exists", "DoesNotExist"}:
        return f"!{key}" if operator == "DoesNotExist" else str(key)
    values = ",".join(sorted(expression.get("values") or ()))
    return f"{key} {operator.lower()} ({values})"
