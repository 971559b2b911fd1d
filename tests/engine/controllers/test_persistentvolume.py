"""Claims are bound to volumes that fit, and held as long as they are used; volumes are reclaimed or kept."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import Manifest
from tests.engine.workloads import Workloads

VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAME}
spec: {capacity: {storage: SIZE}, accessModes: [MODES], hostPath: {path: /tmp/x}}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  containers: [{name: main, image: "db:1"}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"""
PV, PVC = "PersistentVolume", "PersistentVolumeClaim"


def volume(name: str, size: str = "1Gi", modes: str = "ReadWriteOnce") -> str:
    """Return a volume."""
    return VOLUME.replace("NAME", name).replace("SIZE", size).replace("MODES", modes)


def of_class(text: str, name: str = "fast") -> str:
    """Return a claim or a volume of a class."""
    return text.replace("spec: {", f"spec: {{storageClassName: {name}, ")


def played(*texts: str) -> Workloads:
    """Return a cluster of one node that holds some objects, at rest."""
    play = Workloads("a")
    for text in texts:
        play.create(text)
        play.settle()
    return play


def state(play: Workloads, kind: str, name: str) -> tuple[str, str]:
    """Return the phase of a claim or a volume, and what it is bound to."""
    view = play.the(kind, name, "default" if kind == PVC else "")
    spec, phase = view.manifest["spec"], view.manifest["status"]["phase"]
    return phase, spec.get("volumeName", "") if kind == PVC else (spec.get("claimRef") or {}).get("name", "")


def told(play: Workloads, kind: str = PVC) -> list[str]:
    """Return what was written on objects of a kind."""
    events = (change.manifest for change in play.history if change.kind == "Event")
    about = (event for event in events if event["involvedObject"]["kind"] == kind)
    return sorted({f"{event['type']} {event['reason']}: {event['message']}" for event in about})


def put(play: Workloads, kind: str, name: str, **spec: Any) -> None:
    """Change fields of a spec; None takes one away."""
    view = play.the(kind, name, "default" if kind == PVC else "")
    wanted = {key: value for key, value in {**view.manifest["spec"], **spec}.items() if value is not None}
    play.edit(kind, {**view.manifest, "spec": wanted}, timers=view.timers)
    play.settle()


def delete(play: Workloads, kind: str, name: str) -> None:
    """Delete an object that its finalizer holds, as the API server does."""
    view = play.the(kind, name, "default" if kind == PVC else "")
    meta = {**view.manifest["metadata"], "deletionTimestamp": play.now.stamp}
    play.edit(kind, {**view.manifest, "metadata": meta}, timers=view.timers)
    play.settle()


def is_there(play: Workloads, kind: str, name: str) -> bool:
    """Whether an object stands."""
    return play.world.find(kind, "default" if kind == PVC else "", name) is not None


