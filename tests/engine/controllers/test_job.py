"""A Job runs pods to their end: how many at once, what counts, when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.kubelet import Kubelets
from controller.engine.controllers.row import ROW
from controller.engine.differences import differences
from controller.engine.job.pods import INDEX, TRACKING
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Pod
from tests.engine.workloads import Workloads

JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  SPEC
  template:
    metadata: {annotations: {sim.everynode.dev/behaviour: BEHAVIOUR}}
    spec: {restartPolicy: POLICY, containers: [{name: main, image: "pi:1"}]}
"""


def job(*spec: str, behaviour: str = "ok", policy: str = "Never") -> str:
    """Return a Job with lines of a spec, whose pods behave in a way."""
    text = JOB.replace("SPEC", "\n  ".join(spec) or "suspend: false")
    return text.replace("BEHAVIOUR", behaviour).replace("POLICY", policy)


def told(play: Workloads) -> list[str]:
    """Return the conditions of the Job that hold."""
    conditions = play.status_of("Job", "pi").get("conditions") or []
    return [f"{one['type']}={one['status']} {one['reason']}" for one in conditions]


def numbers(play: Workloads) -> dict[str, Any]:
    """Return the numbers of the Job's status."""
    status = play.status_of("Job", "pi")
    fields = ("active", "ready", "terminating", "succeeded", "failed", "completedIndexes")
    return {field: status[field] for field in fields if status.get(field)}


def are_tracked(play: Workloads) -> list[bool]:
    """Return of each pod whether it has still to be counted."""
    return [TRACKING in (pod.manifest["metadata"].get("finalizers") or ()) for pod in play.pods()]


def end(play: Workloads, *names: str, behaviour: str = "exit-0") -> None:
    """Let pods end."""
    for name in names:
        annotations = play.the("Pod", name).manifest["metadata"].get("annotations") or {}
        play.mark("Pod", name, annotations={**annotations, BEHAVIOUR_ANNOTATION: behaviour})
    play.settle()


def test_enough_successes_complete_it() -> None:
    """Pods run two at a time until five have succeeded; they stay, counted, and its end is told."""
    play = Workloads("a")
    play.create(job("completions: 5", "parallelism: 2", behaviour="exit-0"))
    play.settle()
    assert numbers(play) == {"succeeded": 5}
    assert told(play) == ["SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"]
    assert are_tracked(play) == [False] * 5
    assert play.events("Completed") == ["Job completed"]
    assert {"startTime", "completionTime"} <= set(play.status_of("Job", "pi"))
    pod = play.pods()[0].manifest
    uid = play.the("Job", "pi").uid
    assert pod["metadata"]["generateName"] == "pi-"
    assert pod["metadata"]["labels"] == {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "pi",
        "controller-uid": uid,
        "job-name": "pi",
    }


def test_no_more_run_at_once_than_it_says() -> None:
    """One that is nearly done starts no more than it lacks."""
    play = Workloads("a")
    play.create(job("completions: 3", "parallelism: 2"))
    play.settle()
    assert numbers(play) == {"active": 2, "ready": 2}
    assert are_tracked(play) == [True, True]
    end(play, *(pod.name for pod in play.standing()))
    assert numbers(play) == {"active": 1, "ready": 1, "succeeded": 2}


def test_a_job_without_completions_is_done_with_the_last_after_a_success() -> None:
    """After the first success no pod is made; it is complete when the others have ended."""
    play = Workloads("a")
    play.create(job("parallelism: 2"))
    play.settle()
    first, second = (pod.name for pod in play.standing())
    end(play, first)
    assert (numbers(play), told(play)) == ({"active": 1, "ready": 1, "succeeded": 1}, [])
    end(play, second)
    assert numbers(play) == {"succeeded": 2}
    assert told(play)[-1] == "Complete=True CompletionsReached"


def test_failures_wait_longer_each_time_until_the_limit() -> None:
    """The next pod comes 10 s after the first failure, 20 s after the second; beyond the limit it fails."""
    play = Workloads("a")
    play.create(job("backoffLimit: 2", behaviour="exit-1"))
    play.settle()
    assert numbers(play) == {"failed": 1}
    play.wait(9.5)
    assert numbers(play) == {"failed": 1}
    play.wait(1)
    assert numbers(play) == {"failed": 2}
    play.wait(19)
    assert told(play) == []
    play.wait(2)
    assert numbers(play) == {"failed": 3}
    assert told(play) == ["FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"]
    assert play.events("BackoffLimitExceeded") == ["Job has reached the specified backoff limit"]
    assert len(play.pods()) == 3


