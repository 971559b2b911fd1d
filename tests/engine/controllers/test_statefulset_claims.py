"""The claims of a StatefulSet's pods: made before the pod, and kept or gone with it, as the set says."""

from __future__ import annotations

import pytest

from controller.engine.admission.grammar import qualified_name
from controller.engine.objects import Manifest
from controller.engine.statefulset.claims import with_retention
from controller.engine.views import StatefulSet, view_of
from tests.engine.controllers.test_persistentvolume import CLAIM, PV, PVC, delete, is_there, state, volume
from tests.engine.controllers.test_statefulset import pod, story, told
from tests.engine.workloads import Workloads

SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: main, image: "db:1", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, emptyDir: {}}, {name: more, emptyDir: {}}]
  volumeClaimTemplates:
  - metadata: {name: data, labels: {tier: gold}, annotations: {note: kept}}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


def running(text: str = SET, volumes: int = 3) -> Workloads:
    """Return a cluster with some volumes, in which a set stands."""
    play = Workloads("a")
    for number in range(volumes):
        play.create(volume(f"v{number}"))
    play.create(text)
    play.settle()
    return play


def policy(scaled: str = "Retain", deleted: str = "Retain") -> Manifest:
    """Return a retention policy."""
    return {"whenScaled": scaled, "whenDeleted": deleted}


def owners(play: Workloads, name: str) -> list[str]:
    """Return who owns a claim, as KIND/NAME."""
    refs = play.the(PVC, name).manifest["metadata"].get("ownerReferences") or []
    return [f"{ref['kind']}/{ref['name']}" for ref in refs]


def remove_set(play: Workloads) -> None:
    """Delete the set, as the API server does."""
    play.remove("StatefulSet", "db")
    play.settle()


def test_a_claim_is_made_before_its_pod() -> None:
    """It has the name TEMPLATE-POD and the set's labels; the pod's volume of that name is the claim."""
    play = running()
    meta = play.the(PVC, "data-db-1").manifest["metadata"]
    assert (meta["labels"], meta["annotations"]["note"]) == ({"tier": "gold", "app": "db"}, "kept")
    volumes = pod(play, "db-1").manifest["spec"]["volumes"]
    assert volumes[0] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}
    assert [each["name"] for each in volumes[1:2]] == ["more"]
    assert play.names_of() == ["db-0", "db-1"]
    assert "Normal SuccessfulCreate: Create Claim data-db-0 Pod db-0 in StatefulSet db success" in told(play)
    created = [change.key for change in play.history if change.key[2] in {"db-0", "data-db-0"}]
    assert created[0] == (PVC, "default", "data-db-0")


def test_a_pod_whose_claim_waits_holds_up_those_after_it() -> None:
    """A volume that comes lets the set go on."""
    play = running(volumes=0)
    assert play.names_of() == ["db-0"]
    assert not play.pods("a")
    play.create(volume("late"))
    play.create(volume("later"))
    play.settle()
    assert [each.name for each in play.pods("a")] == ["db-0", "db-1"]


def test_claims_outlive_pod_and_set() -> None:
    """A pod that comes back finds its claim."""
    play = running()
    held = state(play, PVC, "data-db-1")
    play.change("StatefulSet", "db", replicas=1)
    play.settle()
    assert state(play, PVC, "data-db-1") == held
    play.change("StatefulSet", "db", replicas=2)
    play.settle()
    assert state(play, PVC, "data-db-1") == held
    remove_set(play)
    assert play.pods() == []
    assert state(play, PVC, "data-db-0")[0] == "Bound"


def test_claims_may_go_when_the_set_is_scaled_down() -> None:
    """Their volumes are released; those of pods that stay are kept, also when the set is deleted."""
    play = running()
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=policy(scaled="Delete"))
    play.settle()
    assert owners(play, "data-db-1") == []
    play.change("StatefulSet", "db", replicas=1)
    play.settle()
    assert not is_there(play, PVC, "data-db-1")
    assert state(play, PV, "v1") == ("Released", "data-db-1")
    remove_set(play)
    assert is_there(play, PVC, "data-db-0")


