"""Edits of workloads that are no DaemonSets: the template of a CronJob, pauses, templates kept by sets."""

from __future__ import annotations

import pytest

from controller.engine.edits.cronjobs import RunNow
from controller.engine.edits.objects import Create, Patch, PatchType
from controller.engine.edits.workloads import Pause, Restart, Rollback, SetBehaviour, SetImage
from controller.engine.errors import BadRequest, NotFound
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Key, Manifest
from tests.builders import owner
from tests.engine.edits.ledger import NOW, SET, Ledger, agent, ledger

WEB: Key = ("Deployment", "default", "agent")
SWEEP: Key = ("CronJob", "default", "sweep")


def with_deployment() -> Ledger:
    """Return a cluster with a Deployment."""
    made = ledger()
    made.do(Create("Deployment", agent()))
    return made


def keep(made: Ledger, name: str, number: int, template: Manifest, uid: str) -> None:
    """Let a Deployment's controller keep a template in a ReplicaSet."""
    labels = {**template["metadata"]["labels"], "pod-template-hash": name}
    meta = {
        "name": name,
        "namespace": "default",
        "uid": f"u-{name}",
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
        "ownerReferences": [{**owner("agent"), "kind": "Deployment", "uid": uid}],
    }
    spec = {"template": {**template, "metadata": {"labels": labels}}}
    made.write("ReplicaSet", {"kind": "ReplicaSet", "metadata": meta, "spec": spec})


def test_rollback_of_a_deployment() -> None:
    """The template of its own ReplicaSet of that number comes back, without the hash of the set."""
    made = with_deployment()
    old, uid = made.manifest(WEB)["spec"]["template"], made.manifest(WEB)["metadata"]["uid"]
    made.do(SetImage(WEB, "main", "agent:2"))
    keep(made, "a", 1, old, uid)
    keep(made, "b", 2, made.manifest(WEB)["spec"]["template"], uid)
    keep(made, "c", 3, old, "another")
    (fact,) = made.do(Rollback(WEB, 1)).facts
    assert made.manifest(WEB)["spec"]["template"] == old
    assert (fact.action, fact.about) == ("workload_rollback", "Deployment default/agent")
    with pytest.raises(NotFound, match="revisions"):
        made.do(Rollback(WEB, 3))


def test_pause() -> None:
    """A Deployment is paused by its spec; one that stands is not told; a DaemonSet has no such field."""
    made = with_deployment()
    assert made.do(Pause(WEB, paused=True)).facts[0].action == "workload_pause"
    assert made.manifest(WEB)["spec"]["paused"] is True
    assert not made.do(Pause(WEB, paused=True)).facts
    assert made.do(Pause(WEB, paused=False)).facts[0].action == "workload_resume"
    with pytest.raises(BadRequest, match="DaemonSet"):
        made.do(Pause(SET, paused=True))


def test_a_job_of_a_cronjob_is_started_by_hand() -> None:
    """As kubectl does it: annotated, owned without blocking, with what the template of Jobs says."""
    made = ledger()
    pods = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}
    marks = {"labels": {"of": "sweep"}, "annotations": {"note": "kept"}}
    jobs = {"metadata": marks, "spec": {"template": {"spec": pods}}}
    sweep = {"schedule": "@daily", "suspend": True, "jobTemplate": jobs}
    made.do(Create("CronJob", {"metadata": {"name": "sweep", "namespace": "default"}, "spec": sweep}))
    decision = made.do(RunNow(SWEEP))
    (job,) = decision.results
    meta = job.manifest["metadata"]
    assert meta["name"].startswith("sweep-")
    assert meta["annotations"] == {"note": "kept", "cronjob.kubernetes.io/instantiate": "manual"}
    assert meta["labels"] == {"of": "sweep"}
    (ref,) = meta["ownerReferences"]
    uid = made.manifest(SWEEP)["metadata"]["uid"]
    wanted = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "sweep", "uid": uid, "controller": True}
    assert ref == wanted
    (fact,) = decision.facts
    assert (fact.action, fact.about) == ("object_create", f"Job default/{meta['name']}")
    made.do(Patch(SWEEP, PatchType.MERGE, {"spec": {"jobTemplate": {"metadata": None}}}))
    (bare,) = made.do(RunNow(SWEEP)).results
    assert bare.manifest["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    with pytest.raises(NotFound):
        made.do(RunNow(("CronJob", "default", "nobody")))


def test_the_template_of_a_cronjob() -> None:
    """A CronJob's template is that of its Jobs; the rest of both stays."""
    made = ledger()
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "a:1"}]}
    job = {"completions": 2, "template": {"spec": pod}}
    sweep = {"schedule": "* * * * *", "jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": job}}
    made.do(Create("CronJob", {"metadata": {"name": "sweep", "namespace": "default"}, "spec": sweep}))
    made.do(SetImage(SWEEP, "main", "a:2"))
    made.do(Restart(SWEEP))
    made.do(SetBehaviour(SWEEP, "exit-1"))
    made.do(Pause(SWEEP, paused=True))
    spec = made.manifest(SWEEP)["spec"]
    template = spec["jobTemplate"]["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "a:2"
    marks = template["metadata"]["annotations"]
    assert marks[BEHAVIOUR_ANNOTATION] == "exit-1"
    assert marks["kubectl.kubernetes.io/restartedAt"] == NOW.wall.isoformat()
    assert (spec["suspend"], spec["jobTemplate"]["spec"]["completions"]) == (True, 2)
    assert spec["jobTemplate"]["metadata"] == {"labels": {"a": "b"}}
