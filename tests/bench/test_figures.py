"""The bench's table and its keys; the measuring itself is ``make bench``'s."""

from __future__ import annotations

from tests.bench.figures import FIGURES, table

MET = {figure.key: figure.target for figure in FIGURES}


def test_all_figures_are_told() -> None:
    """The table has a line for each figure, in the order of the project's aims."""
    lines = table(MET).splitlines()[2:]

    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == [each.what for each in FIGURES]


def test_a_target_is_met_exactly() -> None:
    """A figure that is as large as it may be is no miss."""
    assert "MISSED" not in table(MET)


def test_a_miss_is_told() -> None:
    """A figure that is too large says so, and no other does."""
    missed = table(MET | {"roll_1_s": 40.1}).splitlines()

    assert [line for line in missed if "MISSED" in line] == [
        "| rolling update of it, maxUnavailable 1 | 78 s | <= 40 s | 40.1 s MISSED |"
    ]
