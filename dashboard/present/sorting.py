"""The heads of tables that people sort: each a link that sorts by its column, or the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import QueryDict

from dashboard.present.words import Word

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Head:
    """A head of a column. ``order`` is ascending, descending or none, ``url`` "" if it sorts by nothing."""

    label: Word
    url: str
    order: str
    number: bool


def heads(
    query: QueryDict, columns: Iterable[tuple[str, Word]], *, default: str, numbers: Iterable[str] = ()
) -> list[Head]:
    """Return the heads of columns, each by its key ("" for one that sorts nothing) and its label."""
    chosen, numbers = query.get("sort", "") or default, frozenset(numbers)
    return [_head(query, key, label, chosen, number=key in numbers) for key, label in columns]


def _head(query: QueryDict, key: str, label: Word, chosen: str, *, number: bool) -> Head:
    if not key:
        return Head(label, "", "none", number)
    order = {key: "ascending", f"-{key}": "descending"}.get(chosen, "none")
    changed: Any = query.copy()
    changed.pop("page", None)
    other = order == "ascending" or (order == "none" and number)
    changed["sort"] = f"-{key}" if other else key
    return Head(label, "?" + str(changed.urlencode(safe="/")), order, number)


def sort_by(items: Iterable[T], keys: Mapping[str, Callable[[T], Any]], sort: str) -> list[T]:
    """Return items sorted by one of the keys, with a minus before it the other way; "" or nonsense: as is."""
    key = keys.get(sort.removeprefix("-"))
    return sorted(items, key=key, reverse=sort.startswith("-")) if key else list(items)
