"""Cluster time and wall time, after people paused, sped up and stepped a clock."""

from __future__ import annotations

import math

import pytest

from controller.engine.timeline import Span, Timeline

# From wall 100 at x1; from 110 paused at 10; stepped to 25; from 120 on at x10.
TRIED = Timeline((Span(100, 0, 1), Span(110, 10, 0), Span(115, 25, 0), Span(120, 25, 10)))


@pytest.mark.parametrize(
    ("wall", "cluster"),
    [
        pytest.param(90, -10, id="before all that is known"),
        pytest.param(105, 5, id="running"),
        pytest.param(112, 10, id="paused"),
        pytest.param(117, 25, id="stepped"),
        pytest.param(121, 35, id="fast"),
    ],
)
def test_each_wall_time_has_a_cluster_time(wall: float, cluster: float) -> None:
    """The stretch that holds then decides."""
    assert TRIED.cluster_at(wall) == cluster


@pytest.mark.parametrize(
    ("cluster", "wall"),
    [
        pytest.param(-10, 90, id="before all that is known"),
        pytest.param(5, 105, id="running"),
        pytest.param(10, 110, id="when it was paused"),
        pytest.param(20, 115, id="what a step jumped over"),
        pytest.param(25, 115, id="where the step went"),
        pytest.param(35, 121, id="fast"),
    ],
)
def test_each_cluster_time_was_reached_once(cluster: float, wall: float) -> None:
    """What a step jumps over was reached when somebody stepped."""
    assert TRIED.wall_at(cluster) == wall


def test_a_paused_clock_never_gets_further() -> None:
    """Until somebody resumes it."""
    paused = Timeline((Span(100, 7, 0),))

    assert paused.wall_at(7) == 100
    assert paused.wall_at(7.1) == math.inf


def test_a_jump_to_a_clock_that_runs_happens_where_it_begins() -> None:
    """Not before it, as its own speed would have it."""
    assert Timeline((Span(100, 0, 0), Span(110, 50, 1))).wall_at(20) == 110
