"""What ``kubectl describe`` tells of an object, as labelled values: a part for each kind that has one.

The labels are kubectl's own words, which people look for, so they are not translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext as _

from controller.engine.matching.labels import labels_text, selector_text
from controller.engine.objects import LAST_APPLIED, Manifest
from dashboard.present.links import node_url, object_url
from dashboard.present.words import Fact, age, full, moment

Pairs = Iterable[tuple[str, object]]


def described(cluster: str, manifest: Manifest) -> list[Fact]:
    """Return what there is to tell of an object beside its pods, children and events."""
    meta = manifest["metadata"]
    created = meta.get("creationTimestamp")
    facts = [Fact("Created", _time(created))] if created else []
    owner = next((one for one in meta.get("ownerReferences") or () if one.get("controller")), None)
    if owner:
        url = object_url(cluster, owner["kind"], meta.get("namespace") or "", owner["name"])
        facts.append(Fact("Controlled By", f"{owner['kind']}/{owner['name']}", url=url))
    part = PARTS.get(manifest["kind"])
    if part:
        facts += [Fact(label, value) for label, value in part(manifest) if value not in {None, ""}]
    facts += _linked(cluster, manifest)
    facts.append(Fact("Labels", "<none>", codes=pairs_of(meta.get("labels"))))
    facts.append(Fact("Annotations", "<none>", codes=told_annotations(meta)))
    if meta.get("finalizers"):
        facts.append(Fact("Finalizers", codes=tuple(meta["finalizers"])))
    return [*facts, *_conditions(manifest)]


def _linked(cluster: str, manifest: Manifest) -> list[Fact]:
    """Return what an object names elsewhere."""
    spec, kind = manifest.get("spec") or {}, manifest["kind"]
    namespace = manifest["metadata"].get("namespace") or ""
    if kind == "PersistentVolumeClaim" and spec.get("volumeName"):
        name = spec["volumeName"]
        return [Fact("Volume", name, url=object_url(cluster, "PersistentVolume", "", name))]
    if kind == "PersistentVolume" and spec.get("claimRef"):
        claim = spec["claimRef"]
        url = object_url(cluster, "PersistentVolumeClaim", claim["namespace"], claim["name"])
        return [Fact("Claim", f"{claim['namespace']}/{claim['name']}", url=url)]
    if kind == "StatefulSet" and spec.get("serviceName"):
        name = spec["serviceName"]
        return [Fact("Service Name", name, url=object_url(cluster, "Service", namespace, name))]
    if kind == "EndpointSlice":
        nodes = sorted({one.get("nodeName") or "" for one in manifest.get("endpoints") or ()} - {""})
        return [Fact("Node", name, url=node_url(cluster, name)) for name in nodes[:5]]
    return []


def pairs_of(pairs: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return labels or annotations, each as ``key=value``, in their order."""
    return tuple(f"{key}={value}" for key, value in sorted((pairs or {}).items()))


def told_annotations(meta: Manifest) -> tuple[str, ...]:
    """Return the annotations but what kubectl applied last, which it does not tell either."""
    held = meta.get("annotations") or {}
    return pairs_of({key: value for key, value in held.items() if key != LAST_APPLIED})


def _conditions(manifest: Manifest) -> list[Fact]:
    told = (manifest.get("status") or {}).get("conditions") or ()
    return [
        Fact(
            _("Condition %(type)s") % {"type": one.get("type") or ""},
            ": ".join(filter(None, (one.get("status"), one.get("reason"), one.get("message")))),
        )
        for one in told
        if isinstance(one, dict)
    ]


def _counted(status: Manifest, **words: str) -> str:
    """Return numbers of a status as kubectl writes them: ``3 updated | 3 total``."""
    return " | ".join(f"{status.get(field) or 0} {word}" for field, word in words.items())


def _time(stamp: str | None) -> str:
    return f"{full(moment(stamp))} ({age(moment(stamp))})" if stamp else ""


def _deployment(manifest: Manifest) -> Pairs:
    spec, status = manifest["spec"], manifest.get("status") or {}
    yield "Selector", selector_text(spec.get("selector"))
    counts = _counted(
        status,
        updatedReplicas="updated",
        replicas="total",
        availableReplicas="available",
        unavailableReplicas="unavailable",
    )
    yield "Replicas", f"{spec.get('replicas') or 0} desired | {counts}"
    strategy = spec.get("strategy") or {}
    yield "StrategyType", strategy.get("type")
    yield "MinReadySeconds", spec.get("minReadySeconds") or 0
    rolling = strategy.get("rollingUpdate")
    if rolling:
        told = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        yield "RollingUpdateStrategy", told
    yield "Paused", "true" if spec.get("paused") else ""


def _replicaset(manifest: Manifest) -> Pairs:
    spec, status = manifest["spec"], manifest.get("status") or {}
    selector = spec.get("selector") or {}
    plain = manifest["kind"] == "ReplicationController"
    yield "Selector", labels_text(selector) if plain else selector_text(selector)
    yield "Replicas", f"{status.get('replicas') or 0} current / {spec.get('replicas') or 0} desired"
    marks = manifest["metadata"].get("annotations") or {}
    yield "Revision", marks.get("deployment.kubernetes.io/revision")


