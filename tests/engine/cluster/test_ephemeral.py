"""Ephemeral containers: put into a pod that runs, and what becomes of them."""

from __future__ import annotations

from typing import Any

from controller.engine.cluster import ephemeral
from controller.engine.cluster.restart import killed
from controller.engine.objects import Manifest, Pod
from tests.engine.cluster.test_containers import box, pod, shown, started
from tests.engine.play import Play

DEBUG = {"name": "look", "image": "busybox"}


def add(play: Play, *containers: Manifest) -> None:
    """Put containers into the pod, and let its kubelet look."""
    standing = pod(play)
    spec = {**standing.manifest["spec"], "ephemeralContainers": list(containers)}
    play.edit("Pod", {**standing.manifest, "spec": spec}, timers=standing.timers)
    play.wait(0)


def states(play: Play) -> dict[str, Any]:
    """Return the states of the pod's ephemeral containers."""
    entries = pod(play).manifest["status"].get(ephemeral.STATUSES, ())
    return {entry["name"]: next(iter(entry["state"])) for entry in entries}


def test_it_runs_beside_the_others_and_the_pod_stays_as_it_is() -> None:
    """One with no command of its own runs on; readiness and restarts are those of the others."""
    play = started(box())
    assert shown(play, 2) == "1/1 Running 0"
    add(play, DEBUG)
    assert (states(play), shown(play, 30)) == ({"look": "running"}, "1/1 Running 0")


def test_it_waits_for_the_pod_to_be_started() -> None:
    """As long as nothing runs there is nothing to look at."""
    play = started(box())
    add(play, DEBUG)
    assert states(play) == {}
    play.wait(2)
    assert states(play) == {"look": "running"}


def test_it_ends_with_its_command_and_is_not_started_again() -> None:
    """At its own time, which a change of the other containers does not move."""
    play = started(box())
    play.wait(2)
    add(play, {**DEBUG, "command": ["sh", "-c", "sleep 4; exit 3"]}, {**box("far", run="sleep 90")})
    play.wait(2)
    play.annotate_pod(pod(play), behaviour="never-ready")
    play.wait(1)
    assert states(play) == {"look": "running", "far": "running"}
    play.wait(2)
    assert states(play) == {"look": "terminated", "far": "running"}
    (entry, _) = pod(play).manifest["status"][ephemeral.STATUSES]
    assert entry["state"]["terminated"]["exitCode"] == 3
    assert shown(play, 30) == "0/1 Running 0"
    assert states(play) == {"look": "terminated", "far": "running"}


def test_it_stands_in_pods_whose_containers_go_one_by_one() -> None:
    """Whether or not the other containers are moved as one."""
    play = started(box(readinessProbe={"periodSeconds": 5}))
    play.wait(3)
    add(play, DEBUG)
    assert (states(play), shown(play, 10)) == ({"look": "running"}, "1/1 Running 0")


def test_one_that_is_killed_is_over() -> None:
    """And the others live on."""
    play = started(box())
    play.wait(2)
    add(play, DEBUG, {**DEBUG, "name": "other"})
    after = killed(pod(play), "look", play.now, 15)
    assert after is not None
    look, other = after[0]["status"][ephemeral.STATUSES]
    assert look["state"]["terminated"]["exitCode"] == 143
    assert "running" in other["state"]
    assert Pod.read(*after).ready
    assert killed(Pod.read(*after), "look", play.now, 15) is None
