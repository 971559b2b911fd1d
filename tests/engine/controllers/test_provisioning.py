"""A storage class provisions volumes; a pod has no node before its claims have volumes, and follows those."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from tests.engine.controllers.test_persistentvolume import (
    CLAIM,
    POD,
    PV,
    PVC,
    delete,
    is_there,
    of_class,
    played,
    state,
    told,
    volume,
)
from tests.engine.workloads import Workloads

CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: example.org/disks
mountOptions: [noatime]
"""


def test_a_storage_class_provisions() -> None:
    """The volume is as the claim asks and the class says, and goes with its claim."""
    play = played(CLASS, of_class(CLAIM))
    name = f"pvc-{play.the(PVC, 'data').uid}"
    assert state(play, PVC, "data") == ("Bound", name)
    made = play.the(PV, name, "").manifest
    assert (made["spec"]["capacity"], made["spec"]["csi"]) == (
        {"storage": "1Gi"},
        {"driver": "example.org/disks", "volumeHandle": name},
    )
    assert made["spec"]["mountOptions"] == ["noatime"]
    assert told(play) == [f"Normal ProvisioningSucceeded: Successfully provisioned volume {name}"]
    delete(play, PVC, "data")
    assert not is_there(play, PV, name)


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        pytest.param((), 'storageclass.storage.k8s.io "fast" not found', id="no class"),
        pytest.param(
            (CLASS.replace("example.org/disks", "kubernetes.io/no-provisioner"),),
            "no volume plugin matched name: kubernetes.io/no-provisioner",
            id="no provisioner",
        ),
    ],
)
def test_a_class_that_cannot_provision_says_so(classes: tuple[str, ...], said: str) -> None:
    """A volume of the class that somebody makes is taken; a class that comes is asked again."""
    play = played(*classes, of_class(CLAIM))
    assert told(play) == [f"Warning ProvisioningFailed: {said}"]
    play.create(of_class(volume("one")))
    play.settle()
    assert state(play, PVC, "data") == ("Bound", "one")


def test_a_class_that_comes_later_provisions_for_claims_that_wait() -> None:
    """They are looked at again."""
    play = played(of_class(CLAIM), CLASS)
    assert state(play, PVC, "data")[0] == "Bound"


def test_the_default_class_is_that_of_claims_that_name_none() -> None:
    """The youngest of several; a claim that wants no class says "" and waits."""
    default = "{name: fast, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}"
    marked = CLASS.replace("{name: fast}", default)
    play = played(CLASS.replace("name: fast", "name: plain"), marked)
    play.wait(5)
    play.create(marked.replace("name: fast", "name: faster"))
    play.create(CLAIM)
    play.create(of_class(CLAIM, '""').replace("name: data", "name: none"))
    play.settle()
    assert play.the(PVC, "data").manifest["spec"]["storageClassName"] == "faster"
    assert state(play, PVC, "none") == ("Pending", "")


def test_a_class_may_wait_for_the_first_pod() -> None:
    """Until one uses the claim, it says so."""
    play = played(CLASS + "volumeBindingMode: WaitForFirstConsumer\n", of_class(CLAIM))
    assert told(play) == [
        "Normal WaitForFirstConsumer: waiting for first consumer to be created before binding"
    ]
    play.create(POD)
    play.settle()
    assert state(play, PVC, "data")[0] == "Bound"
    assert play.names_of() == ["user"]
    assert play.pods("a")


LATE = CLASS + "volumeBindingMode: WaitForFirstConsumer\n"
BY_HAND = LATE.replace("example.org/disks", "kubernetes.io/no-provisioner")


def local(name: str, node: str) -> str:
    """Return a volume of the class that only one node reaches."""
    term = f"{{matchExpressions: [{{key: kubernetes.io/hostname, operator: In, values: [{node}]}}]}}"
    affinity = f"nodeAffinity: {{required: {{nodeSelectorTerms: [{term}]}}}}"
    return of_class(volume(name)).replace("spec: {", f"spec: {{{affinity}, ")


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param("nodeSelector: {kubernetes.io/hostname: b}", id="a machine that the pod wants"),
        pytest.param("nodeName: b", id="the machine on which it is placed"),
    ],
)
def test_a_late_claim_gets_a_volume_where_its_pod_may_go(wish: str) -> None:
    """Not the first by name, which is elsewhere."""
    play = Workloads("a", "b")
    for text in (BY_HAND, local("one", "a"), local("two", "b"), of_class(CLAIM)):
        play.create(text)
    play.create(POD.replace("spec:\n", f"spec:\n  {wish}\n"))
    play.settle()
    assert state(play, PVC, "data") == ("Bound", "two")
    assert play.pods("b")


