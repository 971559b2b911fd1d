"""The containers of a pod one by one: init containers, probes, ends, and new starts."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.cluster.podsummary import summary_of
from controller.engine.objects import Manifest, Pod
from controller.engine.reasons import Reason
from controller.engine.settings import Settings
from tests.engine.play import Play

PROBE = {"initialDelaySeconds": 2, "periodSeconds": 5, "successThreshold": 2, "failureThreshold": 2}


def box(name: str = "main", **parts: Any) -> Manifest:
    """Return a container; ``run`` is a line for its shell."""
    command = {"command": ["sh", "-c", parts.pop("run")]} if "run" in parts else {}
    return {"name": name, "image": "box:1", **command, **parts}


def started(*containers: Manifest, behaviour: str = "ok", ready_after: str = "", **spec: Any) -> Play:
    """Return a cluster with one pod, bound at second 0, whose containers start a second later."""
    play = Play("a", settings=Settings(start_delay=1, stop_delay=1, node_grace=6))
    play.settle()
    words = {"behaviour": behaviour, **({"ready-after": ready_after} if ready_after else {})}
    annotations = {f"sim.everynode.dev/{key}": value for key, value in words.items()}
    meta = {"name": "p", "namespace": "default", "uid": "uid-p", "annotations": annotations}
    spec |= {"containers": list(containers), "tolerations": [{"operator": "Exists"}]}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    play.edit("Pod", made, Verb.ADDED)
    play.settle()
    return play


def pod(play: Play) -> Pod:
    """Return the pod."""
    return play.pod("a")


def shown(play: Play, seconds: float) -> str:
    """Let time go by; return what kubectl shows of the pod: READY STATUS RESTARTS."""
    play.wait(seconds)
    summary = summary_of(pod(play).manifest)
    return f"{summary.ready}/{summary.containers} {summary.word} {summary.restarts}"


def test_a_plain_pod_takes_no_more_changes_than_before() -> None:
    """Bound, Running, Ready: probes of others cost it nothing."""
    play = started(box())
    play.wait(10)

    assert [change.reason for change in play.history if change.key == ("Pod", "default", "p")] == [
        "an edit",
        Reason.SCHEDULED,
        Reason.CONTAINERS_STARTED,
        Reason.CONTAINERS_READY,
    ]


def test_a_readiness_probe_says_when_a_container_is_ready() -> None:
    """After its initial delay, and as many answers in a row as it wants."""
    play = started(box(readinessProbe=PROBE))

    assert shown(play, 1) == "0/1 Running 0"
    assert shown(play, 6.5) == "0/1 Running 0"
    assert shown(play, 1) == "1/1 Running 0"
    assert pod(play).ready


def test_a_probe_finds_out_late_that_a_container_is_not_ready_any_more() -> None:
    """When it has failed in a row for as often as it may; without a probe it is known at once."""
    play = started(box(readinessProbe=PROBE))
    play.wait(9)
    play.annotate_pod(pod(play), behaviour="never-ready")

    assert shown(play, 5) == "1/1 Running 0"
    assert shown(play, 5) == "0/1 Running 0"
    play.annotate_pod(pod(play), behaviour="ok")
    assert shown(play, 2) == "0/1 Running 0"
    assert shown(play, 9) == "1/1 Running 0"


def test_an_annotation_goes_before_the_probe() -> None:
    """ready-after is when a container is ready, in seconds after its start."""
    play = started(box(readinessProbe=PROBE), ready_after="3")

    assert shown(play, 3.5) == "0/1 Running 0"
    assert shown(play, 1) == "1/1 Running 0"


def test_a_startup_probe_holds_the_others_back() -> None:
    """Readiness is asked when the container has started."""
    play = started(box(startupProbe={"initialDelaySeconds": 4}, readinessProbe={"periodSeconds": 3}))

    assert shown(play, 4) == "0/1 Running 0"
    assert not pod(play).manifest["status"]["containerStatuses"][0]["started"]
    assert shown(play, 1.5) == "0/1 Running 0"
    assert pod(play).manifest["status"]["containerStatuses"][0]["started"]
    assert shown(play, 2) == "1/1 Running 0"


@pytest.mark.parametrize("kind", ["startupProbe", "livenessProbe"])
def test_an_unhealthy_container_is_killed_and_started_again(kind: str) -> None:
    """By its startup or liveness probe: at once the first time, later each further time."""
    play = started({**box(), kind: PROBE}, behaviour="unhealthy")
    assert shown(play, 7.5).endswith("0")
    assert shown(play, 1).endswith("Running 1")
    ended = pod(play).manifest["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert ended["exitCode"] == 137
    assert shown(play, 7).endswith("CrashLoopBackOff 1")
    assert shown(play, 9).endswith("CrashLoopBackOff 1")
    assert shown(play, 1.5).endswith("Running 2")

    play.annotate_pod(pod(play), behaviour="ok")
    assert shown(play, 60) == "1/1 Running 2"


def test_unhealthy_shows_only_where_something_asks() -> None:
    """Without a probe nobody finds out; a readiness probe makes it unready."""
    assert shown(started(box(), behaviour="unhealthy"), 30) == "1/1 Running 0"
    assert shown(started(box(readinessProbe=PROBE), behaviour="unhealthy"), 30) == "0/1 Running 0"
    calm = started(box(livenessProbe=PROBE), behaviour="unhealthy")
    calm.wait(4)
    calm.annotate_pod(pod(calm), behaviour="ok")
    assert shown(calm, 60) == "1/1 Running 0"


def test_init_containers_run_in_order() -> None:
    """Each when the one before it has done its work; the others wait for all of them."""
    play = started(box(), initContainers=[box("one", run="sleep 2"), box("two", run="echo; sleep 3")])

    assert shown(play, 0.5) == "0/1 Init:0/2 0"
    assert shown(play, 2) == "0/1 Init:0/2 0"
    assert shown(play, 2) == "0/1 Init:1/2 0"
    assert not pod(play).manifest["status"]["containerStatuses"][0]["state"].get("running")
    assert shown(play, 3) == "1/1 Running 0"
    states = pod(play).manifest["status"]["initContainerStatuses"]
    assert [each["state"]["terminated"]["reason"] for each in states] == ["Completed", "Completed"]


def test_an_init_container_that_is_not_simulated_has_done_its_work_at_once() -> None:
    """Whatever it would do."""
    play = started(box(), initContainers=[box("copy", run="cp /a /b"), box("none")])

    assert shown(play, 2) == "1/1 Running 0"


def test_an_init_container_that_fails_is_tried_again_or_fails_the_pod() -> None:
    """As the pod's restartPolicy says."""
    play = started(box(), initContainers=[box("one", run="exit 1")])
    assert shown(play, 2) == "0/1 Init:CrashLoopBackOff 1"
    assert shown(play, 10) == "0/1 Init:CrashLoopBackOff 2"
    play.annotate_pod(pod(play), behaviour="crash-loop")
    assert shown(play, 1) == "0/1 Init:CrashLoopBackOff 2"

    once = started(box(), initContainers=[box("one", run="exit 1")], restartPolicy="Never")
    assert shown(once, 2) == "0/1 Init:Error 0"
    assert pod(once).phase == "Failed"


