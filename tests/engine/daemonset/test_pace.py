"""How fast a rollout goes, and when it may end."""

from __future__ import annotations

from math import inf

import pytest

from controller.engine.daemonset.pace import pace_of


def test_a_steady_rollout_has_a_narrow_range_around_its_pace() -> None:
    """A hundred nodes, one each 10 s, and 60 to come: about 600 s."""
    found = pace_of([10.0 * step for step in range(101)], 60, 1000)
    assert found is not None
    assert found.per_minute == pytest.approx(6)
    assert 450 < found.soonest < 600 < found.latest < 750


def test_one_that_slows_down_has_a_wide_range() -> None:
    """What it did in the last third may be what it does from now on."""
    found = pace_of([*range(60), 75.0], 30, 90)
    assert found is not None
    assert found.latest > 10 * found.soonest


def test_one_that_stands_still_has_no_latest() -> None:
    """Nothing came in the last third."""
    found = pace_of([0.0, 1, 2, 3], 5, 100)
    assert found is not None
    assert found.latest == inf


@pytest.mark.parametrize(
    ("done", "remaining"), [([], 5), ([1.0, 2.0], 5), ([1.0, 1.0, 1.0], 5), ([1.0, 2, 3], 0)]
)
def test_little_is_no_pace(done: list[float], remaining: int) -> None:
    """Too few nodes, all at once, or nothing left to do."""
    assert pace_of(done, remaining, 10) is None
