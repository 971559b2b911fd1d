"""A StatefulSet's pods come one after the other and go in reverse; an identity never stands twice."""

from __future__ import annotations

from typing import cast

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import HASH_LABEL, Manifest, Pod, View
from tests.engine.workloads import Workloads

SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
PARALLEL = SET.replace("replicas: 3", "replicas: 3\n  podManagementPolicy: Parallel\n  ordinals: {start: 5}")
BROKEN = "web:non-existent"


def running(text: str = SET) -> Workloads:
    """Return a cluster of one node in which a set stands."""
    play = Workloads("a")
    play.create(text)
    play.settle()
    return play


def story(play: Workloads, since: int = 0) -> list[str]:
    """Return what became of the pods, in order, from a place in the history on."""
    told: list[str] = []
    seen: dict[str, Pod] = {}
    for at, change in enumerate(play.history):
        if change.kind != "Pod":
            continue
        name, before = change.key[2], seen.pop(change.key[2], None)
        words = ["gone"]
        if change.verb is not Verb.DELETED:
            after = seen[name] = Pod.read(change.manifest, {})
            happened = {
                "created": before is None,
                "ready": after.ready and not (before and before.ready),
                "stopping": after.terminating and not (before and before.terminating),
            }
            words = [word for word, holds in happened.items() if holds]
        told += [f"{name} {word}" for word in words if at >= since]
    return told


def images(play: Workloads) -> dict[str, str]:
    """Return the image of each pod that stands."""
    return {pod.name: pod.manifest["spec"]["containers"][0]["image"] for pod in play.standing()}


def partition(number: int) -> Manifest:
    """Return a strategy that leaves so many pods alone."""
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": number}}


def pod(play: Workloads, name: str) -> Pod:
    """Return a pod."""
    return cast("Pod", play.the("Pod", name))


def told(play: Workloads) -> list[str]:
    """Return what the controller wrote on the set."""
    events = (change.manifest for change in play.history if change.kind == "Event")
    about = (event for event in events if event["involvedObject"]["kind"] == "StatefulSet")
    return sorted({f"{event['type']} {event['reason']}: {event['message']}" for event in about})


def test_pods_come_one_after_the_other() -> None:
    """Each is made when the one before it is ready; the last status counts them all."""
    play = running()
    assert story(play) == [f"web-{number} {word}" for number in range(3) for word in ("created", "ready")]
    status = play.status_of("StatefulSet", "web")
    revision = status["currentRevision"]
    assert status == {
        "observedGeneration": 1,
        "replicas": 3,
        "readyReplicas": 3,
        "currentReplicas": 3,
        "updatedReplicas": 3,
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
        "availableReplicas": 3,
    }
    assert told(play) == [
        f"Normal SuccessfulCreate: Create Pod web-{number} in StatefulSet web successful"
        for number in range(3)
    ]
    assert play.differences() == []


def test_a_pod_knows_who_it_is() -> None:
    """Its number makes its name, its labels and its hostname; its revision is borne by its whole name."""
    play = running()
    made = pod(play, "web-1").manifest
    assert made["metadata"]["labels"] == {
        "app": "web",
        HASH_LABEL: play.status_of("StatefulSet", "web")["currentRevision"],
        "statefulset.kubernetes.io/pod-name": "web-1",
        "apps.kubernetes.io/pod-index": "1",
    }
    assert (made["spec"]["hostname"], made["spec"]["subdomain"]) == ("web-1", "web")


def test_a_set_without_a_service_names_no_domain() -> None:
    """The serviceName may be absent."""
    play = running(SET.replace("  serviceName: web\n", ""))
    assert "subdomain" not in pod(play, "web-0").manifest["spec"]


def test_a_deleted_pod_comes_back_when_it_is_gone() -> None:
    """A terminating pod still owns its number."""
    play = running()
    since = len(play.history)
    play.delete_pod(pod(play, "web-1"))
    play.settle()
    assert story(play, since) == ["web-1 stopping", "web-1 gone", "web-1 created", "web-1 ready"]


def test_scaling_goes_up_in_order_and_down_in_reverse() -> None:
    """One at a time, in both directions."""
    play = running()
    since = len(play.history)
    play.change("StatefulSet", "web", replicas=5)
    play.settle()
    play.change("StatefulSet", "web", replicas=2)
    play.settle()
    up = [f"web-{number} {word}" for number in (3, 4) for word in ("created", "ready")]
    down = [f"web-{number} {word}" for number in (4, 3, 2) for word in ("stopping", "gone")]
    assert story(play, since) == up + down


