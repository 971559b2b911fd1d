"""Shares of pods, numbers or percentages of them, as strategies and budgets state them."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, invalid
from controller.engine.errors import Cause

WHOLE = 100


def share_faults(value: int | str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a share of pods: neither a percentage nor a number of them."""
    if isinstance(value, str):
        yield from each_invalid(path, value, grammar.percent(value))
    elif value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")


def more_than_all_faults(value: int | str, path: str) -> Iterator[Cause]:
    """Yield whether a percentage is of more than there is."""
    if isinstance(value, str) and share(value) > WHOLE:
        yield invalid(path, value, "must not be greater than 100%")


def share(value: int | str) -> int:
    """Return the number or the percentage as a number; malformed text counts as none."""
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%").lstrip("0")
    # Four digits say as much as four thousand: more than all.
    return int(digits[:4]) if value.endswith("%") and digits.isascii() and digits.isdigit() else 0
