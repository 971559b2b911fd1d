"""The workloads beside the DaemonSet: their defaults and their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from controller.engine.admission.field_errors import forbidden, invalid, required, unsupported
from controller.engine.admission.job_policies import with_policy_defaults
from controller.engine.admission.podspec import template_faults
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.errors import Cause
from controller.engine.matching.labels import matches
from controller.engine.objects import Manifest

Template = Callable[[Manifest], Manifest]

DEPLOYMENT: Manifest = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
STATEFULSET: Manifest = {
    "replicas": 1,
    "podManagementPolicy": "OrderedReady",
    "revisionHistoryLimit": 10,
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
}
JOB: Manifest = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "manualSelector": False,
    "suspend": False,
    "podReplacementPolicy": "TerminatingOrFailed",
}
NO_LIMIT = 2**31 - 1
"""How often a Job may fail if each of its indexes has a limit of its own: the largest number there is."""
CRONJOB: Manifest = {
    "concurrencyPolicy": "Allow",
    "suspend": False,
    "successfulJobsHistoryLimit": 3,
    "failedJobsHistoryLimit": 1,
}


def with_workload_defaults(kind: str, raw: Manifest, template: Template) -> Manifest:
    """Return a workload with its defaults; ``template`` fills those of a pod template."""
    spec = dict(raw.get("spec") or {})
    if kind == "CronJob":
        return {**raw, "spec": {**CRONJOB, **spec, "jobTemplate": _job_template(spec, template)}}
    if kind == "ReplicationController" and "template" not in spec:
        return {**raw, "spec": _replicas(spec)}
    spec["template"] = template(spec.get("template") or {})
    filled = {**raw, "spec": FILLS[kind](spec)}
    if kind == "ReplicationController":
        labels = spec["template"]["metadata"].get("labels")
        meta = raw.get("metadata") or {}
        if labels:
            filled["metadata"] = {"labels": labels, **meta}
    return filled


def _job_template(spec: Manifest, template: Template) -> Manifest:
    """Return the template of a CronJob's Jobs: only its pods have defaults, a Job gets its own when made."""
    job = spec.get("jobTemplate") or {}
    inner = dict(job.get("spec") or {})
    inner["template"] = template(inner.get("template") or {})
    return {**job, "metadata": job.get("metadata") or {}, "spec": with_policy_defaults(inner)}


def _replicas(spec: Manifest) -> Manifest:
    return {"replicas": 1, **spec}


def _replication_controller(spec: Manifest) -> Manifest:
    labels = spec["template"]["metadata"].get("labels")
    return {"replicas": 1, **({"selector": labels} if labels else {}), **spec}


def _deployment(spec: Manifest) -> Manifest:
    strategy = {"type": "RollingUpdate", **(spec.get("strategy") or {})}
    if strategy["type"] == "RollingUpdate":
        shares = {"maxUnavailable": "25%", "maxSurge": "25%"}
        strategy["rollingUpdate"] = {**shares, **(strategy.get("rollingUpdate") or {})}
    return {**DEPLOYMENT, **spec, "strategy": strategy}


def _statefulset(spec: Manifest) -> Manifest:
    strategy = {"type": "RollingUpdate", **(spec.get("updateStrategy") or {})}
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"partition": 0, **(strategy.get("rollingUpdate") or {})}
    kept = STATEFULSET["persistentVolumeClaimRetentionPolicy"]
    retention = {**kept, **(spec.get("persistentVolumeClaimRetentionPolicy") or {})}
    filled = {**STATEFULSET, **spec, "updateStrategy": strategy}
    filled["persistentVolumeClaimRetentionPolicy"] = retention
    if spec.get("volumeClaimTemplates"):
        filled["volumeClaimTemplates"] = [_claim_template(claim) for claim in spec["volumeClaimTemplates"]]
    return filled


def _claim_template(claim: Manifest) -> Manifest:
    head = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}
    return {**head, **claim, "spec": {"volumeMode": "Filesystem", **(claim.get("spec") or {})}}


def with_job_defaults(spec: Manifest) -> Manifest:
    """Return the spec of a Job, whose template has its defaults, with its own."""
    counts = {} if "completions" in spec or "parallelism" in spec else {"completions": 1}
    if "backoffLimitPerIndex" in spec:
        counts["backoffLimit"] = NO_LIMIT
    replaced = {"podReplacementPolicy": "Failed"} if "podFailurePolicy" in spec else {}
    return with_policy_defaults({**JOB, **counts, **replaced, "parallelism": 1, **spec})


FILLS: dict[str, Callable[[Manifest], Manifest]] = {
    "Deployment": _deployment,
    "Job": with_job_defaults,
    "ReplicaSet": _replicas,
    "ReplicationController": _replication_controller,
    "StatefulSet": _statefulset,
}


def replicaset_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a ReplicaSet, in the order of the API server."""
    yield from not_negative(spec, "replicas")
    yield from not_negative(spec, "minReadySeconds")
    yield from selector_faults(spec, "deployment")
    yield from always_template_faults(spec)
    yield from endless_faults(spec, "ReplicaSet")


def replication_controller_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a ReplicationController."""
    yield from not_negative(spec, "minReadySeconds")
    selector = spec.get("selector") or {}
    if not selector:
        yield required("spec.selector")
    yield from not_negative(spec, "replicas")
    if "template" not in spec:
        yield required("spec.template")
        return
    labels = spec["template"]["metadata"].get("labels") or {}
    if selector and not selector.items() <= labels.items():
        yield invalid("spec.template.metadata.labels", labels, MISMATCH)
    yield from always_template_faults(spec)
    yield from endless_faults(spec, "ReplicationController")


MISMATCH = "`selector` does not match template `labels`"


def selector_faults(spec: Manifest, called: str) -> Iterator[Cause]:
    """Yield what is wrong with a selector, and whether the template's labels are selected by it."""
    selector, labels = spec.get("selector"), spec["template"]["metadata"].get("labels")
    faults = list(label_selector_faults(selector, "spec.selector"))
    if selector is None:
        yield required("spec.selector")
    yield from faults
    if selector == {}:
        yield invalid("spec.selector", {}, f"empty selector is invalid for {called}")
    elif not faults and not matches(selector, labels or {}):
        yield invalid("spec.template.metadata.labels", labels, MISMATCH)


def always_template_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a template whose pods are always started again."""
    template = spec["template"]
    yield from template_faults(template, "spec.template")
    policy = template["spec"]["restartPolicy"]
    if policy != "Always":
        yield unsupported("spec.template.spec.restartPolicy", policy, ("Always",))


def endless_faults(spec: Manifest, kind: str) -> Iterator[Cause]:
    """Yield whether the pods of a workload of a kind would end by themselves after a time."""
    if "activeDeadlineSeconds" in spec["template"]["spec"]:
        said = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", said)


def not_negative(spec: Manifest, field: str, path: str = "spec") -> Iterator[Cause]:
    """Yield whether a number of a spec at a path is below zero."""
    value: Any = spec.get(field, 0)
    if value < 0:
        yield invalid(f"{path}.{field}", value, "must be greater than or equal to 0")
