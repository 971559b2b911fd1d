"""The lines of ``/metrics`` about clusters, in Prometheus' text format.

DaemonSets, nodes and their pods have the names and labels of kube-state-metrics (its pages under
docs/metrics say what each means), and a label ``cluster``; what is ours begins with ``everynode_``. Lines are
put together here and not by prometheus_client, which needs several times as long for the half a million of
a large cluster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from controller.queries.metrics import ClusterFacts, MirrorFacts, NodeFacts, Parts, PodFacts, SetFacts

PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")
ANSWERS = ("True", "False", "Unknown")
UNITS = {"cpu": "core", "memory": "byte", "ephemeral-storage": "byte"}
INFO = {
    "kernel_version": "kernelVersion",
    "os_image": "osImage",
    "container_runtime_version": "containerRuntimeVersion",
    "kubelet_version": "kubeletVersion",
    "kubeproxy_version": "kubeProxyVersion",
    "system_uuid": "systemUUID",
}

HELP = {
    "kube_daemonset_created": "Unix creation timestamp",
    "kube_daemonset_metadata_generation": "Sequence number of a generation of the desired state.",
    "kube_daemonset_status_observed_generation": "The most recent generation observed by the controller.",
    "kube_daemonset_status_desired_number_scheduled": "Nodes that should run the daemon pod.",
    "kube_daemonset_status_current_number_scheduled": "Nodes that run it and are supposed to.",
    "kube_daemonset_status_number_ready": "Nodes whose daemon pod is ready.",
    "kube_daemonset_status_number_available": "Nodes whose daemon pod is available.",
    "kube_daemonset_status_number_unavailable": "Nodes that should have an available daemon pod and lack it.",
    "kube_daemonset_status_number_misscheduled": "Nodes that run it and are not supposed to.",
    "kube_daemonset_status_updated_number_scheduled": "Nodes that run the updated daemon pod.",
    "kube_node_created": "Unix creation timestamp",
    "kube_node_info": "What a node's kubelet says of itself.",
    "kube_node_spec_unschedulable": "Whether a node is cordoned.",
    "kube_node_spec_taint": "The taint of a node.",
    "kube_node_status_condition": "The condition of a node.",
    "kube_node_status_capacity": "What a node has, by resource.",
    "kube_node_status_allocatable": "What of it is for pods, by resource.",
    "kube_pod_created": "Unix creation timestamp",
    "kube_pod_info": "Where a daemon pod is.",
    "kube_pod_owner": "The DaemonSet of a pod.",
    "kube_pod_status_phase": "The phase of a daemon pod.",
    "kube_pod_status_ready": "Whether a daemon pod is ready to serve requests.",
    "kube_pod_deletion_timestamp": "Unix deletion timestamp",
    "kube_pod_container_status_restarts_total": "How often a container of a daemon pod was restarted.",
    "kube_pod_container_status_waiting_reason": "Why a container of a daemon pod waits.",
    "everynode_cluster_info": "A cluster, and whether it is simulated or mirrored.",
    "everynode_cluster_changes_total": "Changes of the objects of a cluster.",
    "everynode_cluster_paused": "Whether a cluster's clock stands.",
    "everynode_cluster_lag_changes": "Changes that no pass has seen yet.",
    "everynode_cluster_overdue_seconds": "Wall seconds by which the next pass is late.",
    "everynode_mirror_up": "Whether a mirrored cluster is followed live.",
    "everynode_mirror_age_seconds": "Seconds since the API server of a mirrored cluster was last heard of.",
    "everynode_mirror_skew_seconds": "Seconds by which its clock is ahead of ours.",
    "everynode_mirror_requests_total": "Requests that were made to it.",
    "everynode_redis_up": "Whether Redis answers.",
    "everynode_worker_up": "Whether a worker lives.",
    "everynode_queue_length": "Wakes that no worker has taken yet.",
}
"""The metrics in their order, and what is said of each."""


def exposition(clusters: Iterable[ClusterFacts], parts: Parts) -> str:
    """Return everything that is told of clusters and of what stands beside them."""
    text = _Text()
    for cluster in clusters:
        text.cluster(cluster)
    text.parts(parts)
    return "".join(text.written())


def _quoted(text: str) -> str:
    """Return a label's value with the quotes around it."""
    if "\\" in text or '"' in text or "\n" in text:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'"{text}"'


def _named(resource: str) -> str:
    """Return a resource as kube-state-metrics names it: with letters, digits and underscores."""
    return "".join(letter if letter.isalnum() else "_" for letter in resource)


def _one_of(metric: str, label: str, values: Iterable[str], held: str) -> str:
    """Return the lines of a metric that is 1 for the value that is held, 0 for others; @: its labels."""
    return "".join(f'{metric}{{@,{label}="{value}"}} {value == held:d}\n' for value in values)


_PHASE = {held: _one_of("kube_pod_status_phase", "phase", PHASES, held) for held in PHASES}
_READY = {
    held: _one_of("kube_pod_status_ready", "condition", ("true", "false", "unknown"), str(held).lower())
    for held in (True, False)
}


