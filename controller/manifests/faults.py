"""What is wrong with a text, and where: one value a fault, for an editor as for a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.engine.errors import BadRequest, Refused, TooLarge

Place = tuple[int, int]
"""A line and a column of a text, both from 1."""

MOST_FAULTS = 100
"""So many faults of a text are told, as the API server tells of fields that are wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a text. ``line`` and ``column`` count from 1; 0 is the whole text, or the whole line.

    ``document`` is the number of the object, from 1, if the text holds several, else 0. ``path`` is the
    field, "" if it is about none.
    """

    message: str
    line: int = 0
    column: int = 0
    document: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.document:
            return f"Document {self.document}, line {self.line}: {self.message}"
        return f"Line {self.line}: {self.message}" if self.line else self.message


class Unreadable(BadRequest):
    """A text that is no YAML, or none that is accepted, from one place on if there is one."""

    def __init__(self, place: Place | None, said: str) -> None:
        super().__init__(_placed(place, said))
        self.fault = Fault(said, *(place or ()))


class Overgrown(TooLarge):
    """A text that is too long, or spells out to too much from one place on."""

    def __init__(self, place: Place | None, said: str) -> None:
        super().__init__(_placed(place, said))
        self.fault = Fault(said, *(place or ()))


class Faulty(BadRequest):
    """A text with objects that are none of their kinds."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults in the order in which they stand in the text."""
    return sorted(faults, key=lambda one: (one.line, one.column))


def faults_of_reading(refused: Refused) -> list[Fault]:
    """Return what reading a text found wrong with it; nothing if it was refused for another reason."""
    if isinstance(refused, Faulty):
        return refused.faults
    return [refused.fault] if isinstance(refused, Unreadable | Overgrown) else []


def _placed(place: Place | None, said: str) -> str:
    return f"line {place[0]}, column {place[1]}: {said}" if place else said
