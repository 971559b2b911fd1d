"""A ReplicaSet, or a ReplicationController, keeps so many pods: what it counts, makes, and deletes first."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.deployment import Deployments
from controller.engine.controllers.row import ROW
from controller.engine.replicaset.ranking import DELETION_COST
from tests.engine.workloads import Workloads

SET = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, made: by-set}, annotations: {note: kept}, finalizers: [a.b/c]}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
CONTROLLER = """
apiVersion: v1
kind: ReplicationController
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
BARE = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: web}}
spec: {nodeName: a, containers: [{name: main, image: "old:1"}]}
"""


def bare(play: Workloads, *names: str) -> None:
    """Create pods of the selector that nobody owns."""
    for name in names:
        play.create(BARE.replace("NAME", name))


def test_as_many_pods_as_are_asked_for() -> None:
    """They are made of the template, and the status counts them."""
    play = Workloads("a", "b")
    play.create(SET)
    play.settle()
    assert len(play.standing()) == 3
    pod = play.standing()[0].manifest["metadata"]
    assert pod["generateName"] == "web-"
    assert (pod["annotations"], pod["finalizers"]) == ({"note": "kept"}, ["a.b/c"])
    assert play.status_of("ReplicaSet", "web") == {
        "replicas": 3,
        "fullyLabeledReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
        "observedGeneration": 1,
    }
    assert play.differences() == []


def test_pods_without_an_owner_are_taken_in_first() -> None:
    """Pods of the selector are adopted; their labels need not be all of the template's."""
    play = Workloads("a")
    bare(play, "alpha", "beta")
    play.settle()
    play.create(SET)
    play.settle()
    assert {"alpha", "beta"} < set(play.names_of())
    assert len(play.standing()) == 3
    assert play.status_of("ReplicaSet", "web")["fullyLabeledReplicas"] == 1


def test_a_pod_whose_label_changes_is_let_go_and_made_up_for() -> None:
    """It stays, owned by nobody; when it matches again, it is one too many."""
    play = Workloads("a")
    bare(play, "alpha")
    play.create(SET)
    play.settle()
    play.mark("Pod", "alpha", labels={"app": "other"})
    play.settle()
    assert len(play.names_of(app="web")) == 3
    assert play.names_of(app="other") == ["alpha"]
    play.mark("Pod", "alpha", labels={"app": "web"})
    play.settle()
    assert len(play.standing()) == 3
    assert play.differences() == []


def test_a_failed_pod_stays_and_is_made_up_for() -> None:
    """A pod that has failed is not counted, and not deleted."""
    play = Workloads("a")
    play.create(SET)
    play.settle()
    play.behave(play.names_of()[0], "exit-1")
    play.settle()
    assert sorted(pod.phase for pod in play.pods()) == ["Failed", "Running", "Running", "Running"]
    assert play.status_of("ReplicaSet", "web")["replicas"] == 3


def test_a_change_of_the_template_touches_no_pod() -> None:
    """Only pods that are made later are of the new template."""
    play = Workloads("a")
    play.create(SET)
    play.settle()
    play.set_template("ReplicaSet", "web", "web:2")
    play.change("ReplicaSet", "web", replicas=4)
    play.settle()
    assert sorted(play.images()["a"]) == ["web:1", "web:1", "web:1", "web:2"]


@pytest.mark.parametrize("cost", ["-5", "-2147483648"])
def test_who_goes_first(cost: str) -> None:
    """Unready before ready, then the lower deletion cost, then where more of them stand, then the younger."""
    play = Workloads("a", "b")
    bare(play, "cheap", "crowded", "dear", "unready")
    play.settle()
    play.wait(10)
    play.create(SET.replace("replicas: 3", "replicas: 5"))
    play.settle()
    (made,) = play.names_of(made="by-set")
    for name, worth in (("cheap", cost), ("dear", "7"), ("crowded", "no number")):
        play.mark("Pod", name, annotations={DELETION_COST: worth})
    play.behave("unready", "never-ready")
    play.settle()
    gone = []
    for replicas in (4, 3, 2, 1, 0):
        before = set(play.names_of())
        play.change("ReplicaSet", "web", replicas=replicas)
        play.settle()
        gone += sorted(before - set(play.names_of()))
    assert gone == ["unready", "cheap", "crowded", made, "dear"]


