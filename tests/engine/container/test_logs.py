"""What containers print: the same line for whoever asks, whenever."""

from __future__ import annotations

import math
from typing import Any

import pytest

from controller.engine.container.logs import (
    KEPT,
    ContainerLog,
    ContainerRun,
    LogOptions,
    container_of,
    run_of,
    stamp_of,
    wall_of,
)
from controller.engine.errors import BadRequest
from controller.engine.timeline import Span, Timeline
from tests.builders import container
from tests.engine.container.printing import (
    DIED,
    ENDED,
    EVEN,
    RUNNING,
    START,
    pod,
    said,
    texts,
    waiting,
)

ALIVE = ContainerRun(0, START)


def monitor(**facts: Any) -> ContainerLog:
    """Return the output of a monitor, a line each 5 seconds."""
    made = pod(RUNNING, image="luksa/ssd-monitor", **facts)
    return ContainerLog(made, made["spec"]["containers"][0], ALIVE, EVEN)


def test_a_line_comes_at_once_and_then_every_so_many_seconds() -> None:
    """Of cluster time, from when the container started."""
    lines = said(pod(RUNNING, image="luksa/ssd-monitor"), ALIVE, START + 10.5)

    assert texts(lines) == ["SSD OK"] * 3
    assert [line.at - START for line in lines] == [0, 5, 10]


def test_a_program_opens_with_lines_of_its_own() -> None:
    """All at its start, before the first beat."""
    assert texts(said(pod(RUNNING), ALIVE, START + 11)) == [
        "beat:1 starts on n",
        "beat:1 runs in talker: 1",
        "beat:1 runs in talker: 2",
    ]


def test_nothing_is_printed_before_the_start() -> None:
    """Neither is there a line later than now."""
    assert said(pod(RUNNING), ALIVE, START - 1) == []
    assert monitor().at(3) == START + 15


def test_a_line_keeps_its_time_when_the_clock_is_touched() -> None:
    """Paused after 7 s, and from 60 s on at x10."""
    made = pod(RUNNING, image="luksa/ssd-monitor")
    touched = Timeline((Span(START, 0, 1), Span(START + 7, 7, 0), Span(START + 60, 7, 10)))

    before, after = said(made, ALIVE, START + 6), said(made, ALIVE, START + 61, touched)

    assert after[:2] == before
    assert [line.at - START for line in after] == pytest.approx([0, 5, 60.3, 60.8])


def test_a_paused_clock_prints_nothing_more() -> None:
    """The next line has no time yet."""
    made = pod(RUNNING, image="luksa/ssd-monitor")
    output = ContainerLog(made, made["spec"]["containers"][0], ALIVE, Timeline((Span(START, 0, 0),)))

    assert output.at(output.count(START + 100) + 1) == math.inf


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, []),
        (137, []),
        (143, ["received signal 15, terminating"]),
        (1, ["fatal: the simulated program ends here (it was made to)", "exit status 1"]),
    ],
)
def test_a_container_that_ended_has_last_words_by_its_exit_code(code: int, words: list[str]) -> None:
    """They come after all else, and there the log ends for good."""
    made = pod(RUNNING, image="luksa/ssd-monitor")
    run = ContainerRun(0, START, START + 7, code)
    lines = said(made, run, START + 1_000)

    assert texts(lines) == ["SSD OK", "SSD OK", *words]
    output = ContainerLog(made, made["spec"]["containers"][0], run, EVEN)
    assert output.at(len(lines)) == math.inf


def test_a_crash_tells_which_annotation_made_it() -> None:
    """So that nobody looks for a fault in a program that there is not."""
    lines = said(pod(annotations={"behaviour": "crash-loop"}), ContainerRun(0, START, START, 1), START)

    assert texts(lines) == [
        "beat:1 starts on n",
        "fatal: the simulated program ends here (sim.everynode.dev/behaviour: crash-loop)",
        "exit status 1",
    ]


def test_a_long_log_is_rotated() -> None:
    """Between once and twice as many lines as are kept, and always from the same line on."""
    output = monitor(annotations={"log-every": "1"})

    assert output.oldest(START + 2 * KEPT - 1) == 0
    assert output.oldest(START + 2 * KEPT + 1) == KEPT
    assert output.oldest(START + 3 * KEPT - 1) == KEPT


@pytest.mark.parametrize(
    ("options", "first"),
    [
        pytest.param(LogOptions(), 0, id="all"),
        pytest.param(LogOptions(tail=2), 9, id="the last"),
        pytest.param(LogOptions(tail=0), 11, id="none"),
        pytest.param(LogOptions(tail=100), 0, id="more than there are"),
        pytest.param(LogOptions(since=START + 20), 4, id="since a line"),
        pytest.param(LogOptions(since=START + 21), 5, id="since later"),
        pytest.param(LogOptions(since=START + 500), 11, id="since the future"),
        pytest.param(LogOptions(tail=3, since=START + 10), 8, id="both: the later"),
    ],
)
def test_the_options_say_where_to_begin(options: LogOptions, first: int) -> None:
    """Eleven lines were printed in 50 seconds."""
    assert monitor().begin(options, START + 50.5) == first