def test_claims_may_go_with_the_set() -> None:
    """They are owned by it; a claim of a number that was taken away is kept until then."""
    play = running(
        SET.replace("  serviceName: db", "  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}")
    )
    assert owners(play, "data-db-0") == ["StatefulSet/db"]
    play.change("StatefulSet", "db", replicas=1)
    play.settle()
    assert is_there(play, PVC, "data-db-1")
    remove_set(play)
    assert not is_there(play, PVC, "data-db-0")
    assert not is_there(play, PVC, "data-db-1")


def test_a_condemned_pod_takes_its_claim_over_from_the_set() -> None:
    """With both policies Delete the claim is owned by the pod as long as it is on its way out."""
    play = running()
    both = policy(scaled="Delete", deleted="Delete")
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=both)
    play.settle()
    assert owners(play, "data-db-1") == ["StatefulSet/db"]
    play.annotate_node("a", down="true")
    play.change("StatefulSet", "db", replicas=1)
    play.tick()
    assert owners(play, "data-db-1") == ["Pod/db-1"]
    assert owners(play, "data-db-0") == ["StatefulSet/db"]


def test_a_claim_gets_its_freedom_back_with_the_policy() -> None:
    """Owners that the policy does not know are left alone."""
    play = running(
        SET.replace("  serviceName: db", "  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}")
    )
    (account,) = play.world.objects.of("ServiceAccount").values()
    other = {"apiVersion": "v1", "kind": "ServiceAccount", "name": account.key[2], "uid": account.uid}
    refs = play.the(PVC, "data-db-0").manifest["metadata"]["ownerReferences"]
    play.mark(PVC, "data-db-0", ownerReferences=[other, *refs])
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=policy())
    play.settle()
    assert owners(play, "data-db-0") == ["ServiceAccount/default"]
    assert owners(play, "data-db-1") == []


def test_a_claim_on_its_way_out_holds_up_the_pod_of_its_number() -> None:
    """The pod comes back when the claim is gone and made anew."""
    play = running()
    uid = play.the(PVC, "data-db-1").uid
    meta = {**play.the(PVC, "data-db-1").manifest["metadata"]}
    play.mark(PVC, "data-db-1", deletionTimestamp=play.now.stamp, finalizers=[*meta["finalizers"], "a.b/c"])
    play.delete_pod(pod(play, "db-1"))
    play.settle()
    assert play.names_of() == ["db-0"]
    failed = "Create Pod db-1 in StatefulSet db failed error: pvc data-db-1 is being deleted"
    assert f"Warning FailedCreate: {failed}" in told(play)
    play.mark(PVC, "data-db-1", finalizers=[])
    play.settle()
    assert play.names_of() == ["db-0", "db-1"]
    assert play.the(PVC, "data-db-1").uid != uid


def test_a_claim_of_somebody_else_is_no_matter() -> None:
    """It comes and goes by itself."""
    play = running()
    play.create(CLAIM)
    play.settle()
    since = len(play.history)
    delete(play, PVC, "data")
    assert {change.kind for change in play.history[since:]} == {PVC, PV}


def test_a_pending_pod_gets_its_claim_back() -> None:
    """It cannot run without; nobody else makes it."""
    play = running(volumes=0)
    delete(play, PVC, "data-db-0")
    assert state(play, PVC, "data-db-0") == ("Pending", "")
    assert story(play) == ["db-0 created"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(
            "annotations: {-a: kept}",
            'metadata.annotations: Invalid value: "-a": ' + qualified_name("-a")[0],
            id="annotations",
        )
    ],
)
def test_a_claim_that_is_refused_is_told(wrong: str, said: str) -> None:
    """Of its template only the spec was looked at: no pod is made, and the event names claim and fault."""
    play = running(SET.replace("annotations: {note: kept}", wrong))
    assert play.pods() == []
    refused = f'PersistentVolumeClaim "data-db-0" is invalid: {said}'
    about = "Create {} in StatefulSet db failed error: "
    assert told(play) == [
        f"Warning FailedCreate: {about.format('Claim data-db-0 for Pod db-0')}{refused}",
        f"Warning FailedCreate: {about.format('Pod db-0')}failed to create PVC data-db-0: {refused}",
    ]


