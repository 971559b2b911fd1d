"""Tables of objects that forks of a world share until one of them writes.

A world of a hundred thousand pods is forked to try something out, and a fork changes little: so a fork
copies the list of the tables, and a table only when it is first written to, on either side.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

EMPTY: Mapping[Any, Any] = MappingProxyType({})


class Tables(Mapping[K, Mapping[tuple[str, str, str], V]], Generic[K, V]):
    """Tables by name; each holds objects by their key. One that is empty is not kept."""

    def __init__(self) -> None:
        self._tables: dict[K, dict[tuple[str, str, str], V]] = {}
        self._mine: set[K] = set()

    def __getitem__(self, name: K) -> Mapping[tuple[str, str, str], V]:
        return self._tables[name]

    def __iter__(self) -> Iterator[K]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def of(self, name: K) -> Mapping[tuple[str, str, str], V]:
        """Return a table, or an empty one."""
        return self._tables.get(name, EMPTY)

    def put(self, name: K, key: tuple[str, str, str], value: V) -> None:
        """Write an object into a table."""
        table = self._tables[name] if name in self._mine else self._own(name)
        table[key] = value

    def drop(self, name: K, key: tuple[str, str, str]) -> None:
        """Take an object out of a table, if it is there."""
        if key in self.of(name):
            table = self._own(name)
            del table[key]
            if not table:
                del self._tables[name]
                self._mine.discard(name)

    def _own(self, name: K) -> dict[tuple[str, str, str], V]:
        """Return a table that no fork shares."""
        if name not in self._mine:
            self._tables[name] = dict(self._tables.get(name, EMPTY))
            self._mine.add(name)
        return self._tables[name]

    def fork(self) -> Tables[K, V]:
        """Return a twin that shares every table until one of the two writes to it."""
        twin: Tables[K, V] = Tables()
        twin._tables = self._tables.copy()
        self._mine = set()
        return twin
