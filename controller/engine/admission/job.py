"""The rules of Jobs, and what a Job is born with."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import invalid, required, unsupported
from controller.engine.admission.job_policies import (
    failure_policy_faults,
    manager_faults,
    success_policy_faults,
)
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.podspec import template_faults
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.admission.workloads import MISMATCH, not_negative
from controller.engine.errors import Cause
from controller.engine.matching.labels import matches
from controller.engine.objects import Manifest

JOB_NAME, CONTROLLER_UID, PREFIX = "job-name", "controller-uid", "batch.kubernetes.io/"
MODES = ("NonIndexed", "Indexed")
INDEXED = "Indexed"
REPLACEMENTS = ("Failed", "TerminatingOrFailed")
ENDING = ("OnFailure", "Never")
COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
FIXED = (
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)
SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")
"""What may change in the pods of a Job that stands still, beside labels, node affinity and resources."""
MOST_AT_ONCE = MANY_COMPLETIONS = 100_000
MOST_OF_MANY = 10_000
UNINDEXED = "requires indexed completion mode"


def with_generated_selector(manifest: Manifest) -> Manifest:
    """Return a new Job with labels on its template, and a selector by its uid, unless it brings its own.

    One without labels bears those of its template.
    """
    spec, meta = manifest["spec"], manifest["metadata"]
    if spec.get("manualSelector"):
        return _labelled(manifest, spec["template"]["metadata"].get("labels"))
    template, selector = spec["template"], spec.get("selector") or {}
    labels = dict(template["metadata"].get("labels") or {})
    for key, value in ((JOB_NAME, meta.get("name", "")), (CONTROLLER_UID, meta["uid"])):
        if key not in labels:
            labels |= {key: value, PREFIX + key: value}
    chosen = {PREFIX + CONTROLLER_UID: meta["uid"], **(selector.get("matchLabels") or {})}
    template = {**template, "metadata": {**template["metadata"], "labels": dict(sorted(labels.items()))}}
    selector = {**selector, "matchLabels": dict(sorted(chosen.items()))}
    made = {**manifest, "spec": {**spec, "selector": selector, "template": template}}
    return _labelled(made, spec["template"]["metadata"].get("labels") or template["metadata"]["labels"])


def _labelled(manifest: Manifest, labels: dict[str, str] | None) -> Manifest:
    meta = manifest["metadata"]
    return (
        manifest if meta.get("labels") or not labels else {**manifest, "metadata": {**meta, "labels": labels}}
    )


def job_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a Job, in the order of the API server."""
    spec = manifest["spec"]
    if not spec.get("manualSelector") and "selector" in spec:
        yield from _generated_faults(manifest)
    yield from _owned_faults(spec)


def _owned_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a spec that has its selector."""
    yield from job_spec_faults(spec, "spec")
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector")
    faults = list(label_selector_faults(selector, "spec.selector"))
    yield from faults
    labels = spec["template"]["metadata"].get("labels")
    if not faults and not matches(selector, labels or {}):
        yield invalid("spec.template.metadata.labels", labels, MISMATCH)


def _generated_faults(manifest: Manifest) -> Iterator[Cause]:
    meta, template = manifest["metadata"], manifest["spec"]["template"]
    labels = template["metadata"].get("labels") or {}
    wanted = {CONTROLLER_UID: meta["uid"], JOB_NAME: meta.get("name", "")}
    for key, value in {**wanted, **{PREFIX + key: value for key, value in wanted.items()}}.items():
        path, said = f"spec.template.metadata.labels[{key}]", f"must be '{value}'"
        if key not in labels:
            yield required(path, said)
        elif labels[key] != value:
            yield invalid(path, labels[key], said)
    selector = manifest["spec"]["selector"]
    if selector != {"matchLabels": {PREFIX + CONTROLLER_UID: meta["uid"]}}:
        yield invalid("spec.selector", selector, "`selector` not auto-generated")


def job_spec_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a Job at a path, its selector apart."""
    for field in COUNTS:
        yield from not_negative(spec, field, path)
        if field == "maxFailedIndexes" and field in spec and "backoffLimitPerIndex" not in spec:
            yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if "managedBy" in spec:
        yield from manager_faults(spec["managedBy"], f"{path}.managedBy")
    yield from _mode_faults(spec, path)
    if "podFailurePolicy" in spec:
        yield from failure_policy_faults(spec, f"{path}.podFailurePolicy")
    if "successPolicy" in spec:
        if spec["completionMode"] == INDEXED:
            yield from success_policy_faults(spec, f"{path}.successPolicy")
        else:
            yield invalid(f"{path}.successPolicy", spec["successPolicy"], UNINDEXED)
    replacement = spec["podReplacementPolicy"]
    choices = REPLACEMENTS[:1] if "podFailurePolicy" in spec else REPLACEMENTS
    if replacement not in choices:
        yield unsupported(f"{path}.podReplacementPolicy", replacement, choices)
    yield from template_faults(spec["template"], f"{path}.template")
    yield from _restart_faults(spec, f"{path}.template.spec.restartPolicy")