def test_a_line_is_sent_with_its_time_if_that_is_asked_for() -> None:
    """In nanoseconds, as a kubelet does."""
    line = monitor().line(1)

    assert line.render(timestamps=False) == b"SSD OK\n"
    assert line.render(timestamps=True) == b"2026-01-01T00:01:05.000000000Z SSD OK\n"


def test_times_are_read_back_as_they_are_written() -> None:
    """What is no time is the beginning of time."""
    assert wall_of(stamp_of(START)) == START
    assert wall_of(None) == 0


# -- which container, which run --------------------------------------------------------------------


def pair() -> dict[str, Any]:
    """Return the parts of a pod with two containers and one that comes first."""
    two = [container(name=name) for name in ("one", "two")]
    return {"containers": two, "initContainers": [container(name="first")]}


def test_the_only_container_needs_no_name() -> None:
    """Nor does it mind one; init containers are known by theirs."""
    assert container_of(pod(), "")["name"] == "main"
    assert container_of(pod(), "main")["name"] == "main"
    assert container_of(pod(**pair()), "first")["name"] == "first"


@pytest.mark.parametrize(
    ("spec", "name", "words"),
    [
        ({}, "x", "container x is not valid for pod talker"),
        (
            {"containers": pair()["containers"]},
            "",
            "a container name must be specified for pod talker, choose one of: [one two]",
        ),
        (
            pair(),
            "",
            (
                "a container name must be specified for pod talker, choose one of: [one two]"
                " or one of the init containers: [first]"
            ),
        ),
    ],
)
def test_a_container_must_be_named_among_several(spec: dict[str, Any], name: str, words: str) -> None:
    """In the API server's words."""
    with pytest.raises(BadRequest) as refused:
        container_of(pod(**spec), name)

    assert refused.value.sentence == words


@pytest.mark.parametrize(
    ("status", "previous", "words"),
    [
        ([], False, 'container "main" in pod "talker" is not available'),
        ([{}], False, 'container "main" in pod "talker" is waiting to start: no logs yet'),
        (
            [waiting("ContainerCreating")],
            False,
            'container "main" in pod "talker" is waiting to start: ContainerCreating',
        ),
        (
            [waiting("ErrImagePull")],
            False,
            'container "main" in pod "talker" is waiting to start: image can\'t be pulled',
        ),
        (
            [waiting("ImagePullBackOff")],
            False,
            'container "main" in pod "talker" is waiting to start: trying and failing to pull image',
        ),
        ([RUNNING], True, 'previous terminated container "main" in pod "talker" not found'),
    ],
)
def test_what_has_no_output_says_why(status: list[dict[str, Any]], previous: bool, words: str) -> None:  # noqa: FBT001 - an example
    """In a kubelet's words."""
    with pytest.raises(BadRequest) as refused:
        run_of(pod(*status), "main", previous=previous)

    assert refused.value.sentence == words


def test_the_run_that_lives_is_shown() -> None:
    """It is the one after as many restarts; it began within the second that the manifest names."""
    run = run_of(pod({**RUNNING, "restartCount": 2, "lastState": DIED}), "main")

    assert (run.number, run.ended) == (2, math.inf)
    assert 0 <= run.begun - START < 1


def test_previous_is_the_run_before() -> None:
    """With its exit code, to the end of its last second."""
    run = run_of(pod({**RUNNING, "restartCount": 2, "lastState": DIED}), "main", previous=True)

    assert (run.number, run.code) == (1, 1)
    assert run.ended == wall_of(ENDED) + 0.999


def test_a_crash_loop_shows_its_last_run_either_way() -> None:
    """Nothing else has any output."""
    looping = pod({**waiting("CrashLoopBackOff"), "restartCount": 3, "lastState": DIED})

    assert run_of(looping, "main") == run_of(looping, "main", previous=True)
    assert run_of(looping, "main").number == 3


@pytest.mark.parametrize("ended", [{}, {"startedAt": ENDED, "exitCode": 1}])
def test_a_crash_loop_takes_no_time(ended: dict[str, Any]) -> None:
    """Each run ends as it begins: it prints its first and its last words."""
    run = run_of(pod({"state": {"terminated": {"finishedAt": ENDED, **ended}}}), "main")

    assert run.begun == run.ended
    assert run.code == ended.get("exitCode", 0)


def test_what_is_killed_in_its_first_second_had_that_second() -> None:
    """What it printed in it stays."""
    ended = {"startedAt": ENDED, "finishedAt": ENDED, "exitCode": 143}
    run = run_of(pod({"state": {"terminated": ended}}), "main")

    assert run.ended > run.begun


def test_other_containers_statuses_do_not_matter() -> None:
    """Each container is found by its name."""
    made = pod(RUNNING, **pair())
    made["status"]["containerStatuses"].append({"name": "two", **RUNNING, "restartCount": 5})

    assert run_of(made, "two").number == 5
