"""The main stories of a set, played in memory from edit to settled world."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.reasons import Reason
from tests.engine.play import Play, set_manifest

CRAMPED = (
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
    "no new claims to deallocate, preemption: "
    "0/2 nodes are available: 2 Preemption is not helpful for scheduling."
)
EVERYWHERE = {"desired": 3, "current": 3, "ready": 3, "available": 3, "updated": 3, "misscheduled": 0}


def test_every_node_gets_one_ready_pod_in_four_changes() -> None:
    """A pod is created, bound, started and made ready, each in a change of its own."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest())
    play.settle()

    assert play.status(uid) == EVERYWHERE
    reasons = [
        c.reason
        for c in play.history
        if c.kind == "Pod" and c.manifest["metadata"]["name"] == play.pod("a").name
    ]
    assert reasons == [
        Reason.NO_POD,
        Reason.SCHEDULED,
        Reason.CONTAINERS_STARTED,
        Reason.CONTAINERS_READY,
    ]


def test_the_ssd_monitor_story() -> None:
    """A label brings a pod, another value of it takes the pod away."""
    play = Play("minikube", "node-b")
    uid = play.add_set(set_manifest("ssd-monitor", pod={"nodeSelector": {"disk": "ssd"}}))
    play.settle()
    assert play.pods() == []

    play.label("minikube", disk="ssd")
    play.settle()
    assert [pod.node for pod in play.pods()] == ["minikube"]
    assert play.status(uid)["desired"] == 1

    play.label("minikube", disk="hdd")
    play.settle()
    assert play.pods() == []
    assert play.status(uid) == dict.fromkeys(EVERYWHERE, 0)


@pytest.mark.parametrize(
    ("effect", "pods"),
    [
        pytest.param("NoSchedule", ["a", "b"], id="no-schedule keeps who is there"),
        pytest.param("NoExecute", ["b"], id="no-execute sends away"),
        pytest.param("PreferNoSchedule", ["a", "b"], id="prefer-no-schedule is ignored"),
    ],
)
def test_taints(effect: str, pods: list[str]) -> None:
    """Only NoExecute moves a daemon pod that is already there."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    play.taint("a", "maintenance", effect)
    play.settle()

    assert [pod.node for pod in play.pods()] == pods
    assert play.status(uid)["misscheduled"] == (effect == "NoSchedule")


def test_a_deleted_pod_is_born_again_after_it_is_gone() -> None:
    """Without surge a terminating pod still counts as there."""
    play = Play("a")
    play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/stop-delay": "5"}}))
    play.settle()
    old = play.pod("a")
    play.delete_pod(old)
    play.wait(4)
    assert [pod.name for pod in play.pods()] == [old.name]

    play.wait(2)
    assert play.pod("a").name != old.name
    assert play.pod("a").ready


def test_rolling_update_never_exceeds_its_budget() -> None:
    """With maxUnavailable 1 one node at a time is without a ready pod, in node-name order."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest())
    play.settle()
    play.set_image(uid, "agent:2")
    order = []
    for _ in range(40):
        play.tick()
        unready = [n for n in "abc" if not any(pod.ready and not pod.terminating for pod in play.pods(n))]
        assert len(unready) <= 1
        order += [node for node in unready if node not in order]

    assert order == ["a", "b", "c"]
    assert play.images() == {"a": ["agent:2"], "b": ["agent:2"], "c": ["agent:2"]}
    assert play.status(uid) == EVERYWHERE


def test_surge_keeps_a_ready_pod_on_every_node() -> None:
    """An old pod goes only when its successor is available."""
    play = Play("a", "b", "c", "d")
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 2}}
    uid = play.add_set(set_manifest(strategy=surge))
    play.settle()
    play.set_image(uid, "agent:2")
    most = 0
    for _ in range(40):
        play.tick()
        assert all(any(pod.ready for pod in play.pods(node)) for node in "abcd")
        most = max(most, *(len([p for p in play.pods(node) if not p.terminating]) for node in "abcd"))

    assert most == 2
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_a_surge_that_never_gets_ready_stops_at_its_budget() -> None:
    """As many new pods as maxSurge wait beside their old ones; the undo takes them away again."""
    play = Play("a", "b", "c", "d")
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 2}}
    uid = play.add_set(set_manifest(strategy=surge))
    play.settle()
    first = play.sets[uid].ds.template
    play.set_image(uid, "agent:2", {"sim.everynode.dev/behaviour": "never-ready"})
    play.wait(60)
    assert len(play.pods()) == 6

    play.change_set(uid, template=first)
    play.wait(60)
    assert play.images() == {node: ["agent:1"] for node in "abcd"}


