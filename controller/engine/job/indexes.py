"""The indexes of an Indexed Job: how a status writes them, and which are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

LONGEST, MOST = 9, 1_000_000
"""No number of more digits, and no index beyond, is read: people may write a status, and a long range."""


def indexes_of(text: str) -> set[int]:
    """Read indexes from ``0-2,5``; text that is none holds none."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        if all(each.isdecimal() and len(each) <= LONGEST for each in (first, last if dash else first)):
            found.update(range(int(first), min(int(last or first), MOST) + 1))
    return found


def indexes_text(indexes: Iterable[int]) -> str:
    """Write indexes as ``0-2,5``; three or more that follow each other are a range, two are not."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(_run(first, last) for first, last in runs)


def _run(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if first + 1 == last else f"{first}-{last}"


def lowest_free(taken: Collection[int], many: int, below: int) -> list[int]:
    """Return the lowest ``many`` indexes that are not taken."""
    return list(islice((index for index in range(below) if index not in taken), many))