class _Text:
    """The lines so far, by metric."""

    def __init__(self) -> None:
        self._lines = defaultdict[str, list[str]](list)

    def written(self) -> Iterator[str]:
        """Yield the lines, each metric after its heading."""
        for name, said in HELP.items():
            if name in self._lines:
                kind = "counter" if name.endswith("_total") else "gauge"
                yield f"# HELP {name} {said}\n# TYPE {name} {kind}\n"
                yield from self._lines[name]

    def _add(self, name: str, labels: str, value: float = 1) -> None:
        self._lines[name].append(f"{name}{{{labels}}} {value + 0}\n")

    def parts(self, parts: Parts) -> None:
        """Tell of Redis and workers."""
        self._add("everynode_redis_up", "", parts.redis)
        self._add("everynode_worker_up", "", parts.worker)
        if parts.queue is not None:
            self._add("everynode_queue_length", "", parts.queue)

    def cluster(self, one: ClusterFacts) -> None:
        """Tell of a cluster and all that is in it."""
        own = f"cluster={_quoted(one.name)}"
        self._add("everynode_cluster_info", f'{own},mode="{one.mode}"')
        self._add("everynode_cluster_changes_total", own, one.number)
        self._add("everynode_cluster_paused", own, one.paused)
        self._add("everynode_cluster_lag_changes", own, one.lag)
        self._add("everynode_cluster_overdue_seconds", own, one.overdue)
        if one.mirror:
            self._mirror(own, one.mirror)
        for daemonset in one.sets:
            self._set(own, daemonset)
        for node in one.nodes:
            self._node(own, node)
        for pod in one.pods:
            self._pod(own, pod)

    def _mirror(self, cluster: str, mirror: MirrorFacts) -> None:
        self._add("everynode_mirror_up", cluster, mirror.state == "live")
        self._add("everynode_mirror_skew_seconds", cluster, mirror.skew)
        self._add("everynode_mirror_requests_total", cluster, mirror.requests)
        if mirror.age is not None:
            self._add("everynode_mirror_age_seconds", cluster, mirror.age)

    def _set(self, cluster: str, one: SetFacts) -> None:
        own = f'{cluster},namespace="{one.namespace}",daemonset="{one.name}"'
        for name, value in (
            ("created", one.created),
            ("metadata_generation", one.generation),
            ("status_observed_generation", one.observed),
            ("status_desired_number_scheduled", one.counts.desired),
            ("status_current_number_scheduled", one.counts.current),
            ("status_number_ready", one.counts.ready),
            ("status_number_available", one.counts.available),
            ("status_number_unavailable", one.counts.unavailable),
            ("status_number_misscheduled", one.counts.misscheduled),
            ("status_updated_number_scheduled", one.counts.updated),
        ):
            self._add(f"kube_daemonset_{name}", own, value)

    def _node(self, cluster: str, node: NodeFacts) -> None:
        own = f'{cluster},node="{node.name}"'
        info = {label: node.info.get(name) or "" for label, name in INFO.items()}
        info |= {"provider_id": node.provider, "pod_cidr": node.pod_range, "internal_ip": node.address}
        self._add(
            "kube_node_info", f"{own},{','.join(f'{label}={_quoted(text)}' for label, text in info.items())}"
        )
        self._add("kube_node_created", own, node.created)
        self._add("kube_node_spec_unschedulable", own, node.unschedulable)
        for key, value, effect in node.taints:
            told = f'key={_quoted(key)},value={_quoted(value)},effect="{effect}"'
            self._add("kube_node_spec_taint", f"{own},{told}")
        for kind, held in node.conditions:
            for answer in ANSWERS:
                told = f'condition={_quoted(kind)},status="{answer.lower()}"'
                self._add("kube_node_status_condition", f"{own},{told}", answer == held)
        for name, amounts in (("capacity", node.capacity), ("allocatable", node.allocatable)):
            for resource, amount in amounts:
                told = f'resource="{_named(resource)}",unit="{UNITS.get(resource, "integer")}"'
                self._add(f"kube_node_status_{name}", f"{own},{told}", amount)

    def _pod(self, cluster: str, pod: PodFacts) -> None:
        own = f'{cluster},namespace="{pod.namespace}",pod="{pod.name}",uid="{pod.uid}"'
        details = pod.details
        self._add(
            "kube_pod_info",
            f'{own},host_ip="{details.host}",pod_ip="{details.address}",node="{pod.node}",'
            f'created_by_kind="DaemonSet",created_by_name="{pod.owner}",'
            f'priority_class="{details.priority_class}",host_network="{str(details.host_network).lower()}"',
        )
        owner = f'owner_kind="DaemonSet",owner_name="{pod.owner}",owner_is_controller="true"'
        self._add("kube_pod_owner", f"{own},{owner}")
        self._add("kube_pod_created", own, details.created)
        # The lines of all phases at once: there are many pods.
        self._lines["kube_pod_status_phase"].append(
            _PHASE.get(pod.phase, _PHASE["Unknown"]).replace("@", own)
        )
        self._lines["kube_pod_status_ready"].append(_READY[pod.ready].replace("@", own))
        if details.deleted is not None:
            self._add("kube_pod_deletion_timestamp", own, details.deleted)
        for container in details.containers:
            named = f'{own},container="{container.name}"'
            self._add("kube_pod_container_status_restarts_total", named, container.restarts)
            if container.waiting:
                reason = f'reason="{container.waiting}"'
                self._add("kube_pod_container_status_waiting_reason", f"{named},{reason}")
