"""The words of a rollout: why a node is waited for, and what the whole set waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.engine.daemonset.staged.status import Status
from controller.engine.daemonset.staged.status import Why as Stopped
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Pod
from controller.queries.rollouts import Cause, Motion, Progress, Waiting, WaitsFor, Why, why_new
from dashboard.present.rolloutwords import progress_words, why_words
from tests.builders import pod

STARTING = pod("starting", node="node-1", phase="Pending", ready=False, timers={"due": 1.0})
CRASHED = replace(STARTING, waiting="CrashLoopBackOff")
NEVER_READY = pod("never", node="node-1", ready=False)
PLACELESS = pod("placeless", phase="Pending", ready=False)
READY = pod("ready", node="node-1")


@pytest.mark.parametrize(
    ("new", "left", "said"),
    [
        pytest.param(STARTING, 9.0, "its new pod is starting", id="starting"),
        pytest.param(CRASHED, 9.0, "its new pod is in trouble (CrashLoopBackOff)", id="crashed"),
        pytest.param(NEVER_READY, 9.0, "its new pod is in trouble (never ready)", id="never ready"),
        pytest.param(PLACELESS, 9.0, "the scheduler finds no room for its new pod", id="no place"),
        pytest.param(READY, 2.2, "its new pod is ready, and available in 3 s", id="ready"),
        pytest.param(READY, 0.0, "its new pod is available; the old one goes", id="available"),
    ],
)
def test_new_pod(new: Pod, left: float, said: str) -> None:
    """A new pod is waited for by what it lacks."""
    assert why_words(why_new(new, left)) == said


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Why(Cause.NODE_DOWN), "the node does not answer"),
        (Why(Cause.OLD_REPLACED, "Running"), "its old pod is not available (Running) and is replaced first"),
        (Why(Cause.OLD_STAYS, "Running"), "its old pod is not available (Running)"),
        (Why(Cause.ENDED, "Failed"), "its pod has ended (Failed)"),
        (Why(Cause.ENDED, "Failed", 1.5), "its pod has ended (Failed) and is left alone for 2 s more"),
    ],
)
def test_why(why: Why, said: str) -> None:
    """A cause is said with what the pod says of itself, and with the rest of a back-off."""
    assert why_words(why) == said


STOPPING = Waiting("node-1", "agent-1", Why(Cause.STOPPING), holds_slot=True, stuck=False)


@pytest.mark.parametrize(
    ("motion", "facts", "said"),
    [
        (Motion.DONE, {}, "All 3 nodes that should run it have an available pod of this revision."),
        (Motion.DONE, {"counts": Counts(0, 0, 0, 0, 0, 0)}, "No node should run this set."),
        (Motion.PAUSED, {"old": 2}, "The rollout is paused: 2 old pods stay until it is resumed."),
        (Motion.ON_DELETE, {"old": 1}, "OnDelete: 1 old pod stays until somebody deletes it."),
        (Motion.MOVING, {}, "Its controller goes on with it."),
        (Motion.MOVING, {"waits_for": WaitsFor(1, STOPPING)}, "It waits for node-1: its pod is stopping."),
        (
            Motion.STUCK,
            {"waits_for": WaitsFor(4, STOPPING)},
            "It waits for 4 nodes. node-1 is the first: its pod is stopping.",
        ),
        (
            Motion.STUCK,
            {"waits_for": WaitsFor(1, STOPPING, takes_budget=True)},
            "The only slot of the budget is held by node-1: its pod is stopping.",
        ),
        (
            Motion.STUCK,
            {"waits_for": WaitsFor(3, STOPPING, takes_budget=True)},
            "All 3 slots of the budget are taken. node-1 holds one: its pod is stopping.",
        ),
        (
            Motion.PAUSED,
            {"status": Status(why=Stopped.FAILURES, failed=("node-1",))},
            "Its plan paused it, for these nodes are in trouble: node-1.",
        ),
        (  # a status names the first few only
            Motion.PAUSED,
            {"status": Status(why=Stopped.FAILURES, failed=("a", "b", "c", "d", "e"))},
            "Its plan paused it, for these nodes are in trouble: a, b, c, d, e, ….",
        ),
    ],
)
def test_progress(motion: Motion, facts: dict[str, object], said: str) -> None:
    """One sentence says what a set waits for; of several nodes one is named."""
    plain = Progress(
        revision=2,
        hash="h",
        paused=False,
        bound="maxUnavailable",
        limit=1,
        min_ready_seconds=0,
        counts=Counts(3, 3, 3, 3, 3, 0),
        old=0,
        budget=1,
        used=0,
        waiting=(),
        motion=motion,
        waits_for=None,
    )

    assert progress_words(replace(plain, **facts)) == said  # type: ignore[arg-type] # a table's facts