def _restart_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    policy = spec["template"]["spec"]["restartPolicy"]
    if policy == "Always":
        yield required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in ENDING:
        yield unsupported(path, policy, ENDING)
    elif "podFailurePolicy" in spec and policy != "Never":
        yield invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _mode_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    mode = spec["completionMode"]
    if mode not in MODES:
        yield unsupported(f"{path}.completionMode", mode, MODES)
    elif mode == INDEXED:
        yield from _indexed_faults(spec, path)
    else:
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if field in spec:
                yield invalid(f"{path}.{field}", spec[field], UNINDEXED)


def _indexed_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield which numbers of an Indexed Job are too large: its status lists indexes."""
    completions, parallelism = spec.get("completions"), spec["parallelism"]
    lost = spec.get("maxFailedIndexes")
    if completions is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    if parallelism > MOST_AT_ONCE:
        yield _above(f"{path}.parallelism", parallelism, MOST_AT_ONCE, " when completion mode is Indexed")
    if lost is not None and completions is not None and lost > completions:
        yield invalid(f"{path}.maxFailedIndexes", lost, "must be less than or equal to completions")
    if lost is not None and lost > MANY_COMPLETIONS:
        yield _above(f"{path}.maxFailedIndexes", lost, MANY_COMPLETIONS)
    if completions is None or completions <= MANY_COMPLETIONS or "backoffLimitPerIndex" not in spec:
        return
    if lost is None:
        said = f"must be specified when completions is above {MANY_COMPLETIONS}"
        yield required(f"{path}.maxFailedIndexes", said)
    when = f" when completions are above {MANY_COMPLETIONS} and used with backoff limit per index"
    for field, value in (("parallelism", parallelism), ("maxFailedIndexes", lost or 0)):
        if value > MOST_OF_MANY:
            yield _above(f"{path}.{field}", value, MOST_OF_MANY, when)


def _above(path: str, value: int, limit: int, when: str = "") -> Cause:
    return invalid(path, value, f"must be less than or equal to {limit}{when}")


def job_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a Job that takes the place of ``old``: most of it stays as it was born."""
    before, after = old["spec"], new["spec"]
    yield from job_faults(new)
    completions = after.get("completions")
    if before.get("completions") != completions:
        if after["completionMode"] != INDEXED:
            yield invalid("spec.completions", completions, IMMUTABLE)
        elif completions != after["parallelism"]:
            yield invalid(
                "spec.completions", completions, "can only be modified in tandem with spec.parallelism"
            )
    if before.get("selector") != after.get("selector"):
        yield invalid("spec.selector", after.get("selector"), IMMUTABLE)
    if _is_still({"spec": before, "status": new.get("status")}):  # no update writes a status
        if _fixed_pods(before) != _fixed_pods(after):
            yield invalid("spec.template.spec", after["template"]["spec"], IMMUTABLE)
    elif before["template"] != after["template"]:
        yield invalid("spec.template", after["template"], IMMUTABLE)
    for field in FIXED:
        if before.get(field) != after.get(field):
            yield invalid(f"spec.{field}", after.get(field), IMMUTABLE)


def _is_still(job: Manifest) -> bool:
    """Whether a Job is suspended, and has no pods left that run."""
    status = job.get("status") or {}
    conditions = status.get("conditions") or ()
    suspended = any((each["type"], each["status"]) == ("Suspended", "True") for each in conditions)
    rests = suspended or "startTime" not in status
    return bool(job["spec"].get("suspend") and rests and not status.get("active"))


def _fixed_pods(spec: Manifest) -> Manifest:
    """Return what may not change of the pods of a Job that stands still."""
    pods = {field: value for field, value in spec["template"]["spec"].items() if field not in SCHEDULING}
    affinity = pods.pop("affinity", None) or {}
    pods["affinity"] = {kind: value for kind, value in affinity.items() if kind != "nodeAffinity"}
    for kind in ("containers", "initContainers"):
        listed = pods.get(kind) or ()
        pods[kind] = [{**each, "resources": None} for each in listed]
    return pods
