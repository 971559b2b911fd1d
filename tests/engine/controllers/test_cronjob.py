"""A CronJob starts a Job at each time of its schedule."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from controller.engine.admission.workloads import with_job_defaults
from controller.engine.controllers.cronjob import SCHEDULED_AT
from controller.engine.differences import differences
from controller.engine.job.ending import verdict
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest
from controller.engine.views import Job
from tests.engine.play import BORN
from tests.engine.workloads import Workloads

CRONJOB = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: "*/5 * * * *"
  SPEC
  jobTemplate:
    metadata: {labels: {made: by-tick}, annotations: {note: kept}}
    spec:
      template:
        metadata: {annotations: {sim.everynode.dev/behaviour: BEHAVIOUR}}
        spec: {restartPolicy: Never, containers: [{name: main, image: "tick:1"}]}
"""
FIRST = int(BORN.timestamp()) // 60 + 5


def start(*spec: str, behaviour: str = "exit-0") -> Workloads:
    """Return a cluster with a CronJob."""
    play = Workloads("a")
    text = CRONJOB.replace("SPEC", "\n  ".join(spec) or "suspend: false").replace("BEHAVIOUR", behaviour)
    play.create(text)
    play.settle()
    return play


def jobs(play: Workloads) -> list[str]:
    """Return the names of the Jobs, with what became of them."""
    found = sorted(play.world.all_of(Job).values(), key=lambda job: job.name)
    return [f"{job.name} {verdict(job)}".strip() for job in found]


def active(play: Workloads) -> list[str]:
    """Return the Jobs that the CronJob says are at work."""
    return [ref["name"] for ref in play.status_of("CronJob", "tick").get("active") or ()]


def minutes(play: Workloads, many: float) -> None:
    """Let time go by."""
    play.wait(60 * many)


def test_a_job_at_each_time() -> None:
    """It bears the minute in its name, the template's labels and the CronJob as owner."""
    play = start(behaviour="ok")
    minutes(play, 4.9)
    assert jobs(play) == []
    minutes(play, 0.2)
    assert jobs(play) == [f"tick-{FIRST}"]
    assert active(play) == [f"tick-{FIRST}"]
    meta = play.the("Job", f"tick-{FIRST}").manifest["metadata"]
    assert meta["labels"] == {"made": "by-tick"}
    assert meta["annotations"] == {"note": "kept", SCHEDULED_AT: "2026-01-01T00:05:00Z"}
    assert [ref["kind"] for ref in meta["ownerReferences"]] == ["CronJob"]
    assert play.status_of("CronJob", "tick")["lastScheduleTime"] == "2026-01-01T00:05:00Z"
    assert play.events("SuccessfulCreate")[0] == f"Created job tick-{FIRST}"
    minutes(play, 5)
    assert active(play) == [f"tick-{FIRST}", f"tick-{FIRST + 5}"]


def test_it_sees_that_a_job_is_over_and_keeps_three() -> None:
    """The oldest go; the last success is noted."""
    play = start()
    minutes(play, 26)
    assert jobs(play) == [f"tick-{FIRST + late} Complete" for late in (10, 15, 20)]
    assert active(play) == []
    assert f"Saw completed job: tick-{FIRST}, condition: Complete" in play.events("SawCompletedJob")
    assert f"Deleted job tick-{FIRST}" in play.events("SuccessfulDelete")
    assert play.status_of("CronJob", "tick")["lastSuccessfulTime"] == "2026-01-01T00:25:00Z"


def test_the_last_success_may_be_that_of_a_job_made_by_hand() -> None:
    """As by ``kubectl create job --from``: it is owned, though nobody listed it."""
    play = start()
    view = play.the("CronJob", "tick")
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "tick", "uid": view.uid, "controller": True}
    meta = {"name": "by-hand", "namespace": "default", "ownerReferences": [owner]}
    play.make("Job", {"metadata": meta, "spec": view.manifest["spec"]["jobTemplate"]["spec"]})
    minutes(play, 1)
    assert "lastSuccessfulTime" in play.status_of("CronJob", "tick")
    assert "lastScheduleTime" not in play.status_of("CronJob", "tick")


def test_a_job_that_something_holds_is_deleted_once() -> None:
    """It stays among those beyond the limit until its finalizer is gone."""
    play = start()
    minutes(play, 6)
    play.mark("Job", f"tick-{FIRST}", finalizers=["a.b/c"])
    minutes(play, 20)
    assert f"tick-{FIRST} Complete" in jobs(play)
    assert play.events("SuccessfulDelete").count(f"Deleted job tick-{FIRST}") == 1


def test_one_failed_job_is_kept() -> None:
    """Failures do not push out successes."""
    play = start(behaviour="exit-1")
    template = play.the("CronJob", "tick").manifest["spec"]["jobTemplate"]
    play.change("CronJob", "tick", jobTemplate={**template, "spec": {**template["spec"], "backoffLimit": 0}})
    minutes(play, 16)
    assert jobs(play) == [f"tick-{FIRST + 10} Failed"]
    assert "lastSuccessfulTime" not in play.status_of("CronJob", "tick")


@pytest.mark.parametrize(
    ("policy", "after_ten", "event"),
    [
        ("Allow", [f"tick-{FIRST}", f"tick-{FIRST + 5}"], "SuccessfulCreate"),
        ("Forbid", [f"tick-{FIRST}"], "JobAlreadyActive"),
        ("Replace", [f"tick-{FIRST + 5}"], "SuccessfulDelete"),
    ],
)
def test_what_becomes_of_one_that_still_runs(policy: str, after_ten: list[str], event: str) -> None:
    """The next comes beside it, not at all, or in its place."""
    play = start(f"concurrencyPolicy: {policy}", behaviour="ok")
    minutes(play, 11)
    assert jobs(play) == after_ten
    assert active(play) == after_ten
    assert play.events(event)


