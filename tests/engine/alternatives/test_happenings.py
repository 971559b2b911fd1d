"""What became of an instance, from what the log has of it."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.alternatives.happenings import (
    Happening,
    Outcome,
    Step,
    happenings,
    pod_instance,
    script_instance,
)
from controller.engine.alternatives.pieces import INIT_SCRIPT_ANNOTATION, WAY, Way
from controller.engine.changes import Change, Verb
from controller.engine.objects import DOWN_ANNOTATION

ADDED, MODIFIED, DELETED = Verb
READY, UNREADY, PENDING, LEAVING = "ready", "unready", "pending", "leaving"


def pod(state: str, way: str = "daemonset") -> dict[str, Any]:
    """Return a pod of the daemon in a state."""
    meta: dict[str, Any] = {"name": "a", "namespace": "x", "uid": "u", "labels": {WAY: way}}
    if state == LEAVING:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    ready = {"type": "Ready", "status": "True" if state in {READY, LEAVING} else "False"}
    placed = {"type": "PodScheduled", "status": "False", "message": "no room"}
    return {
        "metadata": meta,
        "spec": {} if state == PENDING else {"nodeName": "here"},
        "status": {"conditions": [ready, placed]},
    }


def became(before: str, *steps: tuple[Verb, str]) -> Happening | None:
    """Return what became of a pod; each step is by another actor, a second after the one before."""
    stood = [pod(before)] if before else []
    taken = [
        Step(at, Change(verb, "Pod", pod(state), f"actor-{at}", f"reason-{at}"))
        for at, (verb, state) in enumerate(steps, start=1)
    ]
    found = happenings(stood, taken, pod_instance)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("before", "steps", "outcome", "seconds", "by"),
    [
        ("", [(ADDED, PENDING), (MODIFIED, UNREADY), (MODIFIED, READY)], Outcome.CAME, 3, 1),
        ("", [(ADDED, PENDING), (MODIFIED, UNREADY)], Outcome.COMING, 1, 1),
        ("", [(ADDED, PENDING), (MODIFIED, PENDING)], Outcome.NOWHERE, 1, 1),
        ("", [(ADDED, READY), (MODIFIED, LEAVING), (DELETED, LEAVING)], Outcome.GONE, 2, 2),
        (READY, [(MODIFIED, LEAVING)], Outcome.GOING, 1, 1),
        (READY, [(MODIFIED, LEAVING), (DELETED, LEAVING)], Outcome.GONE, 1, 1),
        (READY, [(DELETED, READY)], Outcome.GONE, 1, 1),
        (READY, [(MODIFIED, UNREADY)], Outcome.DOWN, 1, 1),
        (READY, [(MODIFIED, UNREADY), (MODIFIED, READY)], Outcome.BACK, 2, 2),
        (UNREADY, [(MODIFIED, READY)], Outcome.BACK, 1, 1),
        (UNREADY, [(MODIFIED, READY), (MODIFIED, UNREADY)], Outcome.DOWN, 2, 2),
    ],
)
def test_a_pod(before: str, steps: list[tuple[Verb, str]], outcome: Outcome, seconds: int, by: int) -> None:
    """What is told is the last that it came to; who did it and why are those of the change that led there."""
    told = became(before, *steps)
    assert told
    assert (told.outcome, told.seconds) == (outcome, seconds)
    assert (told.actor, told.reason) == (f"actor-{by}", f"reason-{by}")


def test_nothing_became_of_it() -> None:
    """A pod that works as before, or as little as before, is not told of; nor is one of somebody else."""
    assert became(READY, (MODIFIED, READY)) is None
    assert became(UNREADY, (MODIFIED, UNREADY)) is None
    assert became("", (DELETED, LEAVING)) is None
    others = Step(1, Change(ADDED, "Pod", pod(READY, "another"), "ada", "why"))
    assert happenings([], [others], pod_instance) == []


def test_why_it_has_no_node() -> None:
    """The scheduler's own words are kept, as long as there is none."""
    unplaced, placed = pod_instance(pod(PENDING)), pod_instance(pod(READY))
    assert unplaced
    assert placed
    assert (unplaced.message, placed.message) == ("no room", "")


def script(*, there: bool = True, down: bool = False) -> dict[str, Any]:
    """Return a node with a script."""
    told = {INIT_SCRIPT_ANNOTATION: "daemon" if there else "", DOWN_ANNOTATION: "true" if down else ""}
    return {"metadata": {"name": "a", "uid": "n", "annotations": told}, "spec": {}}


def became_of_script(
    before: dict[str, Any], *after: tuple[Verb, dict[str, Any]]
) -> list[tuple[Outcome, str]]:
    """Return what became of a script, and who did it."""
    steps = [Step(1, Change(verb, "Node", manifest, "ada", "why")) for verb, manifest in after]
    return [(one.outcome, one.actor) for one in happenings([before], steps, script_instance)]


def test_a_script() -> None:
    """It is there while its machine is on, and what brings it back is the machine's own init."""
    up, down, none = script(), script(down=True), script(there=False)
    assert became_of_script(up, (MODIFIED, down)) == [(Outcome.DOWN, "ada")]
    assert became_of_script(down, (MODIFIED, up)) == [(Outcome.BACK, "init")]
    assert became_of_script(none, (MODIFIED, up)) == [(Outcome.CAME, "ada")]
    assert became_of_script(none, (MODIFIED, none)) == []
    assert became_of_script(up, (DELETED, up)) == [(Outcome.GONE, "ada")]
    assert Way.SCRIPT is script_instance(up).way  # type: ignore[union-attr]