def test_sets_of_one_owner_are_thinned_out_where_their_pods_crowd() -> None:
    """Of a Deployment's sets, pods go first from the node where most of all its sets' pods stand."""
    play = Workloads("a", "b", row=[each for each in ROW if each is not Deployments])
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "d", "controller": True}
    deployment = {"metadata": {"name": "d", "namespace": "default", "uid": "d"}, "spec": {}}
    play.edit("Deployment", deployment, Verb.ADDED)
    for name, label, node in (("here", "one", "a"), ("there", "one", "b"), ("other", "two", "b")):
        pod = BARE.replace("NAME", name).replace("app: web", f"app: {label}")
        play.create(pod.replace("nodeName: a", f"nodeName: {node}"))
    for label, replicas in (("one", 2), ("two", 1)):
        text = SET.replace("name: web", f"name: {label}").replace("app: web", f"app: {label}")
        play.create(text.replace("replicas: 3", f"replicas: {replicas}"))
        play.mark("ReplicaSet", label, ownerReferences=[owner])
    play.settle()
    play.change("ReplicaSet", "one", replicas=1)
    play.settle()
    assert play.names_of(app="one") == ["here"]


def test_pods_count_as_available_after_min_ready_seconds() -> None:
    """The set comes back to say so when the time is over."""
    play = Workloads("a")
    play.create(SET.replace("replicas: 3", "replicas: 1\n  minReadySeconds: 30"))
    play.settle()
    assert "availableReplicas" not in play.status_of("ReplicaSet", "web")
    play.wait(31)
    assert play.status_of("ReplicaSet", "web")["availableReplicas"] == 1


def test_a_refused_pod_is_told() -> None:
    """Without its account no pod is made: an event and a condition say why, until it is there."""
    play = Workloads("a")
    account = SET.replace("spec: {containers", "spec: {serviceAccountName: robot, containers")
    play.create(account)
    play.settle()
    (condition,) = play.status_of("ReplicaSet", "web")["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == (
        "ReplicaFailure",
        "True",
        "FailedCreate",
    )
    assert 'serviceaccount "robot" not found' in condition["message"]
    assert play.events("FailedCreate") == [f"Error creating: {condition['message']}"]
    play.wait(11)
    (same,) = play.status_of("ReplicaSet", "web")["conditions"]
    assert same == condition
    play.edit(
        "ServiceAccount", {"metadata": {"namespace": "default", "name": "robot", "uid": "r"}}, Verb.ADDED
    )
    play.settle()
    assert "conditions" not in play.status_of("ReplicaSet", "web")
    assert len(play.standing()) == 3


def test_a_set_may_go_while_a_refused_pod_is_waited_for() -> None:
    """What was scheduled for one that is gone is forgotten."""
    play = Workloads("a")
    play.create(SET.replace("spec: {containers", "spec: {serviceAccountName: robot, containers"))
    play.settle()
    play.remove("ReplicaSet", "web")
    play.wait(11)
    assert play.pods() == []


def test_a_set_that_is_being_deleted_makes_and_adopts_nothing() -> None:
    """It only keeps its numbers up to date."""
    play = Workloads("a")
    play.create(SET.replace("replicas: 3", "replicas: 1"))
    play.settle()
    play.mark("ReplicaSet", "web", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["my.own/hold"])
    bare(play, "alpha")
    play.delete_pod(play.standing()[-1])
    play.settle()
    (alpha,) = [pod for pod in play.standing() if pod.name == "alpha"]
    assert alpha.owner == ""
    assert play.status_of("ReplicaSet", "web")["replicas"] <= 1


def test_a_replication_controller_does_the_same() -> None:
    """Its selector and labels are by default those of its template."""
    play = Workloads("a")
    bare(play, "alpha")
    play.create(CONTROLLER)
    play.settle()
    assert len(play.standing()) == 2
    assert play.the("ReplicationController", "web").manifest["metadata"]["labels"] == {"app": "web"}
    play.remove("ReplicationController", "web")
    play.settle()
    assert play.standing() == []
    assert play.differences() == []