def test_on_delete_replaces_only_what_somebody_deletes() -> None:
    """OnDelete deletes nothing; a deleted pod is born from the current template."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(strategy={"type": "OnDelete"}))
    play.settle()
    play.set_image(uid, "agent:2")
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"]}

    play.delete_pod(play.pod("b"))
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:2"]}


def test_a_paused_set_creates_what_is_missing_and_replaces_nothing() -> None:
    """Our pause: missing pods come from the current template, standing ones stay."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    annotations = play.sets[uid].ds.manifest["metadata"]["annotations"]
    play.mark_set(uid, annotations={**annotations, "everynode.dev/paused": "true"})
    play.set_image(uid, "agent:2")
    play.add_node("c")
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"], "c": ["agent:2"]}

    resumed = {
        k: v for k, v in play.sets[uid].ds.manifest["metadata"]["annotations"].items() if "paused" not in k
    }
    play.mark_set(uid, annotations=resumed)
    play.settle()
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_min_ready_seconds_slow_a_rollout() -> None:
    """A new pod uses up the budget until it was ready for minReadySeconds."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(minReadySeconds=10))
    play.wait(11)
    play.set_image(uid, "agent:2")
    play.wait(9)
    assert sorted(map(tuple, play.images().values())) == [("agent:1",), ("agent:2",)]

    play.wait(12)
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_a_lost_node_keeps_its_pod_and_holds_the_budget() -> None:
    """The machine stops answering, leaves the desired number, and its old pod blocks the rollout."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest())
    play.settle()
    play.annotate_node("b", down="true")
    play.wait(7)
    assert play.node("b").ready == "Unknown"
    assert {str(taint) for taint in play.node("b").taints} == {
        "node.kubernetes.io/unreachable:NoSchedule",
        "node.kubernetes.io/unreachable:NoExecute",
    }
    assert not play.pod("b").ready

    play.set_image(uid, "agent:2")
    play.wait(30)
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"], "c": ["agent:1"]}
    assert play.pod("b").terminating
    assert play.status(uid) == {
        **EVERYWHERE,
        "desired": 2,
        "current": 2,
        "ready": 2,
        "available": 2,
        "updated": 0,
        "misscheduled": 1,
    }

    play.annotate_node("b", down="")
    play.wait(5)
    assert set(map(tuple, play.images().values())) == {("agent:2",)}
    assert play.status(uid) == EVERYWHERE


def test_failed_and_finished_pods_are_replaced() -> None:
    """Both are deleted with an event and born again; failures are slowed down by a back-off."""
    play = Play("a", "b")
    play.add_set(set_manifest())
    play.settle()
    failed = play.pod("a").name
    play.annotate_pod(play.pod("a"), behaviour="exit-1")
    play.annotate_pod(play.pod("b"), behaviour="exit-0")
    play.settle()
    assert play.events("FailedDaemonPod") == [
        f"Found failed daemon pod default/{failed} on node a, will try to kill it"
    ]
    assert len(play.events("SucceededDaemonPod")) == 1

    again = play.pod("a")
    play.annotate_pod(again, behaviour="exit-1")
    play.settle()
    assert play.pod("a").name == again.name
    play.wait(1.5)
    assert play.pod("a").name != again.name