def test_all_claims_that_are_refused_are_told() -> None:
    """The pod's own event names them in a list."""
    second = "  - {metadata: {name: more, annotations: {-b: x}}, spec: {accessModes: [ReadWriteOnce], "
    second += "resources: {requests: {storage: 1Gi}}}}\n"
    play = running(SET.replace("annotations: {note: kept}", "annotations: {-a: kept}") + second)
    (last,) = [line for line in told(play) if "Create Pod" in line]
    assert "error: [failed to create PVC data-db-0: " in last
    assert ", failed to create PVC more-db-0: " in last


UPDATED = "Normal SuccessfulUpdate: Update Pod db-{} in StatefulSet db successful"


def test_a_claim_of_a_pod_that_stands_is_told_when_it_changes_hands() -> None:
    """The controller counts it as an update of the pod; of a pod that is made it says nothing more."""
    play = running()
    assert not [line for line in told(play) if "SuccessfulUpdate" in line]
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=policy(deleted="Delete"))
    play.settle()
    assert [line for line in told(play) if "SuccessfulUpdate" in line] == [
        UPDATED.format(0),
        UPDATED.format(1),
    ]


def test_claims_behind_a_pod_that_is_not_available_wait() -> None:
    """A set in order does not look past it, and not at its claims either."""
    play = running()
    play.mark("Pod", "db-0", annotations={"sim.everynode.dev/behaviour": "never-ready"})
    play.settle()
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=policy(deleted="Delete"))
    play.settle()
    assert (owners(play, "data-db-0"), owners(play, "data-db-1")) == ([], [])


def test_a_claim_of_another_controller_is_left_to_it() -> None:
    """Nobody is added beside it; what the set itself had put there goes, and that is told."""
    play = running()
    (account,) = play.world.objects.of("ServiceAccount").values()
    other = {"apiVersion": "v1", "kind": "ServiceAccount", "name": account.key[2], "uid": account.uid}
    play.mark(PVC, "data-db-0", ownerReferences=[{**other, "controller": True}])
    play.change("StatefulSet", "db", persistentVolumeClaimRetentionPolicy=policy(deleted="Delete"))
    play.settle()
    assert owners(play, "data-db-0") == ["ServiceAccount/default"]
    assert owners(play, "data-db-1") == ["StatefulSet/db"]
    refs = play.the(PVC, "data-db-1").manifest["metadata"]["ownerReferences"]
    both = [{**other, "controller": True}, {**refs[0], "controller": False}]
    play.mark(PVC, "data-db-1", ownerReferences=both)
    play.change("StatefulSet", "db", revisionHistoryLimit=9)
    play.settle()
    assert owners(play, "data-db-1") == ["ServiceAccount/default"]
    said = "PersistentVolumeClaim data-db-1 has a conflicting OwnerReference"
    assert [line for line in told(play) if line.startswith(f"Warning ConflictingController: {said}")]


def test_a_claim_of_a_former_set_of_that_name_is_left_to_the_collector() -> None:
    """Its reference names the set by kind and name, but by another uid."""
    play = running()
    former = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": "db",
        "uid": "former",
        "controller": True,
    }
    claim = play.the(PVC, "data-db-0")
    meta = {**claim.manifest["metadata"], "ownerReferences": [former]}
    owner = play.the("StatefulSet", "db")
    assert isinstance(owner, StatefulSet)
    stale = view_of(PVC, {**claim.manifest, "metadata": meta}, {}, None)
    assert with_retention(stale, owner, pod(play, "db-0")) is None


def test_a_claim_that_is_to_go_with_its_former_pod_is_waited_for() -> None:
    """The number that comes back gets a claim of its own, when the old one is gone."""
    play = running(
        SET.replace("serviceName: db", "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}")
    )
    uid = play.the(PVC, "data-db-1").uid
    held = play.the(PVC, "data-db-1").manifest["metadata"]["finalizers"]
    play.mark(PVC, "data-db-1", finalizers=[*held, "a.b/c"])
    play.change("StatefulSet", "db", replicas=1)
    play.settle()
    play.change("StatefulSet", "db", replicas=2)
    play.settle()
    assert play.names_of() == ["db-0"]
    assert not [line for line in told(play) if "Failed" in line]
    play.mark(PVC, "data-db-1", finalizers=[])
    play.settle()
    assert play.names_of() == ["db-0", "db-1"]
    assert play.the(PVC, "data-db-1").uid != uid
