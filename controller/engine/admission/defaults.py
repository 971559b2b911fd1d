"""What the API server writes into an object where its author left something out.

Everything here takes manifests that ``shape`` has read, and returns new ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from controller.engine import newpod
from controller.engine.admission import limit_ranges, networking, passive_kinds, rbac, storage, workloads
from controller.engine.admission.service import service
from controller.engine.kinds import KINDS
from controller.engine.objects import GENERATION_ANNOTATION, Manifest

Fill = Callable[[Manifest], Manifest]

LEADING_ZEROS = re.compile(r"^0+(?=[0-9])")
NOT_READY: Manifest = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
POD_SPEC: Manifest = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
}
CONTAINER: Manifest = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
PROBE: Manifest = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
FILE_MODE: Manifest = {"defaultMode": 0o644}
VOLUMES: dict[str, Manifest] = {
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "kind": "Shared", "readOnly": False},
    "configMap": FILE_MODE,
    "downwardAPI": FILE_MODE,
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "projected": FILE_MODE,
    "rbd": {"keyring": "/etc/ceph/keyring", "pool": "rbd", "user": "admin"},
    "scaleIO": {"fsType": "xfs", "storageMode": "ThinProvisioned"},
    "secret": FILE_MODE,
}
STATUS: dict[str, Manifest] = {
    "DaemonSet": dict.fromkeys(
        ("currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"), 0
    ),
    "Namespace": {"phase": "Active"},
    "ReplicaSet": {"replicas": 0},
    "ReplicationController": {"replicas": 0},
    "Service": {"loadBalancer": {}},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
}

CONTAINER_STATUS: Manifest = {
    "name": "",
    "state": {},
    "lastState": {},
    "ready": False,
    "restartCount": 0,
    "image": "",
    "imageID": "",
}
CONDITION: Manifest = {"type": "", "status": "", "lastTransitionTime": None}
STATUS_ENTRIES: dict[str, Manifest] = {
    "conditions": CONDITION,
    "containerStatuses": CONTAINER_STATUS,
    "initContainerStatuses": CONTAINER_STATUS,
    "ephemeralContainerStatuses": CONTAINER_STATUS,
}
"""What the published types write into the entries of these lists, whether a client does or not."""


def status_with_defaults(kind: str, status: Manifest) -> Manifest:
    """Return a status that a client sent with all that its types always have."""
    numbers = {field: value for field, value in STATUS.get(kind, {}).items() if value == 0}
    filled = numbers | status
    for field in STATUS_ENTRIES.keys() & filled.keys():
        filled[field] = [{**STATUS_ENTRIES[field], **(entry or {})} for entry in filled[field] or ()]
    return filled


def with_defaults(kind: str, manifest: Manifest) -> Manifest:
    """Return an object of a kind, as ``shape`` read it, with everything filled in that was left out."""
    fill = KIND_DEFAULTS.get(kind)
    filled = fill(manifest) if fill else manifest
    meta = dict(filled.get("metadata") or {})
    if KINDS[kind].namespaced:
        meta.setdefault("namespace", "default")
    return {**filled, "apiVersion": KINDS[kind].api_version, "kind": kind, "metadata": meta}


def pod_spec(spec: Manifest) -> Manifest:
    """Return a pod spec with the defaults that templates and pods share."""
    filled = {**POD_SPEC, **spec}
    if filled["terminationGracePeriodSeconds"] < 0:
        filled["terminationGracePeriodSeconds"] = 1  # kubelets take any negative time for one second
    for field in ("containers", "initContainers", "ephemeralContainers"):
        if spec.get(field):
            filled[field] = [_container(container) for container in spec[field]]
    if spec.get("volumes"):
        filled["volumes"] = [_volume(volume) for volume in spec["volumes"]]
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        filled["serviceAccountName"] = filled["serviceAccount"] = account
    return filled


def template(raw: Manifest) -> Manifest:
    """Return a pod template with its defaults."""
    return {**raw, "metadata": raw.get("metadata") or {}, "spec": pod_spec(raw.get("spec") or {})}


def pull_policy(image: str) -> str:
    """Return when to pull an image: always if its tag is latest or left out, else if it is not there."""
    name, _, digest = image.partition("@")
    _, _, tag = name.rpartition("/")[2].partition(":")
    return "Always" if tag == "latest" or (not tag and not digest) else "IfNotPresent"


def _container(raw: Manifest) -> Manifest:
    filled = {**CONTAINER, "imagePullPolicy": pull_policy(raw.get("image", "")), **raw}
    if raw.get("ports"):
        filled["ports"] = [{"protocol": "TCP", **port} for port in raw["ports"]]
    if raw.get("env"):
        filled["env"] = [_at(variable, ("valueFrom", "fieldRef"), _field_ref) for variable in raw["env"]]
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        filled = _at(filled, (probe,), _probe)
    for hook in ("postStart", "preStop"):
        filled = _at(filled, ("lifecycle", hook, "httpGet"), _http_get)
    return filled


def _at(manifest: Manifest, path: tuple[str, ...], fill: Fill) -> Manifest:
    """Return the manifest with what stands at a path filled, if anything stands there."""
    if not path:
        return fill(manifest)
    if path[0] not in manifest:
        return manifest
    return {**manifest, path[0]: _at(manifest[path[0]], path[1:], fill)}


def _with(defaults: Manifest) -> Fill:
    return partial(_merged, defaults)


def _merged(defaults: Manifest, raw: Manifest) -> Manifest:
    return {**defaults, **raw}


_field_ref = _with({"apiVersion": "v1"})
_http_get = _with({"path": "/", "scheme": "HTTP"})
_probe_numbers = _with(PROBE)


def _probe(raw: Manifest) -> Manifest:
    return _at(_at(_probe_numbers(raw), ("httpGet",), _http_get), ("grpc",), _with({"service": ""}))


def _volume(raw: Manifest) -> Manifest:
    if not set(raw) - {"name"}:
        return {**raw, "emptyDir": {}}
    return {field: {**VOLUMES[field], **value} if field in VOLUMES else value for field, value in raw.items()}


def _daemonset(raw: Manifest) -> Manifest:
    spec = dict(raw.get("spec") or {})
    strategy = {"type": "RollingUpdate", **(spec.get("updateStrategy") or {})}
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        shares = {"maxSurge": 0, "maxUnavailable": 1, **rolling}
        strategy["rollingUpdate"] = {field: _short(share) for field, share in shares.items()}
    elif "rollingUpdate" in strategy:  # the server's type holds both numbers, whatever the strategy
        strategy["rollingUpdate"] = {"maxSurge": 0, "maxUnavailable": 0, **strategy["rollingUpdate"]}
    spec |= {"template": template(spec.get("template") or {}), "updateStrategy": strategy}
    annotations = {GENERATION_ANNOTATION: "1", **((raw.get("metadata") or {}).get("annotations") or {})}
    meta = {**(raw.get("metadata") or {}), "annotations": annotations}
    return {**raw, "metadata": meta, "spec": {"revisionHistoryLimit": 10, **spec}}


def _short(share: int | str) -> int | str:
    """Return a share without idle zeros, of which there could be more than Python reads."""
    return LEADING_ZEROS.sub("", share) if isinstance(share, str) else share


def _pod(raw: Manifest) -> Manifest:
    return {**raw, "spec": newpod.patient(newpod.completed(pod_spec(raw.get("spec") or {})))}


def _node(raw: Manifest) -> Manifest:
    status = raw.get("status") or {}
    if "capacity" in status and "allocatable" not in status:
        return {**raw, "status": {**status, "allocatable": status["capacity"]}}
    return raw


def _namespace(raw: Manifest) -> Manifest:
    meta: dict[str, Any] = raw.get("metadata") or {}
    labels = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": meta.get("name", "")}
    return {**raw, "metadata": {**meta, "labels": labels}, "spec": {"finalizers": ["kubernetes"]}}


def _workload(kind: str) -> Fill:
    return lambda raw: workloads.with_workload_defaults(kind, raw, template)


KIND_DEFAULTS: dict[str, Fill] = {
    **networking.DEFAULTS,
    **passive_kinds.DEFAULTS,
    **rbac.DEFAULTS,
    **storage.DEFAULTS,
    **{kind: _workload(kind) for kind in (*workloads.FILLS, "CronJob")},
    "ControllerRevision": _with({"revision": 0}),
    "DaemonSet": _daemonset,
    "LimitRange": limit_ranges.with_given,
    "Namespace": _namespace,
    "Node": _node,
    "Pod": _pod,
    "PodTemplate": lambda raw: {**raw, "template": template(raw.get("template") or {})},
    "Service": service,
}
