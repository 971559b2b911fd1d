"""Which rules a kind is held to: the table behind ``faults``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine.admission import limit_ranges, networking, passive_kinds, rbac, storage
from controller.engine.admission.cronjob import cronjob_faults, cronjob_spec_faults
from controller.engine.admission.daemonset import daemonset_faults, selector_update_faults
from controller.engine.admission.deployment import deployment_faults
from controller.engine.admission.disruption import budget_faults
from controller.engine.admission.field_errors import invalid, required
from controller.engine.admission.job import job_faults, job_update_faults
from controller.engine.admission.metadata import IMMUTABLE, metadata_faults, metadata_update_faults
from controller.engine.admission.node import node_faults, node_update_faults
from controller.engine.admission.pod import pod_faults, pod_update_faults
from controller.engine.admission.quotas import quota_faults, quota_update_faults
from controller.engine.admission.service import service_faults, service_update_faults
from controller.engine.admission.statefulset import statefulset_faults, statefulset_update_faults
from controller.engine.admission.workloads import replicaset_faults, replication_controller_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

Create = Callable[[Manifest], Iterator[Cause]]
Update = Callable[[Manifest, Manifest], Iterator[Cause]]


def faults(kind: str, manifest: Manifest, old: Manifest | None = None) -> list[Cause]:
    """Return everything that is wrong with an object that is new, or that takes the place of ``old``.

    The object has been read by ``shape`` and has its defaults; each fault is named once.
    """
    if old is None:
        found = [*metadata_faults(kind, manifest["metadata"]), *CREATE.get(kind, _nothing)(manifest)]
    else:
        meta = metadata_update_faults(old["metadata"], manifest["metadata"])
        found = [*meta, *UPDATE.get(kind, _nothing_new)(old, manifest)]
    return list(dict.fromkeys(found))


def _nothing(_manifest: Manifest) -> Iterator[Cause]:
    return iter(())


def _nothing_new(_old: Manifest, _new: Manifest) -> Iterator[Cause]:
    return iter(())


def _daemonset(manifest: Manifest) -> Iterator[Cause]:
    return daemonset_faults(manifest["spec"])


def _daemonset_update(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from selector_update_faults(old["spec"], new["spec"])
    yield from daemonset_faults(new["spec"])


def _deployment(manifest: Manifest) -> Iterator[Cause]:
    return deployment_faults(manifest["spec"])


def _deployment_update(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from deployment_faults(new["spec"])
    yield from selector_update_faults(old["spec"], new["spec"])


def _replicaset(manifest: Manifest) -> Iterator[Cause]:
    return replicaset_faults(manifest["spec"])


def _replicaset_update(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from replicaset_faults(new["spec"])
    yield from selector_update_faults(old["spec"], new["spec"])


def _replication_controller(manifest: Manifest) -> Iterator[Cause]:
    return replication_controller_faults(manifest["spec"])


def _revision(manifest: Manifest) -> Iterator[Cause]:
    if "data" not in manifest:
        yield required("data", "data is mandatory")
    if manifest.get("revision", 0) < 0:
        yield invalid("revision", manifest["revision"], "must be greater than or equal to 0")


def _revision_update(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from _revision(new)
    if new.get("data") != old.get("data"):
        yield invalid("data", new.get("data"), IMMUTABLE)


def _event(manifest: Manifest) -> Iterator[Cause]:
    about, namespace = manifest.get("involvedObject") or {}, manifest["metadata"].get("namespace")
    if about.get("namespace", "default") != namespace:
        said = "does not match event.namespace"
        yield invalid("involvedObject.namespace", about.get("namespace", ""), said)


CREATE: dict[str, Create] = {
    **networking.CREATE,
    **passive_kinds.CREATE,
    **rbac.CREATE,
    "ControllerRevision": _revision,
    "CronJob": cronjob_faults,
    "DaemonSet": _daemonset,
    "Deployment": _deployment,
    "Event": _event,
    "Job": job_faults,
    "LimitRange": limit_ranges.limit_faults,
    "Node": node_faults,
    "PersistentVolume": storage.volume_faults,
    "PersistentVolumeClaim": storage.claim_faults,
    "Pod": pod_faults,
    "PodDisruptionBudget": budget_faults,
    "ReplicaSet": _replicaset,
    "ReplicationController": _replication_controller,
    "ResourceQuota": quota_faults,
    "Service": service_faults,
    "StatefulSet": lambda manifest: statefulset_faults(manifest["spec"]),
    "StorageClass": storage.storage_class_faults,
}
UPDATE: dict[str, Update] = {
    **networking.UPDATE,
    **passive_kinds.UPDATE,
    **rbac.UPDATE,
    "ControllerRevision": _revision_update,
    "CronJob": lambda _old, new: cronjob_spec_faults(new["spec"]),
    "DaemonSet": _daemonset_update,
    "Deployment": _deployment_update,
    "Event": lambda _old, new: _event(new),
    "Job": job_update_faults,
    "LimitRange": lambda _old, new: limit_ranges.limit_faults(new),
    "Node": node_update_faults,
    "PersistentVolume": storage.volume_update_faults,
    "PersistentVolumeClaim": storage.claim_update_faults,
    "Pod": pod_update_faults,
    "PodDisruptionBudget": lambda _old, new: budget_faults(new),
    "ReplicaSet": _replicaset_update,
    "ReplicationController": lambda _old, new: _replication_controller(new),
    "ResourceQuota": quota_update_faults,
    "Service": service_update_faults,
    "StatefulSet": lambda old, new: statefulset_update_faults(old["spec"], new["spec"]),
    "StorageClass": storage.storage_class_update_faults,
}
