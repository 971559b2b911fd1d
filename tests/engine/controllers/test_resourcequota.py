"""Quotas are counted, hold what controllers make, and let it in again, as a real 1.36 does."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from controller.engine.changes import Verb
from controller.engine.controllers.podcontrol import told_quotas_in
from controller.engine.controllers.resourcequota import ResourceQuotas
from controller.engine.controllers.row import ROW
from controller.engine.deletion import delete_pod
from controller.engine.objects import Manifest, Pod
from controller.engine.quota.limits import ANNOTATION
from controller.engine.reasons import Reason
from tests.engine.play import set_manifest
from tests.engine.workloads import Workloads

KIND = "ResourceQuota"
TEMPLATE = """
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
SET = f"""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: web}}
spec:
  replicas: 3
{TEMPLATE}
"""


BARE = """
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {containers: [{name: main, image: "web:1"}]}
"""


def allow(play: Workloads, *, name: str = "few", **hard: str) -> None:
    """Create a quota."""
    play.make(KIND, {"kind": KIND, "metadata": {"name": name}, "spec": {"hard": hard}})


def told(play: Workloads, name: str = "few") -> dict[str, Any]:
    """Return what is used of a quota, as its status tells."""
    used: dict[str, Any] = play.status_of(KIND, name)["used"]
    return used


def test_what_stands_is_counted() -> None:
    """From the first pass on the status says what is allowed and used; names of nothing have no usage."""
    play = Workloads("a")
    play.create(SET)
    play.settle()
    allow(play, pods="9", **{"count/replicasets.apps": "2", "example.com/x": "1", "requests.memory": "1Gi"})
    play.settle()
    assert play.status_of(KIND, "few") == {
        "hard": {
            "pods": "9",
            "count/replicasets.apps": "2",
            "example.com/x": "1",
            "requests.memory": "1Gi",
        },
        "used": {"count/replicasets.apps": "1", "pods": "3", "requests.memory": "0"},
    }
    assert play.differences() == []


def test_only_what_the_scopes_name_is_counted() -> None:
    """A pod that asks for something has not what a quota of those that ask for nothing is about."""
    play = Workloads("a")
    spec = {"hard": {"pods": "9"}, "scopes": ["BestEffort"]}
    play.make(KIND, {"kind": KIND, "metadata": {"name": "few"}, "spec": spec})
    play.create(BARE)
    asks = 'image: "web:1", resources: {requests: {cpu: 10m}}'
    play.create(BARE.replace("bare", "asks").replace('image: "web:1"', asks))
    play.settle()
    assert (len(play.pods()), told(play)) == (2, {"pods": "1"})


class Sealed:
    """A manifest that nobody may ask for."""

    def manifest(self) -> Manifest:
        """Fail."""
        raise AssertionError


def test_how_many_pods_there_are_is_known_without_their_manifests() -> None:
    """Of pods at rest those are packed, so a large world with such a quota would take long to load."""
    play = Workloads("a")
    play.create(SET)
    play.settle()
    for pod in play.standing():
        pod.pack(Sealed())
    allow(play, pods="9", **{"count/pods": "9"})
    play.settle()
    assert told(play) == {"count/pods": "3", "pods": "3"}


def test_the_count_follows_what_comes_changes_and_goes() -> None:
    """Also by other quotas of the namespace, and not by what is elsewhere."""
    play = Workloads("a")
    allow(play, pods="9", **{"requests.memory": "1Gi"})
    allow(play, name="other", **{"count/pods": "9"})
    play.settle()
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: NAMESPACE}
spec:
  restartPolicy: Never
  containers: [{name: main, image: "x:1", resources: {requests: {memory: 64Mi}}}]
