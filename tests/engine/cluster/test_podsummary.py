"""What kubectl shows of a pod in one line."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.cluster.podsummary import PodSummary, summary_of
from controller.engine.objects import Manifest

RUNS = {"state": {"running": {}}, "ready": True}
DONE = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}, "ready": False}


def pod(
    *entries: Manifest, meta: Manifest | None = None, first: list[Manifest] | None = None, **status: Any
) -> Manifest:
    """Return a pod with the statuses of its containers, and of init containers."""
    return {
        "metadata": meta or {},
        "spec": {"containers": [{}] * len(entries), "initContainers": [{}] * len(first or [])},
        "status": {"containerStatuses": list(entries), "initContainerStatuses": first or [], **status},
    }


def holding(kind: str, status: str = "True", **more: str) -> list[Manifest]:
    """Return conditions of which there is one."""
    return [{"type": kind, "status": status, **more}]


@pytest.mark.parametrize(
    ("made", "word"),
    [
        pytest.param(pod(), "Pending", id="nothing known"),
        pytest.param(pod(phase="Running"), "Running", id="a phase"),
        pytest.param(pod(reason="Evicted", phase="Failed"), "Evicted", id="a reason"),
        pytest.param(
            pod(conditions=holding("PodScheduled", "False", reason="SchedulingGated")),
            "SchedulingGated",
            id="a gate",
        ),
        pytest.param(pod(RUNS, DONE, conditions=holding("Ready")), "Running", id="one is done"),
        pytest.param(pod(RUNS, DONE), "NotReady", id="one is done, the other not ready"),
        pytest.param(pod({"state": {"terminated": {"signal": 9}}}), "Signal:9", id="a signal"),
        pytest.param(pod({"state": {"terminated": {"exitCode": 3}}}), "ExitCode:3", id="a code"),
        pytest.param(pod({"state": {"waiting": {}}}, phase="Pending"), "Pending", id="it waits for nothing"),
        pytest.param(
            pod(first=[{"state": {"waiting": {"reason": "PodInitializing"}}}]), "Init:0/1", id="first"
        ),
        pytest.param(
            pod(first=[{"state": {"waiting": {"reason": "ErrImagePull"}}}]),
            "Init:ErrImagePull",
            id="first, in trouble",
        ),
        pytest.param(
            pod(RUNS, meta={"deletionTimestamp": "x"}, phase="Running"), "Terminating", id="it goes"
        ),
        pytest.param(
            pod(meta={"deletionTimestamp": "x"}, phase="Failed"), "Failed", id="it goes and is over"
        ),
        pytest.param(pod(meta={"deletionTimestamp": "x"}, reason="NodeLost"), "Unknown", id="it is lost"),
    ],
)
def test_a_word_says_how_a_pod_is(made: Manifest, word: str) -> None:
    """In the API server's reading."""
    assert summary_of(made).word == word


def test_restarts_are_those_of_all_containers_and_sidecars() -> None:
    """With the latest time at which one ended before."""
    ended = {"lastState": {"terminated": {"finishedAt": "2026-01-02"}}, "restartCount": 2}
    sidecar = {**RUNS, "name": "s", "started": True, **ended}
    made = pod({**RUNS, **ended}, {**RUNS, "restartCount": 1}, first=[sidecar])
    made["spec"]["initContainers"] = [{"name": "s", "restartPolicy": "Always"}]
    made["status"]["conditions"] = holding("Initialized")

    assert summary_of(made) == PodSummary(3, 3, "Pending", 5, "2026-01-02")