def test_a_claim_and_a_volume_are_bound_to_each_other() -> None:
    """Both say so, with the annotations and the capacity that Kubernetes writes."""
    play = played(volume("one", "2Gi", "ReadWriteOnce, ReadWriteMany"), CLAIM)
    claim, pv = play.the(PVC, "data").manifest, play.the(PV, "one", "").manifest
    assert claim["status"] == {
        "phase": "Bound",
        "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
        "capacity": {"storage": "2Gi"},
    }
    assert claim["metadata"]["annotations"] == {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
    }
    assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert pv["spec"]["claimRef"] == {
        "apiVersion": "v1",
        "kind": PVC,
        "namespace": "default",
        "name": "data",
        "uid": claim["metadata"]["uid"],
    }
    assert pv["metadata"]["annotations"] == {"pv.kubernetes.io/bound-by-controller": "yes"}
    assert pv["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]
    assert pv["status"]["phase"] == "Bound"
    assert play.differences() == []


@pytest.mark.parametrize(
    ("volumes", "bound"),
    [
        pytest.param({"small": "500Mi"}, "", id="too small"),
        pytest.param({"large": "9Gi", "fitting": "2Gi"}, "fitting", id="the smallest that fits"),
        pytest.param({"b": "1Gi", "a": "1024Mi"}, "a", id="equals go by name"),
    ],
)
def test_the_smallest_volume_that_fits_is_taken(volumes: dict[str, str], bound: str) -> None:
    """Amounts are compared, not their spellings."""
    play = played(*(volume(name, size) for name, size in volumes.items()), CLAIM)
    assert state(play, PVC, "data")[1] == bound


def test_the_fewest_access_modes_come_before_the_smallest_size() -> None:
    """9Gi of the mode asked for is preferred to 2Gi of two; a mode that is missing rules a volume out."""
    play = played(
        volume("shared", "2Gi", "ReadOnlyMany"),
        volume("both", "2Gi", "ReadWriteOnce, ReadWriteMany"),
        volume("large", "9Gi"),
        CLAIM,
    )
    assert state(play, PVC, "data") == ("Bound", "large")
    assert state(play, PV, "shared") == ("Available", "")


@pytest.mark.parametrize(
    "pv",
    [
        pytest.param(of_class(volume("one")), id="a class that was not asked for"),
        pytest.param(volume("one").replace("spec: {", "spec: {volumeMode: Block, "), id="a block device"),
    ],
)
def test_a_claim_without_a_volume_waits_and_says_so(pv: str) -> None:
    """It says so once, whoever comes to use it. A volume that comes later is taken."""
    play = played(pv, CLAIM)
    assert state(play, PVC, "data") == ("Pending", "")
    assert told(play) == [
        "Normal FailedBinding: no persistent volumes available for this claim and no storage class is set"
    ]
    play.create(POD)
    play.settle()
    events = [change.manifest for change in play.history if change.kind == "Event"]
    assert [one["count"] for one in events if one["reason"] == "FailedBinding"] == [1]
    play.create(volume("late"))
    play.settle()
    assert state(play, PVC, "data") == ("Bound", "late")


def test_a_selector_chooses_volumes_by_their_labels() -> None:
    """Others are passed over."""
    marked = volume("marked", "5Gi").replace("{name: marked}", "{name: marked, labels: {disk: fast}}")
    asking = CLAIM.replace("spec: {", "spec: {selector: {matchLabels: {disk: fast}}, ")
    assert state(played(volume("one"), marked, asking), PVC, "data") == ("Bound", "marked")


def test_a_volume_reserved_for_a_claim_goes_to_no_other() -> None:
    """A claimRef without a uid is its author's wish."""
    reserved = volume("one").replace("spec: {", "spec: {claimRef: {namespace: default, name: mine}, ")
    play = played(reserved, CLAIM)
    assert state(play, PVC, "data") == ("Pending", "")
    assert state(play, PV, "one") == ("Available", "mine")
    play.create(CLAIM.replace("name: data", "name: mine"))
    play.settle()
    assert state(play, PVC, "mine") == ("Bound", "one")


@pytest.mark.parametrize(("mode", "bound"), [("Filesystem", "one"), ("Block", "")])
def test_a_reserved_volume_may_be_of_another_class_but_not_of_another_mode(mode: str, bound: str) -> None:
    """Its author knows what the class is for."""
    wish = f"spec: {{volumeMode: {mode}, claimRef: {{namespace: default, name: data}}, "
    play = played(of_class(volume("one")).replace("spec: {", wish), CLAIM)
    assert state(play, PVC, "data")[1] == bound


def test_a_claim_may_name_its_volume() -> None:
    """It waits until that is there."""
    play = played(volume("other"), CLAIM.replace("spec: {", "spec: {volumeName: one, "))
    assert state(play, PVC, "data")[0] == "Pending"
    play.create(volume("one"))
    play.settle()
    assert state(play, PVC, "data") == ("Bound", "one")


@pytest.mark.parametrize(
    ("pv", "said"),
    [
        pytest.param(volume("one", "1Mi"), "requested PV is too small", id="size"),
        pytest.param(of_class(volume("one")), "storageClassName does not match", id="class"),
        pytest.param(volume("one", "1Gi", "ReadOnlyMany"), "incompatible accessMode", id="modes"),
        pytest.param(
            volume("one").replace("spec: {", "spec: {volumeMode: Block, "),
            "incompatible volumeMode",
            id="block",
        ),
    ],
)
def test_a_volume_that_was_named_has_to_fit(pv: str, said: str) -> None:
    """The event says what it lacks."""
    play = played(pv, CLAIM.replace("spec: {", "spec: {volumeName: one, "))
    assert told(play) == [f'Warning VolumeMismatch: Cannot bind to requested volume "one": {said}']


def test_a_volume_that_is_anothers_cannot_be_named() -> None:
    """The claim waits."""
    play = played(
        volume("one"),
        CLAIM,
        CLAIM.replace("name: data", "name: late").replace("spec: {", "spec: {volumeName: one, "),
    )
    assert told(play) == ['Warning FailedBinding: volume "one" already bound to a different claim.']


def test_a_claim_in_use_stays_until_its_pod_is_gone() -> None:
    """Then its volume is Released, and no claim gets it, not even one of the same name."""
    play = played(volume("one"), CLAIM, POD)
    delete(play, PVC, "data")
    assert state(play, PVC, "data") == ("Bound", "one")
    play.remove("Pod", "user")
    play.settle()
    assert not is_there(play, PVC, "data")
    assert state(play, PV, "one") == ("Released", "data")
    play.create(CLAIM)
    play.settle()
    assert state(play, PVC, "data")[0] == "Pending"
    put(play, PV, "one", claimRef=None)
    assert state(play, PVC, "data") == ("Bound", "one")


def test_a_finished_pod_uses_nothing() -> None:
    """It stays, and its claim goes."""
    play = played(volume("one"), CLAIM, POD)
    play.behave("user", "exit-1")
    play.settle()
    delete(play, PVC, "data")
    assert not is_there(play, PVC, "data")


def test_a_pod_that_is_not_placed_yet_does_not_hold_its_claim() -> None:
    """It can still do without."""
    play = played(CLAIM, POD)
    delete(play, PVC, "data")
    assert not is_there(play, PVC, "data")


def test_a_volume_stays_as_long_as_its_claim() -> None:
    """It is terminating meanwhile, and still Bound."""
    play = played(volume("one"), CLAIM)
    delete(play, PV, "one")
    assert state(play, PV, "one")[0] == "Bound"
    delete(play, PVC, "data")
    assert not is_there(play, PV, "one")


def test_a_volume_that_nobody_claims_goes_at_once() -> None:
    """Nothing holds it."""
    play = played(volume("one"))
    delete(play, PV, "one")
    assert not is_there(play, PV, "one")


def test_a_volume_on_its_way_out_is_given_to_nobody() -> None:
    """Somebody else holds it."""
    held = volume("one").replace("{name: one}", "{name: one, finalizers: [a.b/c]}")
    play = played(held)
    delete(play, PV, "one")
    play.create(CLAIM)
    play.settle()
    assert is_there(play, PV, "one")
    assert state(play, PVC, "data") == ("Pending", "")


@pytest.mark.parametrize(
    ("kind", "name", "namespace", "finalizer"),
    [
        (PVC, "data", "default", "kubernetes.io/pvc-protection"),
        (PV, "one", "", "kubernetes.io/pv-protection"),
    ],
)
def test_finalizers_of_protection_come_back(kind: str, name: str, namespace: str, finalizer: str) -> None:
    """Whoever takes one away by hand has not freed the object."""
    play = played(volume("one"), CLAIM)
    view = play.the(kind, name, namespace)
    meta = {**view.manifest["metadata"], "finalizers": []}
    play.edit(kind, {**view.manifest, "metadata": meta})
    play.settle()
    assert play.the(kind, name, namespace).manifest["metadata"]["finalizers"] == [finalizer]


def test_a_claim_whose_volume_vanished_is_lost() -> None:
    """It says so once; a volume of that name that nobody has claimed makes it whole again."""
    play = played(volume("one"), CLAIM)
    standing = play.the(PV, "one", "").manifest
    play.edit(PV, standing, Verb.DELETED)
    play.settle()
    assert state(play, PVC, "data")[0] == "Lost"
    play.mark(PVC, "data", labels={"some": "label"})
    play.settle()
    assert told(play) == [
        "Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    ]
    play.create(volume("one"))
    play.settle()
    assert state(play, PVC, "data") == ("Bound", "one")


def test_a_bound_claim_that_names_no_volume_is_lost() -> None:
    """Its volume is set free meanwhile."""
    play = played(volume("one"), CLAIM)
    put(play, PVC, "data", volumeName=None)
    assert state(play, PVC, "data")[0] == "Lost"
    assert "lost reference to PersistentVolume" in told(play)[0]


def test_a_claim_whose_volume_is_anothers_is_misbound() -> None:
    """Two claims cannot have one volume."""
    play = played(volume("one"), CLAIM)
    ref: Manifest = {"namespace": "default", "name": "other", "uid": "other"}
    put(play, PV, "one", claimRef=ref)
    assert state(play, PVC, "data")[0] == "Lost"
    assert told(play)[0].startswith("Warning ClaimMisbound")


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_volume_whose_claim_is_bound_elsewhere_is_free_again(by_hand: bool) -> None:  # noqa: FBT001
    """One that the controller bound is anybody's, one that its author reserved is still that claim's."""
    play = played(volume("one"), CLAIM)
    uid = play.the(PVC, "data").uid
    other = volume("two")
    if not by_hand:
        other = other.replace(
            "{name: two}", '{name: two, annotations: {pv.kubernetes.io/bound-by-controller: "yes"}}'
        )
    ref = f"claimRef: {{namespace: default, name: data, uid: {uid}}}"
    play.create(other.replace("spec: {", f"spec: {{{ref}, "))
    play.settle()
    assert state(play, PV, "two") == ("Available", "data" if by_hand else "")


@pytest.mark.parametrize(
    ("pv", "said"),
    [
        pytest.param(
            volume("one").replace("path: /tmp/x", "path: /data"),
            "host_path deleter only supports /tmp/.+ but received provided /data",
            id="another folder",
        ),
        pytest.param(
            volume("one").replace("hostPath: {path: /tmp/x}", "nfs: {server: s, path: /}"),
            'error getting deleter volume plugin for volume "one": no deletable volume plugin matched',
            id="another kind",
        ),
    ],
)
def test_a_released_volume_that_cannot_be_deleted_has_failed(pv: str, said: str) -> None:
    """Its policy is Delete, but nothing in Kubernetes can."""
    play = played(pv.replace("spec: {", "spec: {persistentVolumeReclaimPolicy: Delete, "), CLAIM)
    delete(play, PVC, "data")
    assert state(play, PV, "one")[0] == "Failed"
    assert told(play, PV) == [f"Warning VolumeFailedDelete: {said}"]
    put(play, PV, "one", claimRef=None)
    assert state(play, PV, "one")[0] == "Available"


def test_a_released_folder_below_tmp_is_deleted() -> None:
    """That is what Kubernetes can do by itself."""
    play = played(volume("one").replace("spec: {", "spec: {persistentVolumeReclaimPolicy: Delete, "), CLAIM)
    delete(play, PVC, "data")
    assert not is_there(play, PV, "one")