"""
    play.create(pod.replace("NAMESPACE", "default"))
    play.create(pod.replace("NAMESPACE", "elsewhere"))
    play.settle()
    assert (told(play), told(play, "other")) == (
        {"pods": "1", "requests.memory": "64Mi"},
        {"count/pods": "1"},
    )
    play.behave("bare", "exit-0")
    play.wait(20)
    assert (told(play), told(play, "other")) == ({"pods": "0", "requests.memory": "0"}, {"count/pods": "1"})
    play.remove("Pod", "bare")
    play.settle()
    assert told(play, "other") == {"count/pods": "0"}
    assert play.differences() == []


def test_a_quota_that_changes_is_counted_anew() -> None:
    """What somebody writes into its status does not stay; one that allows nothing has none."""
    play = Workloads("a")
    play.create(SET)
    allow(play, pods="9")
    play.settle()
    quota = play.the(KIND, "few")
    play.edit(KIND, {**quota.manifest, "status": {"hard": {"pods": "9"}, "used": {"pods": "7"}}})
    play.settle()
    assert told(play) == {"pods": "3"}
    play.mark(KIND, "few", labels={"kept": "yes"})
    assert play.tick().changes == ()
    play.change(KIND, "few", hard={"count/pods": "9"})
    play.settle()
    assert told(play) == {"count/pods": "3"}
    play.change(KIND, "few", hard={})
    play.settle()
    assert play.status_of(KIND, "few") == {}
    play.remove(KIND, "few")
    play.change("ReplicaSet", "web", replicas=4)
    play.settle()
    assert len(play.standing()) == 4
    assert play.differences() == []


def test_of_two_quotas_one_may_go() -> None:
    """The other goes on counting; who was to be told of the first is not missed."""
    play = Workloads("a")
    allow(play, pods="9")
    allow(play, name="other", pods="9")
    play.remove(KIND, "few")
    play.create(SET)
    play.settle()
    assert told(play, "other") == {"pods": "3"}
    assert play.differences() == []


def test_a_replicaset_makes_as_many_as_there_is_room_for() -> None:
    """The rest is told by events with the names that were refused, and by a condition."""
    play = Workloads("a")
    allow(play, pods="2")
    play.settle()
    play.create(SET)
    play.settle()
    assert len(play.standing()) == 2
    (condition,) = play.status_of("ReplicaSet", "web")["conditions"]
    said = "is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"
    assert f"Error creating: {condition['message']}" in play.events("FailedCreate")
    assert condition["message"].startswith('pods "web-')
    assert condition["message"].endswith(said)
    assert play.differences() == []
    play.wait(11)
    assert play.status_of("ReplicaSet", "web")["conditions"] == [condition]
    play.change(KIND, "few", hard={"pods": "3"})
    play.settle()
    assert len(play.standing()) == 3
    assert "conditions" not in play.status_of("ReplicaSet", "web")
    assert play.differences() == []


def test_without_the_controller_nothing_is_held() -> None:
    """A quota is counted by nobody then."""
    play = Workloads("a", row=[one for one in ROW if one is not ResourceQuotas])
    allow(play, pods="0")
    play.create(SET)
    play.settle()
    assert len(play.standing()) == 3


DAEMONS = set_manifest(pod={"containers": [{"name": "main", "image": "agent:1", "resources": {}}]})


def test_a_daemonset_says_why_a_node_has_no_pod() -> None:
    """Nodes are served as far as there is room; as soon as there is more, the others are."""
    play = Workloads("a", "b", "c")
    allow(play, pods="2")
    play.settle()
    uid = play.add_set(DAEMONS)
    play.settle()
    assert [pod.node for pod in play.standing()] == ["a", "b"]
    said = 'Error creating: pods "agent-" is forbidden: exceeded quota: few, requested: pods=1, '
    assert play.sets[uid].refusal == f"{said}used: pods=2, limited: pods=2"
    assert len(play.events("FailedCreate")) == 1
    assert play.differences() == []
    play.change(KIND, "few", hard={"pods": "3"})
    play.settle()
    assert len(play.standing()) == 3
    play.change(KIND, "few", hard={"pods": "4"})
    play.settle()
    assert not play.sets[uid].refusal
    assert play.differences() == []


def test_quotas_are_read_once_until_one_changes() -> None:
    """However many sets of their namespace are judged by what they tell."""
    play = Workloads("a")
    allow(play, pods="9")
    play.settle()
    read = told_quotas_in(play.world, "default")
    assert [(one.name, sorted(one.hard)) for one in read] == [("few", ["pods"])]
    assert told_quotas_in(play.world, "default") is read
    assert not told_quotas_in(play.world, "elsewhere")
    play.change(KIND, "few", hard={"count/pods": "9"})
    play.settle()
    assert [sorted(one.hard) for one in told_quotas_in(play.world, "default")] == [["count/pods"]]


def test_a_rollout_under_a_quota_that_is_just_enough() -> None:
    """A pod's place is free when it is gone: nothing is refused on the way."""
    play = Workloads("a", "b", "c")
    allow(play, pods="3")
    uid = play.add_set(DAEMONS)
    play.settle()
    play.set_image(uid, "agent:2")
    play.wait(60)
    assert play.images() == {"a": ["agent:2"], "b": ["agent:2"], "c": ["agent:2"]}
    assert play.events("FailedCreate") == []


def test_a_quota_of_cpu_wants_a_daemonset_to_say() -> None:
    """That is told of the set before any pod was tried."""
    play = Workloads("a")
    allow(play, **{"limits.cpu": "4"})
    uid = play.add_set(DAEMONS)
    play.settle()
    assert play.sets[uid].refusal.endswith("failed quota: few: must specify limits.cpu for: main")