@pytest.mark.parametrize("replicas", [1, 4])
def test_an_unready_pod_holds_up_scaling_in_both_directions(replicas: int) -> None:
    """Until all that stay are available, nothing is made and nothing is taken away."""
    play = running(SET.replace("replicas: 3", "replicas: 2"))
    play.behave("web-0", "never-ready")
    play.settle()
    play.change("StatefulSet", "web", replicas=replicas)
    play.settle()
    assert play.names_of() == ["web-0", "web-1"]
    assert play.status_of("StatefulSet", "web")["readyReplicas"] == 1
    play.behave("web-0", "")
    play.settle()
    assert len(play.names_of()) == replicas


def test_a_condemned_pod_that_is_not_available_goes_if_all_below_it_are() -> None:
    """Else it stays, and with it those below it."""
    play = running(SET.replace("replicas: 3", "replicas: 4"))
    play.behave("web-2", "never-ready")
    play.behave("web-3", "never-ready")
    play.settle()
    play.change("StatefulSet", "web", replicas=2)
    play.settle()
    assert play.names_of() == ["web-0", "web-1", "web-2", "web-3"]
    play.behave("web-2", "")
    play.settle()
    assert play.names_of() == ["web-0", "web-1"]


def test_a_failed_pod_is_deleted_and_then_made_anew() -> None:
    """Whoever watches sees it stopping, then gone, before its successor comes."""
    play = running()
    since = len(play.history)
    play.behave("web-0", "exit-1")
    play.settle()
    assert story(play, since) == ["web-0 stopping", "web-0 gone", "web-0 created", "web-0 ready"]
    assert "Normal SuccessfulDelete: Delete Pod web-0 in StatefulSet web successful" in told(play)


def test_a_silent_machine_holds_up_a_number_until_it_is_back() -> None:
    """Nothing is forced: the pod stays, terminating, and counts as made but neither ready nor current."""
    play = Workloads("a", "b")
    play.create(SET.replace("replicas: 3", "replicas: 2"))
    play.settle()
    for name in ("a", "b"):
        play.annotate_node(name, down="true")
    play.settle()
    play.wait(400)
    assert [each.terminating for each in play.pods()] == [True, True]
    status = play.status_of("StatefulSet", "web")
    assert (status["replicas"], status["availableReplicas"]) == (2, 0)
    assert not status.keys() & {"readyReplicas", "currentReplicas", "updatedReplicas"}
    for name in ("a", "b"):
        play.annotate_node(name, down="")
    play.settle()
    assert play.names_of() == ["web-0", "web-1"]


def test_a_parallel_set_waits_for_nobody() -> None:
    """Its pods come and go together, whether they are ready or not; numbers may begin anywhere."""
    play = Workloads("a")
    unready = "labels: {app: web}, annotations: {sim.everynode.dev/behaviour: never-ready}"
    play.create(PARALLEL.replace("labels: {app: web}", unready))
    play.settle()
    assert play.names_of() == ["web-5", "web-6", "web-7"]
    play.change("StatefulSet", "web", replicas=1)
    play.settle()
    assert play.names_of() == ["web-5"]
    assert play.status_of("StatefulSet", "web")["replicas"] == 1


def test_an_update_goes_from_the_highest_number_down_to_the_partition() -> None:
    """Below it pods keep, and are born with, the old template."""
    play = running()
    play.change("StatefulSet", "web", updateStrategy=partition(2))
    since = len(play.history)
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    assert story(play, since) == ["web-2 stopping", "web-2 gone", "web-2 created", "web-2 ready"]
    status = play.status_of("StatefulSet", "web")
    assert (status["currentReplicas"], status["updatedReplicas"]) == (2, 1)
    play.delete_pod(pod(play, "web-0"))
    play.settle()
    assert images(play) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2"}
    since = len(play.history)
    play.change("StatefulSet", "web", updateStrategy=partition(0))
    play.settle()
    words = ("stopping", "gone", "created", "ready")
    assert story(play, since) == [f"web-{number} {word}" for number in (1, 0) for word in words]
    status = play.status_of("StatefulSet", "web")
    assert status["currentRevision"] == status["updateRevision"]


