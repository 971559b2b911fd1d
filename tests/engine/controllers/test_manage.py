"""Which pods a set makes, and which it deletes, node by node."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import HASH_LABEL
from controller.engine.reasons import Reason
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

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


def test_a_thousand_nodes_are_filled_in_bursts_of_250() -> None:
    """At most 250 creations and 250 deletions in a pass."""
    play = Play(*(f"n{number:03}" for number in range(300)))
    play.settle()
    uid = play.add_set(set_manifest())
    first = [c for c in play.tick().changes if c.kind == "Pod" and c.verb is Verb.ADDED]
    second = [c for c in play.tick().changes if c.kind == "Pod" and c.verb is Verb.ADDED]
    assert (len(first), len(second)) == (250, 50)

    play.settle()
    play.change_set(
        uid,
        template={
            **play.sets[uid].ds.template,
            "spec": {**play.sets[uid].ds.template["spec"], "nodeName": "n000"},
        },
    )
    gone = [
        c for c in play.tick().changes if c.kind == "Pod" and "deletionTimestamp" in c.manifest["metadata"]
    ]
    assert len(gone) == 250


def test_a_set_without_template_generation_labels_its_pods_by_hash_alone() -> None:
    """The deprecated label is written only where there is something to write."""
    play = Play("a")
    manifest = set_manifest()
    play.add_set({**manifest, "metadata": {**manifest["metadata"], "annotations": {}}})
    play.settle()
    assert set(play.pod("a").labels) == {"app", HASH_LABEL}


def test_names_that_are_taken_are_not_given_again() -> None:
    """A suffix that a standing pod bears is drawn again."""
    play = Play("a", "b")
    drawn = iter(["aaaaa", "aaaaa", "bbbbb"])
    play.names.suffix = lambda: next(drawn)  # type: ignore[method-assign]
    play.add_set(set_manifest())
    play.settle()
    assert [pod.name for pod in play.pods()] == ["agent-aaaaa", "agent-bbbbb"]


def test_a_set_knows_why_its_pods_are_refused() -> None:
    """The reason stands with the set until its account is there; other accounts change nothing."""
    play = Play("a")
    uid = play.add_set(set_manifest(pod={"serviceAccountName": "nope"}))
    play.settle()
    assert play.pods() == []
    (said,) = play.events("FailedCreate")
    assert play.sets[uid].refusal == said
    assert said == (
        'Error creating: pods "agent-" is forbidden: error looking up service account '
        'default/nope: serviceaccount "nope" not found'
    )
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "another"}}, Verb.ADDED)
    play.settle()
    assert play.sets[uid].refusal == said
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "nope"}}, Verb.ADDED)
    play.settle()
    assert (play.sets[uid].refusal, len(play.pods())) == ("", 1)


def test_accounts_and_classes_that_are_not_mirrored_refuse_nothing() -> None:
    """In a world that is mirrored they are taken to be there: what is known is that pods come there."""
    play = Play("a", settings=Settings(start_delay=0, stop_delay=0, mirrored=True))
    uid = play.add_set(set_manifest(pod={"serviceAccountName": "nope", "priorityClassName": "nope"}))
    play.settle()
    assert (play.sets[uid].refusal, len(play.pods())) == ("", 1)


def test_a_service_account_that_goes_refuses_the_next_pods() -> None:
    """Creations are refused in Kubernetes' words when the account is gone."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "default"}}, Verb.DELETED)
    play.add_node("b")
    play.settle()
    assert [pod.node for pod in play.pods()] == ["a"]
    assert 'serviceaccount "default" not found' in play.events("FailedCreate")[0]
    play.wait(11)
    assert len(play.pods()) == 1


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


def test_pods_of_an_unknown_priority_are_refused_and_told() -> None:
    """The set itself is taken, as in Kubernetes; the event says why it has no pods."""
    play = Play("a")
    play.add_set(set_manifest(pod={"priorityClassName": "high"}))
    play.settle()
    assert play.world.pods == {}
    assert play.events("FailedCreate")[0].endswith("is forbidden: no PriorityClass with name high was found")


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
