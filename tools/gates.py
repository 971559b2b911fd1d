"""Measures the code against the project's bars, prints the medians, and fails over the two limits.

A limit is a request to find the idea that splits the piece, never to shorten lines.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
LONGEST_FUNCTION = 50
LONGEST_MODULE = 400
MEDIAN_FUNCTION = 8
MEDIAN_MODULE = 150
LEFT_OUT = {"migrations", "vendor"}
COPIED = {"tests/conformance/conformance.py"}  # kept as it was recorded with


@dataclass(frozen=True, order=True)
class Piece:
    """A function or a module, with its length in lines."""

    lines: int
    where: str


def sources() -> Iterator[Path]:
    """Yield the project's modules, those of git and new ones, without what is generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=BASE,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.split():
        path = BASE / name
        if path.exists() and not LEFT_OUT & set(path.parts) and name not in COPIED:
            yield path


def functions(path: Path, tree: ast.Module) -> Iterator[Piece]:
    """Yield each function of the module; decorators do not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Piece(lines, f"{path.relative_to(BASE)}:{node.lineno} {node.name}")


def table(title: str, pieces: Sequence[Piece], bar: int, limit: int) -> str:
    """Return one line of the table: count, median against its bar, nine tenths, longest against the limit."""
    lengths = [piece.lines for piece in pieces]
    median = statistics.median(lengths)
    tenth = statistics.quantiles(lengths, n=10)[-1] if len(lengths) > 1 else median
    mark = "" if median <= bar else "  <- over its bar"
    return (
        f"{title:<22}{len(lengths):>6}  median {median:>5g} (bar {bar})  p90 {tenth:>5.0f}"
        f"  longest {max(lengths):>4} (limit {limit}){mark}"
    )


def main() -> int:
    """Print the table; return 1 when a piece is over its limit."""
    modules: dict[bool, list[Piece]] = {True: [], False: []}
    every: dict[bool, list[Piece]] = {True: [], False: []}
    for path in sources():
        text = path.read_text(encoding="utf-8")
        is_test = "tests" in path.relative_to(BASE).parts
        if text.strip().count("\n"):  # a bare docstring of a package says nothing of the bars
            modules[is_test].append(Piece(text.count("\n"), str(path.relative_to(BASE))))
        every[is_test].extend(functions(path, ast.parse(text)))
    over: list[str] = []
    for is_test, title in ((False, "code"), (True, "tests")):
        if modules[is_test] and every[is_test]:
            print(table(f"{title}: modules", modules[is_test], MEDIAN_MODULE, LONGEST_MODULE))
            print(table(f"{title}: functions", every[is_test], MEDIAN_FUNCTION, LONGEST_FUNCTION))
        if not is_test:  # a long table of cases is read by its ids
            over += [f"{p.lines} lines: {p.where}" for p in modules[is_test] if p.lines > LONGEST_MODULE]
        over += [f"{p.lines} lines: {p.where}" for p in every[is_test] if p.lines > LONGEST_FUNCTION]
    print("\n".join(["Over the limit:", *sorted(over)]) if over else "Nothing is over its limit.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
