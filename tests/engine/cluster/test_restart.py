"""A container whose first process is killed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from controller.engine.cluster.restart import killed
from controller.engine.objects import Manifest, Moment, Pod
from tests.builders import container
from tests.engine.container.printing import BEGAN, RUNNING, pod, waiting

NOW = Moment(datetime(2026, 1, 1, 0, 5, tzinfo=UTC), 300)
TWO: dict[str, Any] = {"containers": [container(), container(name="other")]}


def kill(made: Manifest, signal: int = 15) -> tuple[Manifest, dict[str, float]] | None:
    """Kill the container ``main``."""
    return killed(Pod.read(made, {"born": 1, "ready": 2, "due": 3}), "main", NOW, signal)


def entries(made: Manifest) -> list[Any]:
    """Return the statuses of a pod's containers."""
    return list(made["status"]["containerStatuses"])


def test_it_is_started_again_and_counted() -> None:
    """Unready until its kubelet looks again, and how it ended is remembered."""
    after = kill(pod(RUNNING, annotations={"ready-after": "4"}))

    assert after is not None
    (entry,) = entries(after[0])
    assert entry["restartCount"] == 1
    assert entry["state"] == {"running": {"startedAt": NOW.stamp}}
    assert entry["lastState"]["terminated"] == {
        "exitCode": 143,
        "reason": "Error",
        "startedAt": BEGAN,
        "finishedAt": NOW.stamp,
    }
    assert not Pod.read(*after).ready
    assert after[0]["status"]["phase"] == "Running"
    assert after[1] == {"born": 1, "due": 304}


def test_others_of_the_pod_live_on() -> None:
    """A container is killed alone."""
    made = pod(RUNNING, {**RUNNING, "name": "other"}, **TWO)
    after = kill(made)

    assert after is not None
    assert [entry["restartCount"] for entry in entries(after[0])] == [1, 0]


def test_what_does_not_run_is_left_alone() -> None:
    """There is nothing to kill."""
    assert kill(pod(waiting("CrashLoopBackOff"))) is None
    assert kill(pod()) is None


def test_a_pod_that_is_not_to_be_restarted_fails_with_its_last_container() -> None:
    """As long as another runs, the pod does."""
    alone = kill(pod(RUNNING, restartPolicy="Never"), 9)
    beside = kill(pod(RUNNING, {**RUNNING, "name": "other"}, restartPolicy="Never", **TWO), 9)

    assert alone is not None
    assert beside is not None
    assert alone[0]["status"]["phase"] == "Failed"
    assert entries(alone[0])[0]["state"]["terminated"]["exitCode"] == 137
    assert beside[0]["status"]["phase"] == "Running"


def test_a_container_that_never_told_its_start_began_now() -> None:
    """A status that a client wrote may say less."""
    after = kill(pod({"state": {"running": {}}}))

    assert after is not None
    assert entries(after[0])[0]["lastState"]["terminated"]["startedAt"] == NOW.stamp