def test_one_that_was_held_up_starts_when_the_other_ends() -> None:
    """Forbid puts off, and forgets all but the last time."""
    play = start("concurrencyPolicy: Forbid", behaviour="ok")
    minutes(play, 17)
    (pod,) = play.standing()
    annotations = {BEHAVIOUR_ANNOTATION: "exit-0"}
    play.mark("Pod", pod.name, annotations=annotations)
    play.settle()
    assert jobs(play) == [f"tick-{FIRST} Complete", f"tick-{FIRST + 10}"]


def test_a_suspended_one_starts_nothing_and_then_the_last_it_missed() -> None:
    """Unless that is longer ago than its deadline."""
    play = start("suspend: true")
    minutes(play, 17)
    assert jobs(play) == []
    play.change("CronJob", "tick", suspend=False, startingDeadlineSeconds=60)
    play.settle()
    assert jobs(play) == []
    assert play.events("MissSchedule") == [
        "Missed scheduled time to start a job: Thu, 01 Jan 2026 00:15:00 +0000"
    ]
    play.change("CronJob", "tick", suspend=True, startingDeadlineSeconds=600)
    minutes(play, 10)
    play.change("CronJob", "tick", suspend=False)
    play.settle()
    assert jobs(play) == [f"tick-{FIRST + 20} Complete"]


def test_a_new_schedule_begins_anew() -> None:
    """So does one in another zone, as its Jobs tell; times that never come start nothing."""
    play = start()
    minutes(play, 1)
    play.change("CronJob", "tick", schedule="1 2 * * *", timeZone="Europe/Vienna")
    minutes(play, 120)
    (name,) = (each.split()[0] for each in jobs(play))
    annotations = play.the("Job", name).manifest["metadata"]["annotations"]
    assert annotations[SCHEDULED_AT] == "2026-01-01T02:01:00+01:00"
    play.change("CronJob", "tick", schedule="0 0 30 2 *")
    minutes(play, 120)
    assert len(jobs(play)) == 1


def test_jobs_by_hand_and_jobs_that_vanish_are_told() -> None:
    """Whose Job it is not is said; one that somebody deleted is missed."""
    play = start(behaviour="ok")
    minutes(play, 6)
    mine = cast("Job", play.the("Job", f"tick-{FIRST}"))
    play.remove("Job", mine.name)
    play.settle()
    assert play.events("MissingJob") == [f"Active job went missing: tick-{FIRST}"]
    meta = {**mine.manifest["metadata"], "name": "by-hand", "uid": "by-hand"}
    play.edit("Job", {**mine.manifest, "metadata": meta})
    play.settle()
    said = "Saw a job that the controller did not create or forgot: by-hand"
    assert play.events("UnexpectedJob") == [said]
    play.change("CronJob", "tick", concurrencyPolicy="Replace")
    minutes(play, 10)
    assert jobs(play) == ["by-hand", f"tick-{FIRST + 10}"]


def test_a_name_that_is_taken_starts_nothing() -> None:
    """The time counts as met."""
    play = start(behaviour="ok")
    minutes(play, 4)
    template: Manifest = play.the("CronJob", "tick").manifest["spec"]["jobTemplate"]
    meta = {"name": f"tick-{FIRST}", "namespace": "default", "uid": "other"}
    play.edit("Job", {"metadata": meta, "spec": with_job_defaults({**template["spec"], "parallelism": 0})})
    minutes(play, 2)
    assert (len(jobs(play)), active(play)) == (1, [])
    assert "lastScheduleTime" in play.status_of("CronJob", "tick")


def test_a_job_that_is_refused_is_told() -> None:
    """A template that came in before its rules were known."""
    play = start()
    view = play.the("CronJob", "tick")
    spec = view.manifest["spec"]
    template = {**spec["jobTemplate"], "spec": {**spec["jobTemplate"]["spec"], "parallelism": -1}}
    play.edit("CronJob", {**view.manifest, "spec": {**spec, "jobTemplate": template}}, timers=view.timers)
    minutes(play, 6)
    (refusal,) = play.events("FailedCreate")
    assert refusal.startswith("Error creating job: Job")


def test_it_goes_with_its_jobs() -> None:
    """One that is being deleted starts nothing more; without a limit all Jobs are kept."""
    play = start()
    view = play.the("CronJob", "tick")
    spec = {field: value for field, value in view.manifest["spec"].items() if "Limit" not in field}
    play.edit("CronJob", {**view.manifest, "spec": spec}, timers=view.timers)
    minutes(play, 26)
    assert len(jobs(play)) == 5
    play.mark("CronJob", "tick", deletionTimestamp=play.now.stamp, finalizers=["a.b/c"])
    minutes(play, 26)
    assert len(jobs(play)) == 5
    play.remove("CronJob", "tick")
    minutes(play, 6)
    assert jobs(play) == []


def test_one_that_is_gone_starts_nothing() -> None:
    """Its next time comes to nobody."""
    play = start()
    play.remove("CronJob", "tick")
    minutes(play, 6)
    assert jobs(play) == []


def test_a_world_that_is_loaded_anew_keeps_the_time() -> None:
    """Its next time lies in its timers."""
    play = start()
    minutes(play, 7)
    assert differences(play.world, play.reloaded(), play.now) == []
    assert play.now.wall == BORN + timedelta(minutes=7)
