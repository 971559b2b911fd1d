"""What a kubelet does with a pod that shall have more or less."""

from __future__ import annotations

import pytest

from controller.engine.admission.resize import admit_resize
from controller.engine.admission.shape import typed
from controller.engine.changes import Verb
from controller.engine.cluster.kubelet import rests
from controller.engine.controllers.scheduler.controller import Scheduler
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest, Pod
from controller.engine.settings import Settings
from tests.engine.admission.parts import created, pod
from tests.engine.play import Play

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def cpu(amount: str, **more: str) -> Manifest:
    """Return what asks for so much."""
    return {"resources": {"requests": {"cpu": amount, **more}}}


def play_with(
    *pods: str, policy: str = "", first: bool = False, start_delay: float = 0, probe: Manifest | None = None
) -> Play:
    """Return a settled cluster of one node of four cpus, its pods with one cpu each."""
    play = Play(settings=Settings(start_delay=start_delay, stop_delay=0))
    play.add_node("a", allocatable=ROOM, capacity=ROOM)
    play.settle()
    main: Manifest = {"name": "main", "image": "a", **cpu("1"), **(probe or {})}
    if policy:
        main["resizePolicy"] = [{"resourceName": "cpu", "restartPolicy": policy}]
    beside = {"name": "beside", "image": "b", "restartPolicy": "Always", **cpu("1")}
    for name in pods:
        made = created(pod(containers=[main], **({"initContainers": [beside]} if first else {})))
        meta = {**made["metadata"], "name": name, "namespace": "default", "uid": play.names.uid()}
        play.edit("Pod", {**made, "metadata": meta}, Verb.ADDED)
    play.settle()
    assert play.differences() == []
    return play


def pod_of(play: Play, name: str) -> Pod:
    """Return a pod by its name."""
    return play.world.pods["Pod", "default", name]


def resize(play: Play, name: str, amount: str, field: str = "containers", **more: str) -> None:
    """Let the first container of a pod have so much cpu."""
    standing = pod_of(play, name)
    spec = standing.manifest["spec"]
    first = {**spec[field][0], **cpu(amount, **more)}
    wanted = {**standing.manifest, "spec": {**spec, field: [first, *spec[field][1:]]}}
    play.edit("Pod", admit_resize(standing.manifest, wanted, read=typed), timers=standing.timers)
    play.settle()
    assert play.differences() == []


def delete(play: Play, name: str, grace: int, **facts: object) -> None:
    """Begin to delete a pod."""
    standing = pod_of(play, name)
    gone = {"deletionTimestamp": play.now.stamp, "deletionGracePeriodSeconds": grace, **facts}
    meta = {**standing.manifest["metadata"], **gone}
    play.edit("Pod", {**standing.manifest, "metadata": meta}, timers=standing.timers)


def has(play: Play, name: str) -> tuple[str, int]:
    """Return how much cpu the container of a pod has, and how often it was started anew."""
    (entry,) = pod_of(play, name).manifest["status"]["containerStatuses"]
    assert entry["resources"]["requests"] == entry["allocatedResources"]
    return entry["allocatedResources"]["cpu"], entry["restartCount"]


def waits(play: Play, name: str) -> tuple[str, str] | None:
    """Return why a resize waits."""
    conditions = pod_of(play, name).manifest["status"]["conditions"]
    found = [(one["reason"], one["message"]) for one in conditions if one["type"] == "PodResizePending"]
    return found[0] if found else None


def load(play: Play) -> int:
    """Return what the scheduler counts on the node, in thousandths of a cpu."""
    return play.world.controller(Scheduler).load_of(play.world, "a").cpu


def test_what_there_is_room_for_is_given_at_once() -> None:
    """Nothing is started anew, the scheduler counts it, and the pod keeps its manifest at hand."""
    play = play_with("one")
    resize(play, "one", "3")
    assert has(play, "one") == ("3", 0)
    assert (waits(play, "one"), load(play), rests(pod_of(play, "one"))) == (None, 3000, False)
    resize(play, "one", "500m")
    assert (has(play, "one"), load(play)) == (("500m", 0), 500)