def test_a_success_forgets_the_failures_before() -> None:
    """Then the wait begins anew."""
    play = Workloads("a")
    play.create(job("completions: 5", "parallelism: 2"))
    play.settle()
    first, second = (pod.name for pod in play.standing())
    end(play, first, behaviour="exit-1")
    assert "retry" in play.the("Job", "pi").timers
    end(play, second)
    assert numbers(play) == {"active": 2, "ready": 2, "succeeded": 1, "failed": 1}
    assert "retry" not in play.the("Job", "pi").timers


def test_at_its_limit_the_pods_at_work_are_deleted_and_count() -> None:
    """Failed comes when they are gone."""
    play = Workloads("a", "b")
    play.create(job("parallelism: 3", "backoffLimit: 0"))
    play.settle()
    for node in ("a", "b"):
        play.annotate_node(node, down="true")
    play.annotate_node(play.standing()[0].node, down="false")
    failing = play.standing()[0]
    end(play, failing.name, behaviour="exit-1")
    play.settle()
    assert told(play) == ["FailureTarget=True BackoffLimitExceeded"]
    assert numbers(play)["failed"] == 3
    for node in ("a", "b"):
        play.annotate_node(node, down="false")
    play.wait(1)
    assert told(play)[-1] == "Failed=True BackoffLimitExceeded"
    assert [pod.name for pod in play.pods()] == [failing.name]


def test_a_deadline_ends_it() -> None:
    """Its running pods are deleted and count as failed."""
    play = Workloads("a")
    play.create(job("parallelism: 2", "activeDeadlineSeconds: 9"))
    play.wait(8)
    assert numbers(play) == {"active": 2, "ready": 2}
    play.wait(2)
    assert numbers(play) == {"failed": 2}
    assert told(play) == ["FailureTarget=True DeadlineExceeded", "Failed=True DeadlineExceeded"]
    assert play.events("DeadlineExceeded") == ["Job was active longer than specified deadline"]
    assert play.pods() == []
    assert len(play.events("SuccessfulDelete")) == 2


def test_one_that_is_suspended_waits() -> None:
    """Its pods go and do not count; resumed, its time begins anew."""
    play = Workloads("a")
    play.create(job("suspend: true", "activeDeadlineSeconds: 9"))
    play.settle()
    assert (told(play), play.pods()) == (["Suspended=True JobSuspended"], [])
    assert "startTime" not in play.status_of("Job", "pi")
    play.wait(20)
    play.change("Job", "pi", suspend=False)
    play.settle()
    assert (told(play), numbers(play)) == (["Suspended=False JobResumed"], {"active": 1, "ready": 1})
    play.change("Job", "pi", suspend=True)
    play.wait(20)
    assert (told(play), numbers(play), play.pods()) == (["Suspended=True JobSuspended"], {}, [])
    assert play.events("Suspended") == ["Job suspended"]
    assert play.events("Resumed") == ["Job resumed"]


def test_an_indexed_job_does_each_index_once() -> None:
    """Pods bear their index in name, label, annotation, host name and environment."""
    play = Workloads("a")
    text = job("completionMode: Indexed", "completions: 3", "parallelism: 2")
    told = '{name: own, image: "pi:1", env: [{name: JOB_COMPLETION_INDEX, value: mine}]}'
    play.create(text.replace("containers: [", f"containers: [{told}, "))
    play.settle()
    pods = {pod.labels[INDEX]: pod for pod in play.standing()}
    assert sorted(pods) == ["0", "1"]
    first = pods["0"].manifest
    assert first["metadata"]["generateName"] == "pi-0-"
    assert first["metadata"]["annotations"][INDEX] == "0"
    assert first["spec"]["hostname"] == "pi-0"
    own, env = (container["env"][0] for container in first["spec"]["containers"])
    assert own == {"name": "JOB_COMPLETION_INDEX", "value": "mine"}
    assert env["valueFrom"]["fieldRef"]["fieldPath"] == f"metadata.labels['{INDEX}']"
    end(play, pods["1"].name)
    assert numbers(play) == {"active": 2, "ready": 2, "succeeded": 1, "completedIndexes": "1"}
    end(play, *(pod.name for pod in play.standing()))
    assert numbers(play) == {"succeeded": 3, "completedIndexes": "0-2"}