def test_on_delete_updates_only_what_somebody_deletes() -> None:
    """A pod that is born gets the new template; the current revision stays behind."""
    play = running()
    play.change("StatefulSet", "web", updateStrategy={"type": "OnDelete"})
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    assert set(images(play).values()) == {"web:1"}
    play.delete_pod(pod(play, "web-1"))
    play.settle()
    assert images(play) == {"web-0": "web:1", "web-1": "web:2", "web-2": "web:1"}
    status = play.status_of("StatefulSet", "web")
    assert status["currentRevision"] != status["updateRevision"]


def test_an_update_waits_until_the_last_one_is_available() -> None:
    """Ready is not enough: it has to be for minReadySeconds."""
    play = running(SET.replace("replicas: 3", "replicas: 2\n  minReadySeconds: 10"))
    play.wait(11)
    assert play.names_of() == ["web-0", "web-1"]
    play.wait(11)
    assert play.status_of("StatefulSet", "web")["availableReplicas"] == 2
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    assert images(play) == {"web-0": "web:1", "web-1": "web:2"}
    play.wait(11)
    assert images(play) == {"web-0": "web:2", "web-1": "web:2"}


def test_a_broken_update_is_not_mended_by_a_rollback_alone() -> None:
    """The known trap: an ordered set waits at the broken pod. Somebody has to delete it; then it goes on."""
    play = running()
    play.set_template("StatefulSet", "web", BROKEN)
    play.settle()
    assert images(play)["web-2"] == BROKEN
    play.set_template("StatefulSet", "web", "web:1")
    play.settle()
    assert images(play)["web-2"] == BROKEN
    play.delete_pod(pod(play, "web-2"))
    play.settle()
    assert set(images(play).values()) == {"web:1"}


def test_a_parallel_set_is_mended_by_a_rollback() -> None:
    """It does not wait at the broken pod before it updates."""
    play = running(PARALLEL)
    play.set_template("StatefulSet", "web", BROKEN)
    play.settle()
    assert images(play)["web-7"] == BROKEN
    play.set_template("StatefulSet", "web", "web:1")
    play.settle()
    assert set(images(play).values()) == {"web:1"}


def test_a_failed_pod_of_a_parallel_set_is_deleted_once_when_it_is_outdated_too() -> None:
    """What makes up for it is the update of its number as well."""
    play = running(PARALLEL)
    since = len(play.history)
    play.behave("web-7", "exit-1")
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    assert story(play, since)[:4] == ["web-7 stopping", "web-7 gone", "web-7 created", "web-7 ready"]
    assert set(images(play).values()) == {"web:2"}


def test_a_known_template_comes_back_under_a_higher_number() -> None:
    """Revisions are those of DaemonSets, but for the label of their hash."""
    play = running()
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    play.set_template("StatefulSet", "web", "web:1")
    play.settle()
    assert sorted(each.number for each in play.revisions.values()) == [2, 3]
    assert all("controller.kubernetes.io/hash" in each.labels for each in play.revisions.values())


def test_only_revisions_that_nobody_bears_count_towards_the_limit() -> None:
    """The oldest go first."""
    play = running(SET.replace("replicas: 3", "replicas: 1\n  revisionHistoryLimit: 1"))
    for number in range(2, 6):
        play.set_template("StatefulSet", "web", f"web:{number}")
        play.settle()
    assert sorted(each.number for each in play.revisions.values()) == [4, 5]


def test_a_revision_that_somebody_deletes_is_made_again() -> None:
    """The set is looked at, and its template is kept anew."""
    play = running()
    (name,) = (each.name for each in play.revisions.values())
    play.remove("ControllerRevision", name)
    play.settle()
    assert [each.name for each in play.revisions.values()] == [name]


