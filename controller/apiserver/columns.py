"""The columns that kubectl shows of each kind, as the API server makes them: adding a kind adds a row.

A kind that is not in the table has a name and the time of its creation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.apiserver.age import UNKNOWN, age
from controller.apiserver.job_columns import budget_cells, cronjob_cells, job_cells
from controller.apiserver.kept_columns import (
    binding_cells,
    ingress_cells,
    ingress_class_cells,
    policy_cells,
    priority_cells,
    template_cells,
)
from controller.apiserver.network_columns import endpoints_cells, service_cells, slice_cells
from controller.apiserver.pod_columns import NONE, container_cells, pod_cells, pod_conditions
from controller.apiserver.storage_columns import claim_cells, class_cells, volume_cells
from controller.engine.matching.labels import labels_text, selector_text
from controller.engine.objects import Manifest

Cells = Callable[[Manifest, datetime], list[Any]]
"""Makes the cells of a row, those of the wide columns included."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``wide`` ones are shown by ``-o wide`` only."""

    name: str
    type: str = "string"
    wide: bool = False

    @property
    def definition(self) -> Manifest:
        """Return it as a Table defines it."""
        form = "name" if self.name == "Name" else ""
        return {"name": self.name, "type": self.type, "format": form, "description": "",
                "priority": int(self.wide)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind and what fills them. ``conditions`` says what a row tells beside its cells."""

    columns: tuple[Column, ...]
    cells: Cells
    conditions: Callable[[Manifest], list[Manifest]] = lambda _manifest: []

    @property
    def definitions(self) -> list[Manifest]:
        """Return the columns as a Table defines them."""
        return [column.definition for column in self.columns]


def columns_of(kind: str) -> Columns:
    """Return the columns of a kind."""
    return COLUMNS.get(kind, PLAIN)


def _columns(names: str, wide: str = "", numbers: str = "") -> tuple[Column, ...]:
    """Read columns from names between bars; ``numbers`` are those that hold integers."""
    whole = numbers.split("|")
    shown = [(name, False) for name in names.split("|")] + [(name, True) for name in wide.split("|") if name]
    return tuple(Column(name, "integer" if name in whole else "string", far) for name, far in shown)


def _born(manifest: Manifest, now: datetime) -> str:
    return age(manifest["metadata"].get("creationTimestamp"), now)


def _plain(manifest: Manifest, _now: datetime) -> list[Any]:
    return [manifest["metadata"]["name"], manifest["metadata"].get("creationTimestamp")]


def _daemonset(manifest: Manifest, now: datetime) -> list[Any]:
    spec, status = manifest["spec"], manifest.get("status") or {}
    pod = spec["template"].get("spec") or {}
    counts = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
              "numberAvailable")  # fmt: skip
    return [
        manifest["metadata"]["name"],
        *(status.get(count) or 0 for count in counts),
        labels_text(pod.get("nodeSelector")) or NONE,
        _born(manifest, now),
        *container_cells(pod),
        selector_text(spec.get("selector")) or NONE,
    ]


def _deployment(manifest: Manifest, now: datetime) -> list[Any]:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    return [
        manifest["metadata"]["name"],
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas") or 0,
        status.get("availableReplicas") or 0,
        _born(manifest, now),
        *container_cells((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")) or NONE,
    ]


def _replicaset(manifest: Manifest, now: datetime) -> list[Any]:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    selector = spec.get("selector") or {}
    if manifest.get("kind") == "ReplicationController":
        selector = {"matchLabels": selector}
    return [
        manifest["metadata"]["name"],
        spec.get("replicas") or 0,
        status.get("replicas") or 0,
        status.get("readyReplicas") or 0,
        _born(manifest, now),
        *container_cells((spec.get("template") or {}).get("spec") or {}),
        selector_text(selector) or NONE,
    ]


def _statefulset(manifest: Manifest, now: datetime) -> list[Any]:
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    return [
        manifest["metadata"]["name"],
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        _born(manifest, now),
        *container_cells((spec.get("template") or {}).get("spec") or {}),
    ]


def _node(manifest: Manifest, now: datetime) -> list[Any]:
    meta, status = manifest["metadata"], manifest.get("status") or {}
    info = status.get("nodeInfo") or {}
    facts = (info.get(name) or UNKNOWN for name in ("osImage", "kernelVersion", "containerRuntimeVersion"))
    return [
        meta["name"],
        _node_status(manifest.get("spec") or {}, status),
        _roles(meta.get("labels") or {}),
        _born(manifest, now),
        info.get("kubeletVersion") or "",
        _address(status, "InternalIP"),
        _address(status, "ExternalIP"),
        *facts,
    ]


def _node_status(spec: Manifest, status: Manifest) -> str:
    ready = [each.get("status") for each in status.get("conditions") or () if each.get("type") == "Ready"]
    word = ("Ready" if ready[-1] == "True" else "NotReady") if ready else "Unknown"
    return f"{word},SchedulingDisabled" if spec.get("unschedulable") else word


def _roles(labels: Mapping[str, str]) -> str:
    prefix = "node-role.kubernetes.io/"
    roles = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)}
    roles.add(labels.get("kubernetes.io/role", ""))
    return ",".join(sorted(roles - {""})) or NONE


def _address(status: Manifest, kind: str) -> str:
    held = (each.get("address") for each in status.get("addresses") or () if each.get("type") == kind)
    return next(held, None) or NONE


def _revision(manifest: Manifest, now: datetime) -> list[Any]:
    meta = manifest["metadata"]
    owner = next((each for each in meta.get("ownerReferences") or () if each.get("controller")), None)
    return [
        meta["name"],
        _group_kind(owner) if owner else NONE,
        manifest.get("revision") or 0,
        _born(manifest, now),
    ]


def _group_kind(reference: Manifest) -> str:
    group, slash, _version = (reference.get("apiVersion") or "").rpartition("/")
    kind = reference["kind"].lower()
    return f"{kind}.{group}/{reference['name']}" if slash else f"{kind}/{reference['name']}"


def _event(manifest: Manifest, now: datetime) -> list[Any]:
    about = manifest.get("involvedObject") or {}
    kind, name = (about.get("kind") or "").lower(), about.get("name")
    first = manifest.get("firstTimestamp") or manifest.get("eventTime")
    series = manifest.get("series") or {}
    last = series.get("lastObservedTime") or manifest.get("lastTimestamp") or first
    source = manifest.get("source") or {}
    component = source.get("component") or manifest.get("reportingComponent") or ""
    host = source.get("host") or manifest.get("reportingInstance") or ""
    return [
        age(last, now),
        manifest.get("type") or "",
        manifest.get("reason") or "",
        f"{kind}/{name}" if name else kind,
        about.get("fieldPath") or "",
        f"{component}, {host}" if host else component,
        (manifest.get("message") or "").strip(),
        age(first, now),
        series.get("count") or manifest.get("count") or 1,
        manifest["metadata"]["name"],
    ]


def _namespace(manifest: Manifest, now: datetime) -> list[Any]:
    phase = (manifest.get("status") or {}).get("phase") or "Active"
    return [manifest["metadata"]["name"], phase, _born(manifest, now)]


def _counted(*parts: str) -> Cells:
    """Return what makes the cells of a kind that is shown by how much it holds."""

    def cells(manifest: Manifest, now: datetime) -> list[Any]:
        held = sum(len(manifest.get(part) or ()) for part in parts)
        return [manifest["metadata"]["name"], held, _born(manifest, now)]

    return cells


def _account(manifest: Manifest, now: datetime) -> list[Any]:
    return [manifest["metadata"]["name"], _born(manifest, now)]


def _secret(manifest: Manifest, now: datetime) -> list[Any]:
    kind, held = manifest.get("type") or "Opaque", len(manifest.get("data") or ())
    return [manifest["metadata"]["name"], kind, held, _born(manifest, now)]


def _lease(manifest: Manifest, now: datetime) -> list[Any]:
    holder = (manifest.get("spec") or {}).get("holderIdentity") or ""
    return [manifest["metadata"]["name"], holder, _born(manifest, now)]


def _quota(manifest: Manifest, now: datetime) -> list[Any]:
    status = manifest.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    said = [(name, f"{name}: {used.get(name) or '0'}/{hard[name]}") for name in sorted(hard)]
    return [
        manifest["metadata"]["name"],
        ", ".join(text for name, text in said if not name.startswith("limits")),
        ", ".join(text for name, text in said if name.startswith("limits")),
        _born(manifest, now),
    ]


PLAIN = Columns((Column("Name"), Column("Created At", "date")), _plain)
_TEMPLATE = "Containers|Images|Selector"
_NODE = "Internal-IP|External-IP|OS-Image|Kernel-Version|Container-Runtime"
_VOLUME = (
    "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age"
)
_CLAIM = "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age"
_CLASS = "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age"
_REPLICAS = _columns("Name|Desired|Current|Ready|Age", _TEMPLATE, "Desired|Current|Ready")
_SET = "Name|Desired|Current|Ready|Up-to-date|Available"
_EVENT = (*_columns("Last Seen|Type|Reason|Object"), *_columns("Subobject|Source"), Column("Message"),
          *_columns("First Seen|Count|Name"))  # fmt: skip
_FAR = frozenset({"Subobject", "Source", "First Seen", "Count", "Name"})
_BINDING = Columns(_columns("Name|Role|Age", "Users|Groups|ServiceAccounts"), binding_cells)
COLUMNS: dict[str, Columns] = {
    "Pod": Columns(
        _columns("Name|Ready|Status|Restarts|Age", "IP|Node|Nominated Node|Readiness Gates"),
        pod_cells,
        pod_conditions,
    ),
    "DaemonSet": Columns(_columns(f"{_SET}|Node Selector|Age", _TEMPLATE, _SET[5:]), _daemonset),
    "Deployment": Columns(
        _columns("Name|Ready|Up-to-date|Available|Age", _TEMPLATE, "Up-to-date|Available"), _deployment
    ),
    "ReplicaSet": Columns(_REPLICAS, _replicaset),
    "ReplicationController": Columns(_REPLICAS, _replicaset),
    "Job": Columns(_columns("Name|Status|Completions|Duration|Age", _TEMPLATE), job_cells),
    "CronJob": Columns(
        _columns("Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age", _TEMPLATE, "Active"),
        cronjob_cells,
    ),
    "PodDisruptionBudget": Columns(
        _columns("Name|Min Available|Max Unavailable|Allowed Disruptions|Age", "", "Allowed Disruptions"),
        budget_cells,
    ),
    "Node": Columns(_columns("Name|Status|Roles|Age|Version", _NODE), _node),
    "ControllerRevision": Columns(_columns("Name|Controller|Revision|Age"), _revision),
    "Event": Columns(tuple(Column(each.name, wide=each.name in _FAR) for each in _EVENT), _event),
    "Namespace": Columns(_columns("Name|Status|Age"), _namespace),
    "Service": Columns(_columns("Name|Type|Cluster-IP|External-IP|Port(s)|Age", "Selector"), service_cells),
    "Endpoints": Columns(_columns("Name|Endpoints|Age"), endpoints_cells),
    "EndpointSlice": Columns(_columns("Name|AddressType|Ports|Endpoints|Age"), slice_cells),
    "ServiceAccount": Columns(_columns("Name|Age"), _account),
    "ConfigMap": Columns(_columns("Name|Data|Age"), _counted("data", "binaryData")),
    "Secret": Columns(_columns("Name|Type|Data|Age"), _secret),
    "Lease": Columns(_columns("Name|Holder|Age"), _lease),
    "PersistentVolume": Columns(_columns(_VOLUME, "VolumeMode"), volume_cells),
    "PersistentVolumeClaim": Columns(_columns(_CLAIM, "VolumeMode"), claim_cells),
    "StatefulSet": Columns(_columns("Name|Ready|Age", "Containers|Images"), _statefulset),
    "StorageClass": Columns(_columns(_CLASS), class_cells),
    "ClusterRoleBinding": _BINDING,
    "RoleBinding": _BINDING,
    "Ingress": Columns(_columns("Name|Class|Hosts|Address|Ports|Age"), ingress_cells),
    "IngressClass": Columns(_columns("Name|Controller|Parameters|Age"), ingress_class_cells),
    "NetworkPolicy": Columns(_columns("Name|Pod-Selector|Age"), policy_cells),
    "PodTemplate": Columns(_columns("Name|Containers|Images|Pod Labels"), template_cells),
    "PriorityClass": Columns(
        _columns("Name|Value|Global-Default|Age|PreemptionPolicy", "", "Value"), priority_cells
    ),
    "ResourceQuota": Columns(_columns("Name|Request|Limit|Age"), _quota),
}
