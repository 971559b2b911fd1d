"""Whatever is done to a clock, logs agree; whatever is typed, the shell answers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.container.commands import execute
from controller.engine.container.logs import ContainerLog, ContainerRun, LogOptions
from controller.engine.container.terminal import Terminal, Typed
from controller.engine.timeline import Span, Timeline
from tests.engine.container.executing import NOW, finish, inside, outcome
from tests.engine.container.printing import RUNNING, START, pod, said

TURNS = st.lists(
    st.tuples(st.floats(0, 60), st.sampled_from([0.0, 0.1, 1.0, 4.0]), st.sampled_from([0.0, 0.0, 7.0])),
    max_size=5,
)
"""Seconds until somebody turns the clock, its speed then (0: paused), and how far a step jumps."""


def clock_of(turns: list[tuple[float, float, float]]) -> Timeline:
    """Return a clock that was turned so."""
    spans = [Span(START - 5, 0, 1)]
    for seconds, speed, jump in turns:
        wall = spans[-1].wall + seconds
        spans.append(Span(wall, spans[-1].at(wall) + jump, speed))
    return Timeline(tuple(spans))


@settings(max_examples=60, deadline=None)
@given(TURNS, st.integers(0, 5), st.floats(0, 100), st.sampled_from(["3.3", "5"]))
def test_what_was_printed_stays_printed(
    turns: list[tuple[float, float, float]], known: int, later: float, every: str
) -> None:
    """A log that is read later begins with the one that was read before, in the order of its times."""
    made = pod(RUNNING, annotations={"log-line": "{number} {time}", "log-every": every})
    spans = clock_of(turns).spans
    before = Timeline(spans[: known + 1])
    now = spans[min(known + 1, len(spans) - 1)].wall - 0.001
    run = ContainerRun(0, START)

    first, then = said(made, run, now, before), said(made, run, spans[-1].wall + later, Timeline(spans))

    assert then[: len(first)] == first
    assert all(one.at <= other.at for one, other in pairwise(then))
    assert [line.text.split()[0] for line in then] == [str(number + 1) for number in range(len(then))]


@settings(max_examples=60, deadline=None)
@given(TURNS, st.floats(-10, 100), st.floats(-10, 100))
def test_since_skips_what_was_before_and_nothing_else(
    turns: list[tuple[float, float, float]], since: float, now: float
) -> None:
    """Which lines those are is told by their own times."""
    made = pod(RUNNING)
    output = ContainerLog(made, made["spec"]["containers"][0], ContainerRun(0, START), clock_of(turns))
    count = output.count(START + now)

    begin = output.begin(LogOptions(since=START + since), START + now)

    assert all(output.at(number) < START + since for number in range(begin))
    assert all(output.at(number) >= START + since for number in range(begin, count))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab$?{}='\"\\;&|<>()`#!~ \n\t/.-+%0²é"), max_size=30))
def test_any_script_ends_with_a_code(script: str) -> None:
    """Nothing that is typed breaks the shell."""
    _, _, code = outcome("sh", "-c", script, lines=["x\n"] * 3)

    assert 0 <= code <= 255


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["ls", "cat", "env", "printenv", "ps", "date", "echo", "id", "uname", "sleep", "kill", "sh"]
    ),
    st.lists(st.text(max_size=8), max_size=4),
)
def test_any_arguments_end_with_a_code(name: str, args: list[str]) -> None:
    """A program takes whatever a client sends."""
    _, code = finish(execute([name, *args], inside(), lambda: NOW))

    assert 0 <= code <= 255


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=10), max_size=10))
def test_any_keys_are_taken(keys: list[bytes]) -> None:
    """In whatever pieces they come: the same lines."""
    pieces = Terminal()
    found = [one for each in keys for one in pieces.feed(each)]

    whole = list(Terminal().feed(b"".join(keys)))
    assert [one for one in found if isinstance(one, Typed)] == [
        one for one in whole if isinstance(one, Typed)
    ]
