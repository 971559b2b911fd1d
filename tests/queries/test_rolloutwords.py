"""What is said where a story of a whole cluster would be long: sentences on single pods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.engine.objects import Pod
from controller.queries import rolloutwords as words
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
    assert words.new_pod(new, left) == said


def test_old_pod() -> None:
    """An old pod in trouble is replaced first, unless people have to do it."""
    assert words.old_pod(CRASHED, replaced=True).endswith("(CrashLoopBackOff) and is replaced first")
    assert words.old_pod(NEVER_READY, replaced=False) == "its old pod is not available (Running)"


def test_ended() -> None:
    """A pod that has ended is told with its phase, and with the rest of its back-off if there is one."""
    ended = pod("over", node="node-1", phase="Failed", ready=False)
    assert words.ended(ended, 0.0) == "its pod has ended (Failed)"
    assert words.ended(ended, 1.5) == "its pod has ended (Failed) and is left alone for 2 s more"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "It waits for node-1: its pod is stopping."),
        (4, "It waits for 4 nodes. node-1 is the first: its pod is stopping."),
    ],
)
def test_waits_for(count: int, said: str) -> None:
    """One node is named, of several the first."""
    assert words.waits_for(count, "node-1", words.stopping()) == said


def test_budget_taken() -> None:
    """One slot is the only one; of several one holder is named."""
    said = "node-1", words.cut_off()
    assert words.budget_taken(1, *said) == (
        "The only slot of the budget is held by node-1: the node does not answer."
    )
    assert words.budget_taken(3, *said).startswith("All 3 slots of the budget are taken. node-1 holds one")
