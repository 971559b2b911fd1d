"""What the command of a container prints in one run."""

from __future__ import annotations

import math

import pytest

from controller.engine.container.logs import ContainerRun, LogOptions
from controller.engine.container.scriptlogs import ScriptLog
from controller.engine.container.scripts import Rounds, Script
from controller.engine.timeline import Span, Timeline
from tests.engine.container.printing import EVEN, START

SCRIPT = Script(((0, "one"), (5, "two"), (9, "three")), 10, 0)


def texts(log: ScriptLog, now: float) -> list[str]:
    """Return what was printed by a wall time."""
    return [log.line(number).text for number in range(log.count(now))]


def test_lines_come_at_their_times() -> None:
    """Of cluster time; there is none after the last."""
    log = ScriptLog(ContainerRun(0, START), EVEN, SCRIPT)

    assert texts(log, START - 1) == []
    assert texts(log, START + 5) == ["one", "two"]
    assert log.at(2) == START + 9
    assert log.at(3) == math.inf


def test_a_clock_that_stands_still_prints_nothing_more() -> None:
    """The next line has no time yet."""
    paused = Timeline((Span(START, 0, 1), Span(START + 6, 6, 0)))
    log = ScriptLog(ContainerRun(0, START), paused, SCRIPT)

    assert texts(log, START + 100) == ["one", "two"]


def test_a_run_that_was_killed_printed_what_it_had_to_until_then() -> None:
    """One that ended by itself, all."""
    killed, done = ContainerRun(0, START, START + 6, 143), ContainerRun(0, START, START + 10.9, 0)

    assert texts(ScriptLog(killed, EVEN, SCRIPT), START) == ["one", "two"]
    assert texts(ScriptLog(done, EVEN, SCRIPT), START) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (LogOptions(), 0),
        (LogOptions(tail=1), 1),
        (LogOptions(tail=9), 0),
        (LogOptions(since=START + 1), 1),
        (LogOptions(since=START + 60), 2),
        (LogOptions(tail=2, since=START + 1), 1),
    ],
)
def test_the_options_say_where_to_begin(options: LogOptions, first: int) -> None:
    """By count and by time, the later of both."""
    assert ScriptLog(ContainerRun(0, START), EVEN, SCRIPT).begin(options, START + 6) == first


ROUNDS = Script(
    ((0, "a"), Rounds(4, 2, 3, ((0, "b"), (1, "c"))), Rounds(20, 5, math.inf, ()), (10, "d")), 10, 0
)
ENDLESS = Script(((0, "a"), Rounds(1, 2, math.inf, ((0, "b"), (1.5, "c")))), math.inf, 0)


def test_rounds_of_a_loop() -> None:
    """Each prints its lines, so many times; what follows comes behind them."""
    log = ScriptLog(ContainerRun(0, START), EVEN, ROUNDS)
    assert texts(log, START + 6) == ["a", "b", "c", "b"]
    assert texts(log, START + 100) == ["a", *"bcbcbc", "d"]
    assert [log.at(number) - START for number in range(8)] == [0, 4, 5, 6, 7, 8, 9, 10]
    assert log.at(8) == math.inf
    assert log.begin(LogOptions(since=START + 7), START + 100) == 4


def test_rounds_without_an_end() -> None:
    """The n-th line is known at once; one that was killed printed what it had to until then."""
    log = ScriptLog(ContainerRun(0, START), EVEN, ENDLESS)
    assert texts(log, START + 0.5) == ["a"]
    assert texts(log, START + 5) == ["a", "b", "c", "b", "c", "b"]
    assert log.at(1_000_001) == START + 1 + 2 * 500_000
    assert log.count(START + 1 + 2 * 500_000) == 1_000_002
    assert log.begin(LogOptions(tail=2), START + 5) == 4
    killed = ScriptLog(ContainerRun(0, START, START + 5, 137), EVEN, ENDLESS)
    assert killed.count(START) == 6
    assert killed.at(6) == math.inf