def test_an_indexed_job_can_shrink_and_grow_with_its_parallelism() -> None:
    """Pods of indexes that are no longer wanted go; so do two of one index, and one without."""
    play = Workloads("a")
    play.create(job("completionMode: Indexed", "completions: 3", "parallelism: 3"))
    play.settle()
    play.change("Job", "pi", completions=1, parallelism=1)
    play.settle()
    (left,) = play.standing()
    assert left.labels[INDEX] == "0"
    assert numbers(play) == {"active": 1, "ready": 1}
    for name, index in (("twin", {INDEX: "0"}), ("none", {})):
        meta = {**left.manifest["metadata"], "name": name, "uid": name, "annotations": index}
        meta |= {"finalizers": []}
        play.edit("Pod", {**left.manifest, "metadata": meta}, Verb.ADDED)
    play.settle()
    assert len(play.standing()) == 1


def test_fewer_at_once_delete_the_surplus_which_does_not_count() -> None:
    """A Job that is made narrower keeps what was counted."""
    play = Workloads("a")
    play.create(job("completions: 5", "parallelism: 4"))
    play.settle()
    play.change("Job", "pi", parallelism=1)
    play.settle()
    assert numbers(play) == {"active": 1, "ready": 1}
    assert len(play.pods()) == 1


def test_a_pod_that_is_deleted_has_failed() -> None:
    """It is counted at once, and its successor waits; with replacement of failed ones only, when it ended."""
    play = Workloads("a")
    play.create(job("completions: 1"))
    play.settle()
    play.delete_pod(play.standing()[0])
    play.settle()
    assert numbers(play) == {"failed": 1}
    play.wait(11)
    assert numbers(play) == {"active": 1, "ready": 1, "failed": 1}


def test_it_can_wait_until_a_pod_that_goes_has_ended() -> None:
    """PodReplacementPolicy Failed: a terminating pod holds its place, and ends Failed before it goes."""
    play = Workloads("a")
    play.create(job("completions: 1", "podReplacementPolicy: Failed"))
    play.settle()
    play.annotate_node("a", down="true")
    play.delete_pod(play.standing()[0])
    play.settle()
    assert numbers(play) == {"terminating": 1}
    play.annotate_node("a", down="false")
    play.settle()
    assert numbers(play) == {"failed": 1}
    assert play.pods() == []


def test_a_pod_whose_node_is_gone_has_failed() -> None:
    """No kubelet will say so: it is told for it, and counted."""
    play = Workloads("a", "b")
    play.create(job("completions: 1", "podReplacementPolicy: Failed"))
    play.settle()
    (pod,) = play.standing()
    play.remove_node(pod.node)
    play.wait(2)
    assert numbers(play) == {"failed": 1}
    assert play.pods() == []
    play.wait(10)
    assert numbers(play) == {"active": 1, "ready": 1, "failed": 1}


@pytest.mark.parametrize("behaviour", ["ok", "exit-0"])
def test_what_holds_a_pod_holds_it_when_its_node_is_gone(behaviour: str) -> None:
    """It is over then, as it ended or failed, and for whose sake is told."""
    play = Workloads("a")
    text = job(behaviour=behaviour).replace(
        "metadata: {annotations", "metadata: {finalizers: [a.b/c], annotations"
    )
    play.create(text)
    play.settle()
    (pod,) = play.pods()
    play.remove_node("a")
    play.wait(2)
    held = play.the("Pod", pod.name)
    assert isinstance(held, Pod)
    assert (held.phase, held.terminating) == ("Failed" if behaviour == "ok" else "Succeeded", True)
    reasons = [one.get("reason") for one in held.manifest["status"]["conditions"]]
    assert ("DeletionByPodGC" in reasons) == (behaviour == "ok")