@pytest.mark.parametrize("finalizer", ["foregroundDeletion", "orphan"])
def test_deleting_a_set_with_a_finalizer(finalizer: str) -> None:
    """Foreground takes the pods first; orphan lets them stand without an owner."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    play.mark_set(uid, deletionTimestamp="2026-01-01T00:00:00Z", finalizers=[finalizer])
    play.settle()

    assert uid not in play.sets
    assert len(play.pods()) == (2 if finalizer == "orphan" else 0)
    assert all(not pod.owner for pod in play.pods())
    assert len(play.revisions) == (1 if finalizer == "orphan" else 0)


def test_orphans_are_adopted_and_not_rolled_when_of_equal_generation() -> None:
    """A new set with the same selector takes the pods over, as updated by their generation."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    names = [pod.name for pod in play.pods()]
    play.mark_set(uid, deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["orphan"])
    play.settle()
    heir = play.add_set(set_manifest(image="agent:2"))
    play.settle()

    assert [pod.name for pod in play.pods()] == names
    assert {pod.owner for pod in play.pods()} == {heir}
    assert play.status(heir)["updated"] == 2


def test_background_deletion_takes_the_pods_after_the_set() -> None:
    """When the owner is gone, its pods and revisions are collected."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    play.mark_set(uid, Verb.DELETED)
    play.settle()

    assert play.pods() == []
    assert not play.revisions


def test_old_revisions_are_forgotten_beyond_the_limit() -> None:
    """The current revision does not count; a return to a known template raises its number."""
    play = Play("a")
    uid = play.add_set(set_manifest(revisionHistoryLimit=1))
    play.settle()
    first = play.sets[uid].ds.template
    for image in ("agent:2", "agent:3"):
        play.set_image(uid, image)
        play.settle()
    assert sorted(r.number for r in play.revisions.values()) == [2, 3]

    play.change_set(uid, template=first)
    play.settle()
    assert sorted(r.number for r in play.revisions.values()) == [3, 4]


def test_resources_and_host_ports_leave_a_pod_pending_until_there_is_room() -> None:
    """The scheduler says why in Kubernetes' words and binds the pod once its node changes."""
    play = Play("n1")
    play.add_node("small", capacity={"cpu": "500m"}, allocatable={"cpu": "500m"})
    hungry = play.add_set(
        set_manifest(
            "hungry",
            pod={"containers": [{"name": "m", "image": "h:1", "resources": {"requests": {"cpu": "1"}}}]},
        )
    )
    play.settle()
    assert not play.pod("small").bound
    assert play.status(hungry) == {
        "desired": 2,
        "current": 2,
        "ready": 1,
        "available": 1,
        "updated": 2,
        "misscheduled": 0,
    }
    assert play.events("FailedScheduling") == [CRAMPED]

    node = play.node("small")
    roomy = {**node.manifest["status"], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    play.edit("Node", {**node.manifest, "status": roomy})
    play.settle()
    assert play.pod("small").ready


def test_a_host_port_is_given_free_by_the_set_that_held_it() -> None:
    """The second set's pods wait for the port and start when the first set is gone."""
    play = Play("a")
    port = {"containers": [{"name": "m", "image": "a:1", "ports": [{"containerPort": 80, "hostPort": 8080}]}]}
    first = play.add_set(set_manifest("first", pod=port))
    second = play.add_set(set_manifest("second", pod=port))
    play.settle()
    assert play.status(second)["ready"] == 0

    play.mark_set(first, Verb.DELETED)
    play.settle()
    assert play.status(second)["ready"] == 1


def test_pods_of_an_unknown_priority_are_refused_and_told() -> None:
    """The set itself is taken, as in Kubernetes; the event says why it has no pods."""
    play = Play("a")
    play.add_set(set_manifest(pod={"priorityClassName": "high"}))
    play.settle()
    assert play.world.pods == {}
    assert play.events("FailedCreate")[0].endswith("is forbidden: no PriorityClass with name high was found")


def test_a_missing_service_account_is_tried_again_later_not_at_once() -> None:
    """A refused creation is told once a pass and left alone for a while."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest(pod={"serviceAccountName": "robot"}))
    play.settle()
    assert len(play.events("FailedCreate")) == 1
    assert 'serviceaccount "robot" not found' in play.events("FailedCreate")[0]

    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "robot"}}, Verb.ADDED)
    play.settle()
    assert play.status(uid) == EVERYWHERE


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
