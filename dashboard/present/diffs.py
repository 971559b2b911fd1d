"""How one text differs from another, line by line, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff

from dashboard.present.words import counted

MOST_LINES = 2000
"""So many lines of a difference are shown."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference: ``kind`` is add, remove, hunk or same."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[DiffLine]:
    """Return how a text differs from another, with two lines around each difference."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))
    return diff_lines("\n".join(lines[2:]))


def diff_lines(text: str) -> list[DiffLine]:
    """Return a unified difference as lines."""
    kinds = {"+": "add", "-": "remove", "@": "hunk"}
    lines = text.splitlines()
    shown = [DiffLine(kinds.get(line[:1], "same"), line) for line in lines[:MOST_LINES]]
    if more := len(lines) - len(shown):
        shown.append(DiffLine("hunk", counted("%(n)s more line", "%(n)s more lines", more)))
    return shown