def test_a_late_claim_waits_for_a_volume_that_its_pod_reaches() -> None:
    """The scheduler says so of each node; a node that comes to be wanted is looked at."""
    play = Workloads("a")
    for text in (BY_HAND, local("one", "a"), of_class(CLAIM)):
        play.create(text)
    play.create(POD.replace("spec:\n", "spec:\n  nodeSelector: {disk: here}\n"))
    play.settle()
    assert state(play, PVC, "data") == ("Pending", "")
    assert "1 node(s) didn't match Pod's node affinity/selector" in why(play)
    play.label("a", disk="here")
    play.settle()
    assert play.pods("a")

    play = played(BY_HAND, of_class(CLAIM), POD)
    helpless = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    reason = "1 node(s) didn't find available persistent volumes to bind"
    assert why(play) == f"0/1 nodes are available: {reason}. no new claims to deallocate, {helpless}"
    play.create(of_class(volume("one")))
    play.settle()
    assert play.pods("a")


def test_a_late_claim_is_provisioned_before_its_pod_is_refused() -> None:
    """Nobody says that there was no volume."""
    play = played(LATE, of_class(CLAIM), POD)
    assert play.pods("a")
    assert not [one for one in told(play, "Pod") if "FailedScheduling" in one]


def ask(play: Workloads, size: str) -> None:
    """Let the claim ask for so much."""
    play.change(PVC, "data", resources={"requests": {"storage": size}})
    play.settle()


def test_a_volume_grows_with_its_claim() -> None:
    """Its provisioner makes it larger; one that was made by hand waits for somebody who does."""
    play = played(CLASS, of_class(CLAIM))
    name = f"pvc-{play.the(PVC, 'data').uid}"
    ask(play, "3Gi")
    assert play.the(PV, name, "").manifest["spec"]["capacity"] == {"storage": "3Gi"}
    assert play.the(PVC, "data").manifest["status"]["capacity"] == {"storage": "3Gi"}
    assert told(play)[-1] == "Normal VolumeResizeSuccessful: Resize volume succeeded"

    play = played(of_class(volume("one")), of_class(CLAIM))
    ask(play, "3Gi")
    assert play.the(PVC, "data").manifest["status"]["capacity"] == {"storage": "1Gi"}
    assert told(play)[-1] == "Normal ExternalExpanding: waiting for an external controller to expand this PVC"


def why(play: Workloads) -> str:
    """Return why the pod has no node, as its condition says."""
    conditions = play.the("Pod", "user").manifest["status"].get("conditions") or []
    (refused,) = (each for each in conditions if each["type"] == "PodScheduled")
    assert (refused["status"], refused["reason"]) == ("False", "Unschedulable")
    return str(refused["message"])


def test_a_pod_waits_for_its_claim() -> None:
    """It has no node before the claim is there and bound; condition and event say why."""
    play = played(POD)
    assert why(play) == '0/1 nodes are available: persistentvolumeclaim "data" not found. not found'
    play.create(CLAIM)
    play.settle()
    said = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    assert why(play) == said
    assert f"Warning FailedScheduling: {said}" in told(play, "Pod")
    play.create(volume("one"))
    play.settle()
    assert play.pods("a")


def test_a_pod_does_not_wait_for_a_claim_that_is_lost_or_going() -> None:
    """The sentence says which."""
    play = played(volume("one"), CLAIM)
    play.edit(PV, play.the(PV, "one", "").manifest, Verb.DELETED)
    play.create(POD)
    play.settle()
    lost = 'persistentvolumeclaim "data" bound to non-existent persistentvolume "one"'
    assert why(play) == f"0/1 nodes are available: {lost}. not found"
    view = play.the(PVC, "data")
    meta = {**view.manifest["metadata"], "deletionTimestamp": play.now.stamp, "finalizers": ["a.b/c"]}
    play.edit(PVC, {**view.manifest, "status": {"phase": "Bound"}, "metadata": meta})
    play.settle()
    assert why(play) == '0/1 nodes are available: persistentvolumeclaim "data" is being deleted. not found'


def test_a_volume_may_be_reached_from_some_nodes_only() -> None:
    """Pods follow their volumes."""
    term = "{matchExpressions: [{key: disk, operator: In, values: [here]}]}"
    local = volume("one").replace(
        "spec: {", f"spec: {{nodeAffinity: {{required: {{nodeSelectorTerms: [{term}]}}}}, "
    )
    play = played(local, CLAIM, POD)
    helpless = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    reason = "1 node(s) didn't match PersistentVolume's node affinity"
    assert why(play) == f"0/1 nodes are available: {reason}. no new claims to deallocate, {helpless}"
    play.label("a", disk="here")
    play.settle()
    assert play.pods("a")


def test_a_fork_binds_by_itself() -> None:
    """What happens in it does not touch the world that it was made from."""
    play = played(CLAIM, POD)
    fork = play.world.fork()
    before = play.differences()
    assert before == []
    assert fork.find(PVC, "default", "data")