LIMITS: dict[str, Any] = {
    "kind": "LimitRange",
    "metadata": {"name": "defaults"},
    "spec": {"limits": [{"type": "Container", "default": {"cpu": "200m"}, "min": {"cpu": "50m"}}]},
}


def test_a_limit_range_gives_daemons_what_they_do_not_ask_for() -> None:
    """With it the same quota lets them in; pods of a revision go on sharing their containers."""
    play = Workloads("a", "b")
    allow(play, **{"limits.cpu": "300m"})
    play.make("LimitRange", LIMITS)
    uid = play.add_set(DAEMONS)
    play.settle()
    (pod,) = play.standing()
    assert pod.manifest["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "200m"},
        "limits": {"cpu": "200m"},
    }
    assert ANNOTATION in pod.manifest["metadata"]["annotations"]
    assert told(play) == {"limits.cpu": "200m"}
    assert "requested: limits.cpu=200m, used: limits.cpu=200m" in play.sets[uid].refusal
    play.change("LimitRange", "defaults", limits=[{"type": "Container", "max": {"cpu": "100m"}}])
    play.settle()
    assert play.differences() == []


def test_a_limit_range_refuses_daemons_that_are_too_large() -> None:
    """Its sentence is the set's refusal."""
    play = Workloads("a")
    play.make("LimitRange", LIMITS)
    large = {"requests": {"cpu": "10m"}, "limits": {"cpu": "10m"}}
    pod = {"containers": [{"name": "main", "image": "agent:1", "resources": large}]}
    uid = play.add_set(set_manifest(pod=pod))
    play.settle()
    assert play.pods() == []
    said = "minimum cpu usage per Container is 50m, but request is 10m"
    assert play.sets[uid].refusal.endswith(said)
    assert play.events("FailedCreate")[0].endswith(said)


def test_a_job_and_a_statefulset_wait_for_room() -> None:
    """Each tells in its own words, and goes on when there is room."""
    play = Workloads("a")
    allow(play, pods="0", persistentvolumeclaims="0")
    play.settle()
    play.create("""
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "x:1"}]}}}
""")
    sets = yaml.safe_load(SET.replace("ReplicaSet", "StatefulSet").replace("replicas: 3", "replicas: 1"))
    claims = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    sets["spec"] |= {
        "serviceName": "web",
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claims}],
    }
    play.make("StatefulSet", sets)
    play.settle()
    assert play.differences() == []
    refused = play.events("FailedCreate")
    assert sorted(one.partition(" is forbidden")[0].partition("-")[0] for one in refused) == [
        "Create Claim data",
        "Create Pod web",
        'Error creating: pods "once',
    ]
    play.change(KIND, "few", hard={"pods": "0"})
    play.wait(15)
    assert any(
        one.startswith(
            'Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: exceeded'
        )
        for one in play.events("FailedCreate")
    )
    assert play.differences() == []
    play.change(KIND, "few", hard={"pods": "2"})
    play.wait(30)
    assert len(play.pods()) == 2
    assert play.differences() == []


def test_a_deployment_tells_that_its_set_was_refused() -> None:
    """Its old pods stay; when there is room the rollout goes on."""
    play = Workloads("a")
    allow(play, **{"count/replicasets.apps": "1"})
    play.settle()
    play.create(SET.replace("ReplicaSet", "Deployment"))
    play.settle()
    play.set_template("Deployment", "web", "web:2")
    play.settle()
    (progress,) = [
        one for one in play.status_of("Deployment", "web")["conditions"] if one["type"] == "Progressing"
    ]
    assert (progress["status"], progress["reason"]) == ("False", "ReplicaSetCreateError")
    assert progress["message"].startswith('Failed to create new replica set "web-')
    assert progress["message"].endswith(
        "is forbidden: exceeded quota: few, requested: count/replicasets.apps=1, "
        "used: count/replicasets.apps=1, limited: count/replicasets.apps=1"
    )
    assert play.events("ReplicaSetCreateError") == [progress["message"]]
    assert play.images() == {"a": ["web:1"] * 3}
    assert play.differences() == []
    play.change(KIND, "few", hard={"count/replicasets.apps": "2"})
    play.settle()
    assert play.images() == {"a": ["web:2"] * 3}