def test_pods_that_start_again_too_often_fail_it() -> None:
    """With restartPolicy OnFailure it is the restarts that are counted."""
    play = Workloads("a")
    play.create(job("backoffLimit: 1", behaviour="crash-loop", policy="OnFailure"))
    play.wait(15)
    assert told(play)[-1] == "Failed=True BackoffLimitExceeded"
    assert play.pods() == []


def test_an_account_that_is_missing_is_told() -> None:
    """The creation is tried again after a while."""
    play = Workloads("a")
    play.remove("ServiceAccount", "default")
    play.create(job())
    play.settle()
    (refusal,) = play.events("FailedCreate")
    assert 'serviceaccount "default" not found' in refusal
    assert numbers(play) == {}


@pytest.mark.parametrize("cascade", ["background", "orphan"])
def test_pods_of_a_job_that_is_gone_are_let_go(cascade: str) -> None:
    """Nobody counts them any more: they go with it, or run on without the finalizer."""
    play = Workloads("a")
    play.create(job("parallelism: 2"))
    play.settle()
    end(play, play.standing()[0].name)
    if cascade == "orphan":
        for pod in play.pods():
            play.mark("Pod", pod.name, ownerReferences=[])
    play.remove("Job", "pi")
    play.settle()
    assert are_tracked(play) == ([False, False] if cascade == "orphan" else [])


def test_a_job_that_is_being_deleted_makes_no_pods() -> None:
    """It still counts those that end."""
    play = Workloads("a")
    play.create(job("completions: 3"))
    play.settle()
    play.mark("Job", "pi", deletionTimestamp=play.now.stamp, finalizers=["a.b/c"])
    end(play, play.standing()[0].name)
    assert numbers(play) == {"succeeded": 1}
    assert play.standing() == []


def test_with_a_selector_of_its_own_it_adopts_and_releases() -> None:
    """What it adopts it counts; what it releases it forgets."""
    play = Workloads("a")
    text = job("manualSelector: true", "selector: {matchLabels: {app: pi}}", "completions: 2")
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: pi}}
spec: {restartPolicy: Never, containers: [{name: main, image: "pi:1"}]}
"""
    play.create(pod)
    play.create(text.replace("metadata: {annotations", "metadata: {labels: {app: pi}, annotations"))
    play.settle()
    assert (numbers(play), are_tracked(play)) == ({"active": 1, "ready": 1}, [True])
    play.mark("Pod", "bare", labels={"app": "other", "batch.kubernetes.io/job-name": "pi"})
    play.settle()
    assert len(play.standing()) == 2
    bare = play.the("Pod", "bare").manifest["metadata"]
    assert not bare.get("ownerReferences")
    assert TRACKING not in (bare.get("finalizers") or ())


def test_it_is_cleared_away_after_its_time() -> None:
    """TtlSecondsAfterFinished: it goes with its pods; more time can be given."""
    play = Workloads("a")
    play.create(job("ttlSecondsAfterFinished: 30", behaviour="exit-0"))
    play.wait(20)
    play.change("Job", "pi", ttlSecondsAfterFinished=60)
    play.wait(30)
    assert told(play)[-1] == "Complete=True CompletionsReached"
    play.wait(15)
    assert play.world.find("Job", "default", "pi") is None
    assert play.pods() == []


def test_a_world_that_is_loaded_anew_goes_on_where_it_was() -> None:
    """Waits and deadlines outlast the process."""
    play = Workloads("a")
    play.create(job("completions: 3", "parallelism: 2", "activeDeadlineSeconds: 100"))
    play.settle()
    end(play, play.standing()[0].name, behaviour="exit-1")
    assert differences(play.world, play.reloaded(), play.now) == []
    play.wait(5)
    assert differences(play.world, play.reloaded(), play.now) == []


def test_unbound_pods_of_a_job_can_go() -> None:
    """A pod that no kubelet runs is counted as soon as it is deleted."""
    row = [each for each in ROW if each is not Kubelets]
    play = Workloads(row=row)
    play.create(job("podReplacementPolicy: Failed", "completions: 1"))
    play.settle()
    (pod,) = play.standing()
    assert isinstance(pod, Pod)
    play.delete_pod(pod)
    play.settle()
    assert (numbers(play), play.pods()) == ({"failed": 1}, [])