def test_a_sidecar_runs_beside_the_others() -> None:
    """It counts as one of them, starts before them, and stops when they are done."""
    sidecar = box("side", restartPolicy="Always", startupProbe={"initialDelaySeconds": 3})
    play = started(box(run="sleep 5"), initContainers=[sidecar], restartPolicy="Never")

    assert shown(play, 2) == "0/2 Init:0/1 0"
    assert shown(play, 3) == "2/2 Running 0"
    assert shown(play, 5).endswith("Completed 0")
    assert pod(play).phase == "Succeeded"
    assert "terminated" in pod(play).manifest["status"]["initContainerStatuses"][0]["state"]


def test_a_sidecar_that_ends_is_started_again() -> None:
    """Whatever the pod's restartPolicy says, and with the code of success as well."""
    sidecar = box("side", run="sleep 3", restartPolicy="Always")
    play = started(box(), initContainers=[sidecar], restartPolicy="Never")

    assert shown(play, 5) == "2/2 Running 1"


@pytest.mark.parametrize(
    ("policy", "line", "word"),
    [
        ("Never", "sleep 1", "0/1 Completed 0"),
        ("Never", "sleep 1; exit 3", "0/1 Error 0"),
        ("OnFailure", "sleep 1", "0/1 Completed 0"),
        ("OnFailure", "sleep 1; exit 3", "0/1 CrashLoopBackOff 1"),
        ("Always", "sleep 1", "0/1 CrashLoopBackOff 1"),
    ],
)
def test_a_command_that_ends_is_started_again_as_the_pod_says(policy: str, line: str, word: str) -> None:
    """Always, when it failed, or never; then its pod has ended."""
    assert shown(started(box(run=line), restartPolicy=policy), 4) == word


def test_a_container_that_ran_for_long_is_forgiven() -> None:
    """It is started again at once."""
    play = started(box(run="sleep 700"))

    assert shown(play, 705) == "1/1 Running 1"
    assert shown(play, 700) == "1/1 Running 2"


def test_a_pod_lives_as_long_as_one_of_its_containers() -> None:
    """It fails if one of them failed."""
    play = started(box(run="sleep 1; exit 1"), box("long", run="sleep 5"), restartPolicy="Never")

    assert shown(play, 3) == "1/2 Error 0"
    assert pod(play).phase == "Running"
    play.wait(5)
    assert pod(play).phase == "Failed"


def test_a_command_that_waits_for_somebody_does_not_end() -> None:
    """Until whoever is attached ends it."""
    assert shown(started(box(command=["sh"], stdin=True), restartPolicy="Never"), 600) == "1/1 Running 0"


def test_a_machine_that_comes_back_tells_of_its_containers() -> None:
    """While nobody hears of it its pods are not ready; their containers ran on as they were."""
    play = started(box(readinessProbe=PROBE))
    play.wait(10)
    play.annotate_node("a", down="true")
    assert shown(play, 10) == "1/1 Running 0"
    assert not pod(play).ready
    play.annotate_node("a")
    assert shown(play, 1) == "1/1 Running 0"
    assert pod(play).ready


def test_a_container_that_a_status_does_not_tell_of_is_started() -> None:
    """A status that a client wrote may say less."""
    play = started(box(readinessProbe=PROBE), box("other"))
    play.wait(1)
    known = pod(play).manifest
    status = {**known["status"], "containerStatuses": known["status"]["containerStatuses"][:1]}
    play.edit("Pod", {**known, "status": status}, timers=pod(play).timers)

    assert shown(play, 20) == "2/2 Running 0"