def test_a_recreated_deployment_waits_too() -> None:
    """Its old pods are gone by then: that is its strategy."""
    play = Workloads("a")
    play.create(SET.replace("ReplicaSet", "Deployment").replace("replicas: 3", "strategy: {type: Recreate}"))
    allow(play, **{"count/replicasets.apps": "1"})
    play.settle()
    play.set_template("Deployment", "web", "web:2")
    play.wait(15)
    assert play.pods() == []
    play.remove(KIND, "few")
    play.wait(15)
    assert play.images() == {"a": ["web:2"]}


def test_a_cronjob_tells_that_its_job_was_refused() -> None:
    """The time is over then."""
    play = Workloads("a")
    allow(play, **{"count/jobs.batch": "0"})
    play.settle()
    play.create("""
apiVersion: batch/v1
kind: CronJob
metadata: {name: often}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "x:1"}]}}}}
""")
    play.wait(61)
    assert 'Error creating job: jobs.batch "often-' in play.events("FailedCreate")[0]


def delete(play: Workloads) -> Pod:
    """Ask for the only pod to be deleted, as a person does; return it."""
    (pod,) = play.standing()
    change = delete_pod(pod, play.now, play.settings, actor="somebody", reason=Reason.DELETED)
    play.edit("Pod", change.manifest, timers=change.timers)
    return pod


def stuck(play: Workloads) -> Pod:
    """Let the only pod be deleted while its node is lost; return it."""
    (pod,) = play.standing()
    play.annotate_node(pod.node, down="true")
    play.settle()
    return delete(play)


def test_a_pod_that_is_stuck_on_a_lost_node_is_not_held_against_its_namespace() -> None:
    """After twice its time to go it does not count any more, until it comes back or is gone."""
    play = Workloads("a", "b")
    allow(play, pods="1")
    play.settle()
    play.create(SET.replace("replicas: 3", "replicas: 1"))
    play.settle()
    pod = stuck(play)
    play.wait(20)
    assert (told(play), play.standing()) == ({"pods": "1"}, [])
    play.wait(100)
    assert len(play.standing()) == 1
    assert told(play) == {"pods": "1"}
    allow(play, name="later", pods="5")
    play.settle()
    play.edit("Pod", play.the("Pod", pod.name).manifest, Verb.DELETED)
    play.settle()
    assert told(play) == {"pods": "1"}


def test_a_pod_of_a_name_that_was_stuck_counts() -> None:
    """Whoever was not held against a quota that is gone by now has left nothing behind."""
    play = Workloads("a", "b")
    allow(play, pods="1")
    play.settle()
    play.create(BARE)
    play.settle()
    pod = stuck(play)
    play.wait(100)
    assert told(play) == {"pods": "0"}
    play.remove(KIND, "few")
    play.edit("Pod", play.the("Pod", pod.name).manifest, Verb.DELETED)
    play.create(BARE)
    play.settle()
    allow(play, pods="1")
    play.settle()
    assert told(play) == {"pods": "1"}


def test_a_pod_that_went_in_time_is_not_looked_for() -> None:
    """Also if nobody looked at the cluster when it would have been late."""
    play = Workloads("a", "b")
    allow(play, pods="1")
    play.create(SET.replace("replicas: 3", "replicas: 1"))
    play.settle()
    delete(play)
    play.time += 500
    play.settle()
    assert (told(play), len(play.standing())) == ({"pods": "1"}, 1)


STORY = f"""
{SET.replace("ReplicaSet", "Deployment")}
---
{SET.replace("ReplicaSet", "StatefulSet").replace("app: web", "app: db").replace("name: web", "name: db")}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: once}}
spec:
  parallelism: 2
  completions: 4
  template: {{spec: {{restartPolicy: Never, containers: [{{name: main, image: "x:1"}}]}}}}
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_count_is_right(seed: int) -> None:
    """And whoever waits for room takes it at once: a world made from scratch finds nothing to do."""
    chance = random.Random(seed)  # noqa: S311 -- a story
    play = Workloads("a", "b", seed=seed)
    allow(play, pods="3")
    play.create(STORY)
    play.add_set(DAEMONS)
    for _ in range(12):
        play.change(KIND, "few", hard={"pods": str(chance.randrange(10)), "count/pods": "12"})
        play.wait(chance.random() * 3)
        if play.standing():
            pod = chance.choice(play.standing())
            play.behave(pod.name, chance.choice(["exit-0", "exit-1", ""]))
            gone = chance.choice(play.standing())
            change = delete_pod(gone, play.now, play.settings, actor="somebody", reason=Reason.DELETED)
            play.edit("Pod", change.manifest, change.verb, change.timers)
        play.wait(chance.random() * 15)
        assert play.differences() == []
        counted = [pod for pod in play.pods() if not pod.finished]
        assert told(play) == {"pods": str(len(counted)), "count/pods": str(len(play.pods()))}
