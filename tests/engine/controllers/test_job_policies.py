"""The policies of a Job: which failures count, limits of its indexes, an early end, who manages it."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.differences import differences
from controller.engine.job.counting import FAILURES, IGNORED
from controller.engine.job.pods import INDEX
from controller.engine.objects import Manifest, Pod
from controller.engine.workloads.targets import EVICTION, targeted
from tests.engine.controllers.test_job import are_tracked, end, job, numbers, told
from tests.engine.workloads import Workloads

CONTAINERS = '[{name: main, image: "pi:1"}]'


def exits(text: str, code: int) -> str:
    """Return a Job whose pods exit with a code."""
    command = f'[{{name: main, image: "busybox:1", command: [sh, -c, "exit {code}"]}}]'
    return text.replace(CONTAINERS, command)


def policy(action: str, on: str) -> str:
    """Return a failure policy of one rule."""
    return f"podFailurePolicy: {{rules: [{{action: {action}, {on}}}]}}"


def indexed(*spec: str, completions: int = 2) -> str:
    """Return an Indexed Job that runs all of its indexes at once."""
    mode = "completionMode: Indexed"
    return job(mode, f"completions: {completions}", f"parallelism: {completions}", *spec)


def at_work(play: Workloads) -> dict[str, Pod]:
    """Return the pods that stand, by their index."""
    return {pod.labels[INDEX]: pod for pod in play.standing()}


def failures(pod: Pod) -> dict[str, str]:
    """Return how often an index had failed before a pod."""
    written = pod.manifest["metadata"]["annotations"]
    return {key.rpartition("-index-")[2]: written[key] for key in (FAILURES, IGNORED) if key in written}


CODES = "onExitCodes: {operator: In, values: [42]}"


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (CODES, 42),
        ("onExitCodes: {operator: NotIn, values: [1, 2]}", 42),
        ("onExitCodes: {containerName: main, operator: In, values: [42]}", 42),
    ],
)
def test_a_failure_that_it_does_not_survive_fails_it_at_once(on: str, code: int) -> None:
    """FailJob: no pod is tried again, and the message says which container and which rule."""
    play = Workloads("a")
    play.create(exits(job(policy("FailJob", on)), code))
    play.settle()
    (pod,) = play.pods()
    said = (
        f"Container main for pod default/{pod.name} failed with exit code 42 matching FailJob rule at index 0"
    )
    assert told(play) == ["FailureTarget=True PodFailurePolicy", "Failed=True PodFailurePolicy"]
    assert play.status_of("Job", "pi")["conditions"][-1]["message"] == said
    assert play.events("PodFailurePolicy") == [said]
    assert (numbers(play), are_tracked(play)) == ({"failed": 1}, [False])


@pytest.mark.parametrize(
    ("on", "code"),
    [(CODES, 41), ("onExitCodes: {operator: NotIn, values: [42]}", 42)],
)
def test_another_failure_is_counted(on: str, code: int) -> None:
    """What no rule matches counts, and its successor waits."""
    play = Workloads("a")
    play.create(exits(job(policy("FailJob", on)), code))
    play.settle()
    assert (told(play), numbers(play)) == ([], {"failed": 1})


def test_a_rule_may_say_that_a_failure_counts() -> None:
    """The first rule that matches decides; a rule about another container does not match."""
    rules = (
        "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: init, operator: In, "
        f"values: [42]}}}}, {{action: Count, {CODES}}}, {{action: FailJob, {CODES}}}]}}"
    )
    text = exits(job(rules), 42).replace(
        "containers:", 'initContainers: [{name: init, image: "i:1", command: ["true"]}], containers:'
    )
    play = Workloads("a")
    play.create(text)
    play.wait(5)
    assert (told(play), numbers(play)) == ([], {"failed": 1})


def disrupt(play: Workloads, pod: Pod) -> None:
    """Delete a pod as an eviction does."""
    play.edit("Pod", targeted(pod, EVICTION, play.now).manifest, timers=pod.timers)
    play.delete_pod(play.world.pods[pod.key])
    play.settle()


ON_EVICTION = "onPodConditions: [{type: DisruptionTarget}]"


def test_an_evicted_pod_need_not_count() -> None:
    """Ignore: it is made up for after a wait, and no limit is nearer."""
    play = Workloads("a")
    play.create(job("backoffLimit: 0", policy("Ignore", ON_EVICTION)))
    play.settle()
    disrupt(play, play.standing()[0])
    assert (told(play), numbers(play)) == ([], {})
    play.wait(11)
    assert numbers(play) == {"active": 1, "ready": 1}


def test_an_evicted_pod_may_fail_it() -> None:
    """FailJob on a condition names the condition; pods at work are stopped and count."""
    play = Workloads("a")
    play.create(job("completions: 2", "parallelism: 2", policy("FailJob", ON_EVICTION)))
    play.settle()
    first = play.standing()[0]
    disrupt(play, first)
    play.settle()
    said = f"Pod default/{first.name} has condition DisruptionTarget matching FailJob rule at index 0"
    assert play.events("PodFailurePolicy") == [said]
    assert (told(play)[-1], numbers(play), play.pods()) == (
        "Failed=True PodFailurePolicy",
        {"failed": 2},
        [],
    )


def test_each_index_may_have_a_limit_of_its_own() -> None:
    """An index that failed too often is lost; the others go on, and the Job fails when none is left."""
    play = Workloads("a")
    play.create(indexed("backoffLimitPerIndex: 1"))
    play.settle()
    assert play.status_of("Job", "pi")["failedIndexes"] == ""
    first = at_work(play)["0"]
    assert failures(first) == {"failure-count": "0"}
    end(play, first.name, behaviour="exit-1")
    assert numbers(play) == {"active": 1, "ready": 1}  # it is held until its successor bears the number
    assert [play.the("Pod", first.name).manifest["metadata"]["finalizers"]] == [
        ["batch.kubernetes.io/job-tracking"]
    ]
    assert differences(play.world, play.reloaded(), play.now) == []
    play.wait(9)
    assert sorted(at_work(play)) == ["1"]
    play.wait(2)
    second = at_work(play)["0"]
    assert (failures(second), numbers(play)) == (
        {"failure-count": "1"},
        {"active": 2, "ready": 2, "failed": 1},
    )
    end(play, second.name, behaviour="exit-1")
    assert play.status_of("Job", "pi")["failedIndexes"] == "0"
    assert (told(play), numbers(play)) == ([], {"active": 1, "ready": 1, "failed": 2})
    play.wait(60)
    assert sorted(at_work(play)) == ["1"]
    end(play, at_work(play)["1"].name)
    assert told(play) == ["FailureTarget=True FailedIndexes", "Failed=True FailedIndexes"]
    assert play.events("FailedIndexes") == ["Job has failed indexes"]
    assert numbers(play) == {"succeeded": 1, "failed": 2, "completedIndexes": "1"}


def test_more_lost_indexes_than_it_may_have_fail_it() -> None:
    """MaxFailedIndexes: what is at work is stopped."""
    play = Workloads("a")
    play.create(indexed("backoffLimitPerIndex: 0", "maxFailedIndexes: 0", completions=3))
    play.settle()
    end(play, at_work(play)["1"].name, behaviour="exit-1")
    play.settle()
    assert told(play)[-1] == "Failed=True MaxFailedIndexesExceeded"
    assert play.events("MaxFailedIndexesExceeded") == [
        "Job has exceeded the specified maximal number of failed indexes"
    ]
    assert play.status_of("Job", "pi")["failedIndexes"] == "1"
    assert (numbers(play), len(play.pods())) == ({"failed": 3}, 1)


def test_a_failure_may_lose_its_index_or_be_ignored_for_it() -> None:
    """FailIndex spares the tries that are left; what is ignored is told of by the successor."""
    rules = (
        f"podFailurePolicy: {{rules: [{{action: FailIndex, {CODES}}}, {{action: Ignore, {ON_EVICTION}}}]}}"
    )
    text = indexed("backoffLimitPerIndex: 3", rules)
    play = Workloads("a")
    play.create(exits(text, 42))
    play.settle()
    assert play.status_of("Job", "pi")["failedIndexes"] == "0,1"
    play = Workloads("a")
    play.create(text)
    play.settle()
    disrupt(play, at_work(play)["0"])
    play.wait(11)
    assert failures(at_work(play)["0"]) == {"failure-count": "0", "ignored-failure-count": "1"}
    assert numbers(play) == {"active": 2, "ready": 2}
    end(play, at_work(play)["0"].name, behaviour="exit-1")
    play.wait(15)
    assert sorted(at_work(play)) == ["1"]  # 20 seconds after the second failure, ignored ones too
    play.wait(6)
    assert failures(at_work(play)["0"]) == {"failure-count": "1", "ignored-failure-count": "1"}


def by_hand(play: Workloads, pod: Pod, name: str, written: dict[str, str]) -> None:
    """Make a pod like another that has failed."""
    meta: Manifest = {**pod.manifest["metadata"], "name": name, "uid": name, "annotations": written}
    play.edit("Pod", {**pod.manifest, "metadata": meta, "status": {"phase": "Failed"}}, Verb.ADDED)


def test_pods_that_were_made_by_hand_do_not_lose_an_index() -> None:
    """One without an index of the Job, or with numbers that cannot be read, counts as any."""
    play = Workloads("a")
    play.create(indexed("backoffLimitPerIndex: 1"))
    play.settle()
    pod = at_work(play)["0"]
    by_hand(play, pod, "far", {INDEX: "7"})
    by_hand(play, pod, "odd", {INDEX: "0", FAILURES: "many"})
    play.settle()
    assert play.status_of("Job", "pi")["failedIndexes"] == ""
    assert numbers(play)["failed"] == 2


def test_of_two_that_failed_the_one_with_more_failures_is_made_up_for() -> None:
    """Whichever was seen first."""
    play = Workloads("a")
    play.create(indexed("backoffLimitPerIndex: 5"))
    play.settle()
    pod = at_work(play)["1"]
    by_hand(play, pod, "a", {INDEX: "1", FAILURES: "2"})
    end(play, pod.name, behaviour="exit-1")
    play.wait(80)
    assert failures(at_work(play)["1"]) == {"failure-count": "3"}
    assert numbers(play) == {"active": 2, "ready": 2, "failed": 2}


@pytest.mark.parametrize(
    ("rule", "enough"),
    [
        ("succeededCount: 1", "0"),
        ('succeededIndexes: "1-2", succeededCount: 1', "2"),
        ('succeededIndexes: "1"', "1"),
    ],
)
def test_it_may_be_done_before_all_of_it_is(rule: str, enough: str) -> None:
    """SuccessPolicy: what is left is stopped and does not count, and the Job is complete."""
    play = Workloads("a")
    play.create(
        indexed(f'successPolicy: {{rules: [{{succeededIndexes: "0-3"}}, {{{rule}}}]}}', completions=4)
    )
    play.settle()
    end(play, at_work(play)[enough].name)
    play.settle()
    assert told(play) == ["SuccessCriteriaMet=True SuccessPolicy", "Complete=True SuccessPolicy"]
    assert play.status_of("Job", "pi")["conditions"][0]["message"] == "Matched rules at index 1"
    assert numbers(play) == {"succeeded": 1, "completedIndexes": enough}
    assert play.events("Completed") == ["Job completed"]
    assert len(play.pods()) == 1


def test_what_does_not_suffice_goes_on() -> None:
    """Another index, or one too few, satisfies no rule."""
    play = Workloads("a")
    play.create(
        indexed('successPolicy: {rules: [{succeededIndexes: "1"}, {succeededCount: 2}]}', completions=3)
    )
    play.settle()
    end(play, at_work(play)["0"].name)
    assert (told(play), numbers(play)["active"]) == ([], 2)


def test_a_job_that_others_manage_is_left_alone() -> None:
    """No pod, no status: whoever it names looks after it, until its end. Our own name is as good as none."""
    play = Workloads("a")
    play.create(job("managedBy: example.com/queue"))
    play.settle()
    assert (play.pods(), play.status_of("Job", "pi")) == ([], {})
    status: dict[str, Any] = {"active": 1}
    play.edit("Job", {**play.the("Job", "pi").manifest, "status": status})
    play.wait(20)
    assert (play.pods(), play.status_of("Job", "pi")) == ([], status)
    play.remove("Job", "pi")
    play.create(job("managedBy: example.com/queue", "ttlSecondsAfterFinished: 30"))
    done = {"conditions": [{"type": "Complete", "status": "True"}]}
    play.edit("Job", {**play.the("Job", "pi").manifest, "status": done})
    play.wait(20)
    assert play.status_of("Job", "pi") == done
    play.wait(15)
    assert play.world.find("Job", "default", "pi") is None
    play.create(job("managedBy: kubernetes.io/job-controller"))
    play.settle()
    assert numbers(play) == {"active": 1, "ready": 1}
