"""What one pass decided, and what it tells of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from controller.engine.changes import Change
from controller.engine.values import value


class Names(Protocol):
    """Where a pass gets its names from, so that chance stays outside of the rules."""

    def suffix(self) -> str:
        """Return five characters of ``bcdfghjklmnpqrstvwxz2456789``."""

    def uid(self) -> str:
        """Return a uid that was never used."""


LINES = 200
"""How many lines a pass tells at most; a large one decides thousands of things."""


@value(frozen=True, slots=True)
class Line:
    """One thing that a controller saw or decided, for people who step through a cluster.

    ``facts`` are JSON; of a change they hold its ``reason``.
    """

    actor: str
    about: str
    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@value(frozen=True, slots=True)
class Outcome:
    """The changes of a pass in their order, and when (cluster time) to look again, if ever."""

    changes: tuple[Change, ...]
    come_back: float | None
    lines: tuple[Line, ...]