def _statefulset(manifest: Manifest) -> Pairs:
    spec, status = manifest["spec"], manifest.get("status") or {}
    yield "Selector", selector_text(spec.get("selector"))
    yield "Replicas", f"{spec.get('replicas') or 0} desired | {status.get('replicas') or 0} total"
    yield "Pod Management", spec.get("podManagementPolicy")
    strategy = spec.get("updateStrategy") or {}
    yield "Update Strategy", strategy.get("type")
    yield "Partition", (strategy.get("rollingUpdate") or {}).get("partition")
    for one in spec.get("volumeClaimTemplates") or ():
        asked = ((one["spec"].get("resources") or {}).get("requests") or {}).get("storage")
        modes = ", ".join(one["spec"].get("accessModes") or ())
        yield "Volume Claim", f"{one['metadata']['name']}: {asked} [{modes}]"
    kept = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    yield "Claim Retention", ", ".join(f"{key}: {value}" for key, value in sorted(kept.items()))


def _job(manifest: Manifest) -> Pairs:
    spec, status = manifest["spec"], manifest.get("status") or {}
    yield "Selector", selector_text(spec.get("selector"))
    yield "Parallelism", spec.get("parallelism")
    yield "Completions", spec.get("completions") if spec.get("completions") is not None else "<unset>"
    yield "Completion Mode", spec.get("completionMode")
    yield "Suspend", str(bool(spec.get("suspend"))).lower()
    yield "Backoff Limit", spec.get("backoffLimit")
    yield "Active Deadline Seconds", spec.get("activeDeadlineSeconds")
    yield "TTL Seconds After Finished", spec.get("ttlSecondsAfterFinished")
    yield "Start Time", _time(status.get("startTime"))
    yield "Completed At", _time(status.get("completionTime"))
    ready = f"{status.get('active') or 0} Active ({status.get('ready') or 0} Ready)"
    yield (
        "Pods Statuses",
        f"{ready} / {status.get('succeeded') or 0} Succeeded / {status.get('failed') or 0} Failed",
    )


def _cronjob(manifest: Manifest) -> Pairs:
    spec, status = manifest["spec"], manifest.get("status") or {}
    yield "Schedule", spec.get("schedule")
    yield "Time Zone", spec.get("timeZone")
    yield "Concurrency Policy", spec.get("concurrencyPolicy")
    yield "Suspend", str(bool(spec.get("suspend"))).capitalize()
    yield "Successful Job History Limit", spec.get("successfulJobsHistoryLimit")
    yield "Failed Job History Limit", spec.get("failedJobsHistoryLimit")
    yield "Starting Deadline Seconds", spec.get("startingDeadlineSeconds") or "<unset>"
    yield "Last Schedule Time", _time(status.get("lastScheduleTime")) or "<unset>"
    yield "Last Successful Time", _time(status.get("lastSuccessfulTime"))
    yield "Active Jobs", ", ".join(one.get("name") or "" for one in status.get("active") or ()) or "<none>"


def _service(manifest: Manifest) -> Pairs:
    spec = manifest.get("spec") or {}
    yield "Selector", labels_text(spec.get("selector")) or "<none>"
    yield "Type", spec.get("type")
    yield "IP Family Policy", spec.get("ipFamilyPolicy")
    yield "IP Families", ",".join(spec.get("ipFamilies") or ())
    yield "IPs", ",".join(spec.get("clusterIPs") or filter(None, [spec.get("clusterIP")]))
    yield "External Name", spec.get("externalName")
    for port in spec.get("ports") or ():
        name, protocol = port.get("name") or "<unset>", port.get("protocol") or "TCP"
        yield "Port", f"{name} {port.get('port')}/{protocol}"
        yield "TargetPort", f"{port.get('targetPort')}/{protocol}"
        yield "NodePort", f"{name} {port['nodePort']}/{protocol}" if port.get("nodePort") else ""
    yield "Session Affinity", spec.get("sessionAffinity")
    yield "External Traffic Policy", spec.get("externalTrafficPolicy")
    yield "Internal Traffic Policy", spec.get("internalTrafficPolicy")


def _phase(manifest: Manifest) -> str:
    """Return how a claim or a volume is; one that is deleted stays for as long as somebody uses it."""
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return (manifest.get("status") or {}).get("phase") or "Pending"


def _claim(manifest: Manifest) -> Pairs:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    yield "StorageClass", spec.get("storageClassName")
    yield "Status", _phase(manifest)
    yield "Requested", ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    yield "Capacity", (status.get("capacity") or {}).get("storage")
    yield "Access Modes", ", ".join(status.get("accessModes") or spec.get("accessModes") or ())
    yield "VolumeMode", spec.get("volumeMode")


def _volume(manifest: Manifest) -> Pairs:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    yield "StorageClass", spec.get("storageClassName")
    yield "Status", _phase(manifest)
    yield "Reclaim Policy", spec.get("persistentVolumeReclaimPolicy")
    yield "Access Modes", ", ".join(spec.get("accessModes") or ())
    yield "VolumeMode", spec.get("volumeMode")
    yield "Capacity", (spec.get("capacity") or {}).get("storage")
    yield "Message", status.get("message")


def _disruption(manifest: Manifest) -> Pairs:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    yield "Min available", spec.get("minAvailable")
    yield "Max unavailable", spec.get("maxUnavailable")
    yield "Selector", selector_text(spec.get("selector"))
    yield "Allowed disruptions", status.get("disruptionsAllowed")
    yield "Current", status.get("currentHealthy")
    yield "Desired", status.get("desiredHealthy")
    yield "Total", status.get("expectedPods")


PARTS: dict[str, Callable[[Manifest], Pairs]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replicaset,
    "ReplicationController": _replicaset,
    "StatefulSet": _statefulset,
    "Job": _job,
    "CronJob": _cronjob,
    "Service": _service,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "PodDisruptionBudget": _disruption,
}