def test_a_container_is_started_anew_where_its_policy_says_so() -> None:
    """For the resource that changed alone; its pod is ready again then."""
    play = play_with("one", policy="RestartContainer")
    resize(play, "one", "2", memory="1Gi")
    assert has(play, "one") == ("2", 1)
    assert pod_of(play, "one").ready
    resize(play, "one", "2", memory="2Gi")
    assert has(play, "one") == ("2", 1)


def test_a_container_that_does_not_run_yet_starts_with_what_it_was_given() -> None:
    """There is nothing to be started anew."""
    play = play_with("one", policy="RestartContainer", start_delay=5)
    resize(play, "one", "2")
    assert (has(play, "one"), pod_of(play, "one").phase) == (("2", 0), "Pending")
    play.wait(6)
    assert (has(play, "one"), pod_of(play, "one").phase) == (("2", 0), "Running")


def test_what_a_node_can_never_give_is_infeasible() -> None:
    """The container keeps what it has, nothing is counted for it, and a wish that is taken back is over."""
    play = play_with("one")
    resize(play, "one", "5")
    said = "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000"
    assert waits(play, "one") == ("Infeasible", said)
    assert (has(play, "one"), load(play)) == (("1", 0), 1000)
    resize(play, "one", "1", memory="9Gi")
    said = "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592"
    assert waits(play, "one") == ("Infeasible", said)
    resize(play, "one", "2", memory="1Gi")
    assert (waits(play, "one"), has(play, "one")) == (None, ("2", 0))


@pytest.mark.parametrize("behaviour", ["crash-loop", "liveness"])
def test_a_container_that_is_started_again_goes_on_with_what_it_has(behaviour: str) -> None:
    """What it waits for is waited for all the same."""
    probe = {"livenessProbe": {"httpGet": {"port": 80}}} if behaviour == "liveness" else {}
    play = play_with("one", probe=probe)
    resize(play, "one", "5")
    word = {"liveness": "unhealthy"}.get(behaviour, behaviour)
    standing = pod_of(play, "one").manifest
    meta = {**standing["metadata"], "annotations": {BEHAVIOUR_ANNOTATION: word}}
    play.edit("Pod", {**standing, "metadata": meta}, timers=pod_of(play, "one").timers)
    play.wait(120)
    amount, restarts = has(play, "one")
    assert (amount, restarts > 0, (waits(play, "one") or [""])[0]) == ("1", True, "Infeasible")


def test_what_others_take_is_waited_for() -> None:
    """It is given as soon as one of them goes; meanwhile the scheduler keeps the room."""
    play = play_with("one", "two")
    resize(play, "one", "3500m")
    said = "Node didn't have enough resource: cpu, requested: 3500, used: 1000, capacity: 4000"
    assert waits(play, "one") == ("Deferred", said)
    assert (has(play, "one"), load(play)) == (("1", 0), 4500)
    resize(play, "one", "1")
    assert (waits(play, "one"), has(play, "one")) == (None, ("1", 0))
    resize(play, "one", "3500m")
    delete(play, "two", 0)
    play.settle()
    assert (waits(play, "one"), has(play, "one"), load(play)) == (None, ("3500m", 0), 3500)


def test_sidecars_are_resized_too() -> None:
    """They count with the containers beside them."""
    play = play_with("one", first=True)
    resize(play, "one", "2", "initContainers")
    (entry,) = pod_of(play, "one").manifest["status"]["initContainerStatuses"]
    assert entry["allocatedResources"] == {"cpu": "2"}
    assert (has(play, "one"), load(play)) == (("1", 0), 3000)


def test_a_pod_that_ends_is_left_alone() -> None:
    """Nobody gives it anything."""
    play = play_with("one")
    delete(play, "one", 30, finalizers=["example.com/held"])
    resize(play, "one", "2")
    assert has(play, "one") == ("1", 0)
