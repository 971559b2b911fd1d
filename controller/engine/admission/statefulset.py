"""The rules of StatefulSets."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, unsupported
from controller.engine.admission.storage import claim_spec_faults
from controller.engine.admission.workloads import (
    always_template_faults,
    endless_faults,
    not_negative,
    selector_faults,
)
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

RETENTIONS = ("Retain", "Delete")
CHANGEABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def statefulset_faults(spec: Manifest, *, is_new: bool = True) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a StatefulSet, in the order of the API server.

    Claims and the name of the Service are looked at in new ones only.
    """
    policy = spec["podManagementPolicy"]
    if policy not in {"OrderedReady", "Parallel"}:
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _strategy_faults(spec["updateStrategy"])
    for when in ("whenDeleted", "whenScaled"):
        retention = spec["persistentVolumeClaimRetentionPolicy"][when]
        if retention not in RETENTIONS:
            yield unsupported(f"spec.persistentVolumeClaimRetentionPolicy.{when}", retention, RETENTIONS)
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or () if is_new else ()):
        yield from claim_spec_faults(claim["spec"], f"spec.volumeClaimTemplates[{index}].spec")
    yield from not_negative(spec, "replicas")
    yield from not_negative(spec, "minReadySeconds")
    start = (spec.get("ordinals") or {}).get("start", 0)
    if start < 0:
        yield invalid("spec.ordinals.start", start, "must be greater than or equal to 0")
    if is_new and (service := spec.get("serviceName")):
        yield from each_invalid("spec.serviceName", service, grammar.label(service))
    yield from selector_faults(spec, "statefulset")
    yield from always_template_faults({**spec, "template": _with_claims(spec)})
    yield from endless_faults(spec, "StatefulSet")


def statefulset_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the spec that takes the place of ``old``."""
    yield from statefulset_faults(new, is_new=False)
    changed = (field for field in {*old, *new} - {*CHANGEABLE} if old.get(field) != new.get(field))
    if any(changed):
        yield forbidden("spec", FIXED)


def _strategy_faults(strategy: Manifest) -> Iterator[Cause]:
    kind, rolling = strategy["type"], strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        partition = rolling["partition"] if rolling else 0
        if partition < 0:
            path = "spec.updateStrategy.rollingUpdate.partition"
            yield invalid(path, partition, "must be greater than or equal to 0")
    elif kind == "OnDelete":
        if rolling is not None:
            said = "only allowed for updateStrategy 'RollingUpdate'"
            yield invalid("spec.updateStrategy.rollingUpdate", _internal(rolling), said)
    else:
        shown = {"Type": kind, "RollingUpdate": _internal(rolling)}
        yield invalid("spec.updateStrategy", shown, "must be 'RollingUpdate' or 'OnDelete'")


def _internal(rolling: Manifest | None) -> Manifest | None:
    """Return a value as the server holds it inside: that is what it shows of it."""
    if rolling is None:
        return None
    return {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}


def _with_claims(spec: Manifest) -> Manifest:
    """Return the template with the volumes that its pods get from their claims: mounts may name them."""
    claims = spec.get("volumeClaimTemplates") or []
    names = [(claim.get("metadata") or {}).get("name", "") for claim in claims]
    template, pod = spec["template"], spec["template"]["spec"]
    own = [volume for volume in pod.get("volumes") or [] if volume.get("name") not in names]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names if name]
    return {**template, "spec": {**pod, "volumes": [*added, *own]}}
