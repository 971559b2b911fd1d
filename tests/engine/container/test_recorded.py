"""What a command found out on the network is kept with its pod."""

from __future__ import annotations

import math

import pytest

from controller.engine.container.recorded import (
    ANNOTATION,
    LONGEST_LINE,
    MOST_LINES,
    asks_network,
    goes_on_asking,
    recorded,
    with_record,
)
from controller.engine.container.scripts import Rounds, Script
from tests.builders import container
from tests.engine.container.printing import pod

SCRIPT = Script(((0.0, "a"), (1.5, "b")), 2.0, 3)


def test_what_is_kept_is_found_again() -> None:
    """Of each container the last two runs; nothing else of the pod changes."""
    made = pod()
    for run in range(3):
        made = with_record(made, "main", run, SCRIPT)
    made = with_record(made, "other", 0, SCRIPT)
    assert [recorded(made, "main", run) for run in range(3)] == [None, SCRIPT, SCRIPT]
    assert recorded(made, "other", 0) == SCRIPT
    assert {**made, "metadata": {}} == {**pod(), "metadata": {}}


def test_one_without_an_end_is_kept_with_what_it_was_told() -> None:
    """Its rounds, too; it is known as one that goes on asking."""
    endless = Script(
        (Rounds(4.0, 2.0, math.inf, ((0.0, "x"),)),), math.inf, 0, answers={"look_up web": {"why": "x"}}
    )
    made = with_record(pod(), "main", 0, endless)
    assert recorded(made, "main", 0) == endless
    assert goes_on_asking(made)
    over = Script((Rounds(4.0, 2.0, 7.0, ((0.0, "x"),)), (18.0, "y")), 18.0, 0)
    ended = with_record(made, "main", 0, over)
    assert recorded(ended, "main", 0) == over
    assert not goes_on_asking(ended)
    assert not goes_on_asking(pod())


def test_not_all_is_kept_of_a_long_one() -> None:
    """So many lines, and so much of a line."""
    kept = recorded(with_record(pod(), "main", 0, Script(((0.0, "x" * 9000),) * 900, 0, 0)), "main", 0)
    assert kept
    assert kept.lines == ((0.0, "x" * LONGEST_LINE),) * MOST_LINES


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"main/0": {"code": 1}}',
        '{"main/0": {"lines": 1}}',
        '{"main/0": {"lines": [], "seconds": null, "code": 0, "answers": []}}',
        '{"main/0": {"lines": [], "seconds": null, "code": 0, "answers": {"a": 1}}}',
        '{"main/0": {"lines": [[1, 2, 3]], "seconds": null, "code": 0}}',
    ],
)
def test_what_somebody_else_wrote_there_is_as_nothing(written: str) -> None:
    """People may write annotations."""
    made = pod()
    made["metadata"]["annotations"] = {ANNOTATION: written}
    assert recorded(made, "main", 0) is None


def test_only_some_commands_ask_the_network() -> None:
    """They name one of its programs somewhere."""
    assert asks_network(container("b", command=["sh", "-c", "sleep 1; nslookup web"]))
    assert not asks_network(container("b", command=["sleep", "1"]))
    assert not asks_network(container("curlimages/curl"))
