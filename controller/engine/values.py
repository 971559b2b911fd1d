"""Values: dataclasses that nobody changes, made by the hundred thousand.

A frozen dataclass sets each of its fields by a call, so to make one takes three times as long as to make
one that is not frozen. A value is frozen for mypy, which reads all of this tree; when the program runs,
nothing stands in the way.
"""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen, slots):  # noqa: ANN001, ANN201 -- what it says to mypy is above
        """Make a class of values: compared and hashed by their fields, like a frozen dataclass."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)


class Code(StrEnum):
    """A word out of a few. It is hashed as its text: for the hash of an Enum Python is called each time."""

    __hash__ = str.__hash__


__all__ = ["Code", "value"]
