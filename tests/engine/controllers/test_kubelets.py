"""What machines do with the pods of a set, and what becomes of pods when a machine is lost."""

from __future__ import annotations

from typing import Any

from controller.engine.cluster.kubelet import rests, step
from controller.engine.container.sources import ConfigSources
from controller.engine.controllers.kubelet import Kubelets
from controller.engine.controllers.row import new_world
from controller.engine.mirrored import SETTLED
from controller.engine.objects import Pod
from tests.builders import container, pod
from tests.engine.play import Play, set_manifest


def test_crash_loops_slow_down_and_are_cured_by_an_annotation() -> None:
    """Restarts come after 10, 20, 40 ... seconds; an annotation on the live pod acts at once."""
    play = Play("a")
    play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/behaviour": "crash-loop"}}))
    play.settle()
    restarts = []
    for seconds in (9, 2, 18, 2):
        play.wait(seconds)
        restarts.append(play.pod("a").manifest["status"]["containerStatuses"][0]["restartCount"])
    assert restarts == [0, 1, 1, 2]
    assert play.pod("a").waiting == "CrashLoopBackOff"

    play.annotate_pod(play.pod("a"), behaviour="ok")
    play.settle()
    assert play.pod("a").ready


def test_an_image_that_cannot_be_pulled() -> None:
    """ErrImagePull comes first, then ImagePullBackOff, for as long as it takes."""
    play = Play("a")
    uid = play.add_set(set_manifest(image="agent:non-existent"))
    play.settle()
    assert play.pod("a").waiting == "ErrImagePull"
    play.wait(600)
    assert play.pod("a").waiting == "ImagePullBackOff"

    play.set_image(uid, "agent:2")
    play.settle()
    assert play.pod("a").ready


def test_a_lost_machine_leaves_pods_that_were_not_ready_as_they_were() -> None:
    """Only what was Ready turns unready."""
    play = Play("a")
    play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/behaviour": "never-ready"}}))
    play.settle()
    play.annotate_node("a", down="true")
    play.wait(10)
    assert play.events("NodeNotReady") == ["Node a status is now: NodeNotReady"]


def phases(play: Play) -> list[tuple[str, bool]]:
    """Return phase and readiness after each change of a pod in the next pass."""
    pods = [
        Pod.read(change.manifest, change.timers) for change in play.tick().changes if change.kind == "Pod"
    ]
    return [(pod.phase, pod.ready) for pod in pods]


def test_a_pod_is_ready_in_the_pass_that_binds_it_unless_it_needs_time() -> None:
    """Four changes, one after the other, for watches to see; with a delay there is time between them."""
    play = Play("a")
    play.add_set(set_manifest())
    assert phases(play) == [("Pending", False), ("Pending", False), ("Running", False), ("Running", True)]
    assert phases(play) == []
    assert play.world.due(play.now.cluster) is None

    slow = Play("a")
    slow.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/start-delay": "5"}}))
    assert phases(slow) == [("Pending", False), ("Pending", False)]
    assert phases(slow) == []
    slow.time += 5
    assert phases(slow) == [("Running", False), ("Running", True)]

    late = Play("a")
    late.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/ready-after": "5"}}))
    assert phases(late) == [("Pending", False), ("Pending", False), ("Running", False)]
    late.wait(5)
    assert late.pod("a").ready


def test_a_pod_that_a_real_kubelet_has_running_rests() -> None:
    """Whatever is in it: nobody here knows what its containers do, and none of ours moves it."""
    sidecar = container("side:1", restartPolicy="Always")
    facts: dict[str, Any] = {"node": "a", "initContainers": [sidecar]}
    assert not rests(pod(**facts))
    real = pod(timers={SETTLED: 1.0}, **facts)
    assert rests(real)
    play = Play("a")
    assert step(real, play.node("a"), play.now, play.settings, lambda _pod: ConfigSources()) is None
    assert not rests(pod(timers={SETTLED: 1.0}, terminating=True, **facts))
    assert not rests(pod(timers={SETTLED: 1.0}, ready=False, **facts))


def test_a_pod_rests_until_somebody_changes_it() -> None:
    """One that is ready for good is held packed and needs no kubelet; a change makes it move again."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    assert pod.is_packed
    assert rests(pod)
    world = new_world(play.settings)
    world.put(pod.key, pod)
    assert not world.controller(Kubelets).is_busy()

    play.annotate_pod(pod, behaviour="crash-loop")
    assert not rests(play.pod("a"))
    play.settle()
    assert play.pod("a").waiting == "CrashLoopBackOff"


def test_a_lost_machine_says_nothing_of_the_containers_of_its_pods() -> None:
    """The pod is not Ready, its containers are as they were last heard of; both hold when it is back."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    play.annotate_node("a", down="true")
    play.wait(60)
    status = play.pod("a").manifest["status"]
    conditions = {entry["type"]: entry["status"] for entry in status["conditions"]}
    assert (conditions["Ready"], conditions["ContainersReady"]) == ("False", "True")
    assert status["containerStatuses"][0]["ready"] is True

    play.annotate_node("a", down="false")
    play.settle()
    assert play.pod("a").ready


def test_a_pod_that_is_bound_to_a_lost_machine_is_pending_and_nothing_more() -> None:
    """Nobody says anything of its containers until the machine is back; then it starts."""
    play = Play("a")
    play.annotate_node("a", down="true")
    play.add_set(set_manifest(pod={"tolerations": [{"operator": "Exists"}]}))
    play.settle()
    pod = play.pod("a")
    assert (pod.node, pod.phase) == ("a", "Pending")
    assert "containerStatuses" not in pod.manifest["status"]
    told = [(entry["type"], entry["status"]) for entry in pod.manifest["status"]["conditions"]]
    assert told == [("PodScheduled", "True")]

    play.annotate_node("a", down="false")
    play.settle()
    assert play.pod("a").ready