def test_a_hash_that_another_revision_bears_is_counted_as_a_collision() -> None:
    """The set gets a revision of another name."""
    play = running()
    (kept,) = play.revisions.values()
    foreign = {key: value for key, value in kept.manifest["metadata"].items() if key != "ownerReferences"}
    play.remove("StatefulSet", "web")
    play.remove("ControllerRevision", kept.name)
    labels = {"labels": {"of": "somebody"}}
    data = {"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}
    other = {**kept.manifest, "metadata": {**foreign, **labels}, "data": data}
    play.edit("ControllerRevision", other, Verb.ADDED)
    play.settle()
    play.create(SET)
    play.settle()
    assert play.status_of("StatefulSet", "web")["collisionCount"] == 1
    assert play.names_of() == ["web-0", "web-1", "web-2"]


def test_orphans_are_adopted_by_a_set_of_the_same_name_and_selector() -> None:
    """Pods of other names, and those whose labels do not match, are left alone."""
    play = running()
    owner = play.workload("StatefulSet", "web")
    play.remove("StatefulSet", "web")
    standing: list[View] = [*play.pods(), *play.revisions.values()]
    for each in standing:
        meta = {key: value for key, value in each.manifest["metadata"].items() if key != "ownerReferences"}
        play.edit(each.key[0], {**each.manifest, "metadata": meta}, timers=each.timers)
    bare = pod(play, "web-0").manifest
    other = {**bare, "metadata": {**bare["metadata"], "name": "other-0", "uid": "o"}}
    play.edit("Pod", other, Verb.ADDED)
    since = len(play.history)
    play.create(SET)
    play.settle()
    assert story(play, since) == []
    assert {each.name: bool(each.owner) for each in play.pods()} == {
        "web-0": True,
        "web-1": True,
        "web-2": True,
        "other-0": False,
    }
    assert play.workload("StatefulSet", "web").uid != owner.uid
    play.remove("Pod", "other-0")
    play.settle()
    assert play.names_of() == ["web-0", "web-1", "web-2"]


def test_a_released_pod_keeps_its_name_from_its_successor() -> None:
    """A name never stands twice: the set waits until the pod that bears it is gone."""
    play = running()
    standing = pod(play, "web-1")
    play.mark("Pod", "web-1", labels={"app": "mine"})
    play.settle()
    assert pod(play, "web-1").uid == standing.uid
    assert not pod(play, "web-1").owner
    play.delete_pod(pod(play, "web-1"))
    play.settle()
    assert pod(play, "web-1").owner == play.workload("StatefulSet", "web").uid


def test_a_label_that_says_who_a_pod_is_comes_back() -> None:
    """Services choose pods by it."""
    play = running()
    labels = {key: value for key, value in pod(play, "web-1").labels.items() if "pod-name" not in key}
    play.mark("Pod", "web-1", labels=labels)
    play.settle()
    assert pod(play, "web-1").labels["statefulset.kubernetes.io/pod-name"] == "web-1"
    assert "Normal SuccessfulUpdate: Update Pod web-1 in StatefulSet web successful" in told(play)


def test_a_refused_pod_is_told_and_tried_again() -> None:
    """The event names pod and set; an account that comes lets the set go on at once."""
    text = SET.replace("spec: {containers", "spec: {serviceAccountName: db, containers")
    play = running(text)
    about = 'error looking up service account default/db: serviceaccount "db" not found'
    refusal = f'Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: {about}'
    assert told(play) == [f"Warning FailedCreate: {refusal}"]
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "db"}}, Verb.ADDED)
    play.settle()
    assert play.names_of() == ["web-0", "web-1", "web-2"]


def test_a_refused_pod_of_a_parallel_set_ends_the_pass() -> None:
    """Nothing is taken away in the same breath."""
    play = running(PARALLEL)
    template = play.the("StatefulSet", "web").manifest["spec"]["template"]
    spec = {**template["spec"], "serviceAccountName": "db"}
    play.change("StatefulSet", "web", template={**template, "spec": spec}, replicas=4)
    play.settle()
    assert play.names_of() == ["web-5", "web-6", "web-7"]
    assert set(images(play).values()) == {"web:1"}


def test_a_set_that_is_being_deleted_makes_nothing_and_keeps_its_numbers() -> None:
    """In the foreground its pods go first, and none comes back."""
    play = running()
    owner = play.the("StatefulSet", "web")
    meta: Manifest = {"deletionTimestamp": play.now.stamp, "finalizers": ["foregroundDeletion"]}
    play.mark("StatefulSet", "web", **meta)
    play.settle()
    assert play.pods() == []
    assert play.world.find(*owner.key) is None


def test_a_set_of_none_is_complete_at_once() -> None:
    """A template that nobody bears is the current one."""
    play = running(SET.replace("replicas: 3", "replicas: 0"))
    play.set_template("StatefulSet", "web", "web:2")
    play.settle()
    status = play.status_of("StatefulSet", "web")
    assert status["currentRevision"] == status["updateRevision"]
    assert play.pods() == []
