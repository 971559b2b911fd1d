"""The columns of every kind, as the API server makes them for kubectl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from controller.apiserver.columns import COLUMNS, columns_of
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from tests.builders import daemonset_manifest, node_manifest, pod_manifest

BORN = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 1, 1, 0, 5, tzinfo=UTC)
META = {"name": "it", "creationTimestamp": BORN}


def cells(kind: str, manifest: Manifest) -> dict[str, Any]:
    """Return the cells of an object by their columns."""
    columns = columns_of(kind)
    found = columns.cells({"metadata": META, **manifest}, NOW)
    assert len(found) == len(columns.columns)
    return dict(zip((column.name for column in columns.columns), found, strict=True))


def shown(kind: str, manifest: Manifest, *names: str) -> list[Any]:
    """Return some cells of an object."""
    row = cells(kind, manifest)
    return [row[name] for name in names]


def told(state: Manifest, *, ready: bool = False, restarts: int = 0, **more: Any) -> Manifest:
    """Return what a kubelet tells of a container."""
    return {"name": "main", "state": state, "ready": ready, "restartCount": restarts, **more}


def ended(reason: str = "", code: int = 0, signal: int = 0, at: str = "") -> Manifest:
    """Return how a container ended."""
    return {"terminated": {"reason": reason, "exitCode": code, "signal": signal, "finishedAt": at}}


RUNNING: Manifest = {"running": {"startedAt": BORN}}


def pod(
    *containers: Manifest, phase: str = "Running", spec: Manifest | None = None, **status: Any
) -> Manifest:
    """Return a pod of which this is told."""
    made = {"containers": [{"name": "main"}], **(spec or {})}
    return {"spec": made, "status": {"phase": phase, "containerStatuses": list(containers), **status}}


def waiting(reason: str) -> Manifest:
    """Return why a container waits."""
    return {"waiting": {"reason": reason}}


READY = [{"type": "Ready", "status": "True"}]


@pytest.mark.parametrize(
    ("manifest", "ready", "status"),
    [
        (pod(phase="Pending"), "0/1", "Pending"),
        ({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}, "0/2", "Pending"),
        (pod(told(waiting("ContainerCreating")), phase="Pending"), "0/1", "ContainerCreating"),
        (pod(told(waiting("ErrImagePull")), phase="Pending"), "0/1", "ErrImagePull"),
        (pod(told(waiting("ImagePullBackOff")), phase="Pending"), "0/1", "ImagePullBackOff"),
        (pod(told(waiting("CrashLoopBackOff"))), "0/1", "CrashLoopBackOff"),
        (pod(told(waiting(""))), "0/1", "Running"),
        (pod(told(RUNNING)), "0/1", "Running"),
        (pod(told(RUNNING, ready=True)), "1/1", "Running"),
        (pod(told(ended("Completed")), phase="Succeeded"), "0/1", "Completed"),
        (pod(told(ended("Error", 1)), phase="Failed"), "0/1", "Error"),
        (pod(told(ended("", 3)), phase="Failed"), "0/1", "ExitCode:3"),
        (pod(told(ended("", 137, 9)), phase="Failed"), "0/1", "Signal:9"),
        (pod(phase="Failed", reason="Evicted"), "0/1", "Evicted"),
        (pod(told(RUNNING, ready=True), told(ended("Completed")), conditions=READY), "1/1", "Running"),
        (pod(told(ended("Completed")), told(RUNNING, ready=True), conditions=READY), "1/1", "Running"),
        (pod(told(ended("Completed")), told(RUNNING, ready=True)), "1/1", "NotReady"),
        (
            pod(phase="Pending", conditions=[{"type": "PodScheduled", "reason": "SchedulingGated"}]),
            "0/1",
            "SchedulingGated",
        ),
    ],
)
def test_status_of_pods(manifest: Manifest, ready: str, status: str) -> None:
    """A pod's status is what its containers say, the first one's last, or its phase."""
    assert shown("Pod", manifest, "Ready", "Status") == [ready, status]


@pytest.mark.parametrize(
    ("phase", "reason", "status"),
    [
        ("Running", "", "Terminating"),
        ("Pending", "", "Terminating"),
        ("Succeeded", "", "Succeeded"),
        ("Running", "NodeLost", "Unknown"),
    ],
)
def test_status_of_pods_that_go(phase: str, reason: str, status: str) -> None:
    """A pod that is being deleted is Terminating, unless it has ended or its node was lost."""
    going = {**pod(phase=phase, reason=reason), "metadata": {**META, "deletionTimestamp": BORN}}
    assert shown("Pod", going, "Status") == [status]


INIT = {"initContainers": [{"name": "first"}, {"name": "second"}]}
BESIDE = {"initContainers": [{"name": "beside", "restartPolicy": "Always"}]}


@pytest.mark.parametrize(
    ("spec", "first", "ready", "status"),
    [
        (INIT, [told(RUNNING)], "0/1", "Init:0/2"),
        (INIT, [told(ended("Completed")), told(waiting("PodInitializing"))], "0/1", "Init:1/2"),
        (INIT, [told(waiting("ImagePullBackOff"))], "0/1", "Init:ImagePullBackOff"),
        (INIT, [told(ended("Error", 1))], "0/1", "Init:Error"),
        (INIT, [told(ended("", 2))], "0/1", "Init:ExitCode:2"),
        (INIT, [told(ended("", 9, 9))], "0/1", "Init:Signal:9"),
        (
            BESIDE,
            [told(RUNNING, ready=True, name="beside", started=True, restarts=2)],
            "1/2",
            "PodInitializing",
        ),
        (BESIDE, [told(RUNNING, name="beside", started=True)], "0/2", "PodInitializing"),
    ],
)
def test_status_of_pods_that_begin(spec: Manifest, first: list[Manifest], ready: str, status: str) -> None:
    """A pod waits for its init containers one by one; those that run beside it count as its own."""
    begun = pod(told(waiting("PodInitializing")), phase="Pending", spec=spec, initContainerStatuses=first)
    row = cells("Pod", begun)
    assert (row["Ready"], row["Status"]) == (ready, status)


def test_restarts_of_pods() -> None:
    """Restarts are told with the time of the last one; those of finished init containers do not count."""
    crashed = told(waiting("CrashLoopBackOff"), restarts=3, lastState=ended(at="2026-01-01T00:59:05Z"))
    assert shown("Pod", pod(crashed), "Restarts") == ["3 (60s ago)"]
    assert shown("Pod", pod(told(RUNNING, restarts=2)), "Restarts") == ["2"]
    once = [told(ended("Completed"), restarts=5)]
    assert shown("Pod", pod(told(RUNNING), spec=INIT, initContainerStatuses=once), "Restarts") == ["0"]
    beside = [told(RUNNING, name="beside", started=True, restarts=2)]
    assert shown("Pod", pod(told(RUNNING), spec=BESIDE, initContainerStatuses=beside), "Restarts") == ["2"]


def test_where_pods_are() -> None:
    """The wide columns tell address, node, nomination and readiness gates."""
    names = ("IP", "Node", "Nominated Node", "Readiness Gates", "Age")
    assert shown("Pod", pod(), *names) == ["<none>"] * 4 + ["60m"]
    spec = {"nodeName": "n1", "readinessGates": [{"conditionType": "Ready"}, {"conditionType": "other"}]}
    placed = pod(spec=spec, podIPs=[{"ip": "10.0.0.1"}], nominatedNodeName="n2", conditions=READY)
    assert shown("Pod", placed, *names)[:4] == ["10.0.0.1", "n1", "n2", "1/2"]


@pytest.mark.parametrize(
    ("phase", "reasons"), [("Running", []), ("Succeeded", ["Succeeded"]), ("Failed", ["Failed"])]
)
def test_pods_that_ended_say_so(phase: str, reasons: list[str]) -> None:
    """The row of a pod that has ended bears the condition by which kubectl may hide it."""
    conditions = columns_of("Pod").conditions(pod(phase=phase))
    assert [each["reason"] for each in conditions] == reasons


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "Ready"),
        ({"ready": "False"}, "NotReady"),
        ({"ready": "Unknown"}, "NotReady"),
        ({"ready": ""}, "Unknown"),
        ({"unschedulable": True}, "Ready,SchedulingDisabled"),
    ],
)
def test_status_of_nodes(facts: dict[str, Any], status: str) -> None:
    """A node is Ready, NotReady or Unknown, and perhaps cordoned."""
    assert shown("Node", node_manifest(**facts), "Status") == [status]


def test_facts_of_nodes() -> None:
    """A node tells its roles, its version and where it is reached."""
    names = (
        "Roles",
        "Version",
        "Internal-IP",
        "External-IP",
        "OS-Image",
        "Kernel-Version",
        "Container-Runtime",
    )
    assert shown("Node", node_manifest(), *names) == ["<none>", "", "<none>", "<none>", *["<unknown>"] * 3]
    labels = {
        "node-role.kubernetes.io/worker": "",
        "node-role.kubernetes.io/edge": "",
        "kubernetes.io/role": "x",
    }
    made = node_manifest(labels=labels)
    info = {"kubeletVersion": "v1", "osImage": "os", "kernelVersion": "k", "containerRuntimeVersion": "c"}
    addresses = [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.1"}]
    made["status"] = {**made["status"], "nodeInfo": info, "addresses": addresses}
    assert shown("Node", made, *names) == ["edge,worker,x", "v1", "10.0.0.1", "<none>", "os", "k", "c"]


def test_sets() -> None:
    """A set tells its counts, its node selector and, in the wide columns, what it runs and selects."""
    made = daemonset_manifest(nodeSelector={"b": "2", "a": "1"})
    made["status"] = {"desiredNumberScheduled": 3, "numberReady": 2}
    names = ("Desired", "Current", "Ready", "Node Selector", "Containers", "Images", "Selector")
    assert shown("DaemonSet", made, *names) == [3, 0, 2, "a=1,b=2", "main", "agent:1", "app=agent"]
    definitions = {each["name"]: each for each in columns_of("DaemonSet").definitions}
    assert (definitions["Name"]["format"], definitions["Desired"]["type"]) == ("name", "integer")
    assert [definitions[name]["priority"] for name in ("Age", "Images")] == [0, 1]


def test_a_deployment_in_a_row() -> None:
    """How many of its pods are ready, of the newest template, and available; with -o wide what they run."""
    made = columns_of("Deployment")
    spec = {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"spec": {"containers": [{"name": "main", "image": "web:1"}]}},
    }
    meta = {"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z"}
    status = {"readyReplicas": 2, "updatedReplicas": 1, "availableReplicas": 2}
    row = made.cells({"metadata": meta, "spec": spec, "status": status}, NOW)
    assert row == ["web", "2/3", 1, 2, "60m", "main", "web:1", "app=web"]
    assert [each.name for each in made.columns if each.wide] == ["Containers", "Images", "Selector"]


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ({"matchLabels": {}}, "<none>"),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["b", "a"]}]}, "app in (a,b)"),
        (
            {
                "matchLabels": {"x": "1"},
                "matchExpressions": [
                    {"key": "app", "operator": "NotIn", "values": ["a"]},
                    {"key": "y", "operator": "Exists"},
                    {"key": "z", "operator": "DoesNotExist"},
                ],
            },
            "app notin (a),x=1,y,!z",
        ),
    ],
)
def test_selectors_in_words(selector: Manifest, words: str) -> None:
    """A selector is shown in the grammar of -l, by key."""
    made = daemonset_manifest()
    made["spec"]["selector"] = selector
    assert shown("DaemonSet", made, "Selector") == [words]


def test_revisions() -> None:
    """A revision names its controller as kubectl does."""
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": True}
    held = {"metadata": {**META, "ownerReferences": [owner]}, "revision": 3}
    assert shown("ControllerRevision", held, "Controller", "Revision") == ["daemonset.apps/agent", 3]
    core = {"metadata": {**META, "ownerReferences": [{**owner, "apiVersion": "v1", "kind": "Node"}]}}
    assert shown("ControllerRevision", core, "Controller", "Revision") == ["node/agent", 0]
    assert shown("ControllerRevision", {}, "Controller") == ["<none>"]


def test_events() -> None:
    """An event tells when it was last seen, about what, by whom and how often."""
    names = ("Last Seen", "First Seen", "Object", "Source", "Message", "Count", "Name")
    core = {
        "involvedObject": {"kind": "Pod", "name": "p"},
        "source": {"component": "kubelet", "host": "n1"},
        "message": " said \n",
        "count": 4,
        "firstTimestamp": "2026-01-01T00:59:00Z",
        "lastTimestamp": "2026-01-01T01:00:00Z",
    }
    assert shown("Event", core, *names) == ["5s", "65s", "pod/p", "kubelet, n1", "said", 4, "it"]
    bare = {"involvedObject": {"kind": "Node"}, "eventTime": BORN, "reportingComponent": "c"}
    assert shown("Event", bare, *names) == ["60m", "60m", "node", "c", "", 1, "it"]
    series = {**bare, "series": {"count": 7, "lastObservedTime": "2026-01-01T01:00:00Z"}}
    assert shown("Event", series, "Last Seen", "Count") == ["5s", 7]


@pytest.mark.parametrize(
    ("spec", "status", "wanted"),
    [
        ({}, {}, ["ClusterIP", "<none>", "<none>", "<none>", "<none>"]),
        (
            {
                "clusterIP": "10.0.0.1",
                "ports": [{"port": 80}, {"port": 53, "nodePort": 30053, "protocol": "UDP"}],
                "type": "NodePort",
                "externalIPs": ["1.2.3.4"],
                "selector": {"a": "b"},
            },
            {},
            ["NodePort", "10.0.0.1", "1.2.3.4", "80/TCP,53:30053/UDP", "a=b"],
        ),
        (
            {"type": "ExternalName", "externalName": "x.y"},
            {},
            ["ExternalName", "<none>", "x.y", "<none>", "<none>"],
        ),
        ({"type": "LoadBalancer"}, {}, ["LoadBalancer", "<none>", "<pending>", "<none>", "<none>"]),
        (
            {"type": "LoadBalancer", "clusterIPs": ["None"]},
            {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}, {"hostname": "h"}]}},
            ["LoadBalancer", "None", "1.1.1.1,h", "<none>", "<none>"],
        ),
    ],
)
def test_services(spec: Manifest, status: Manifest, wanted: list[str]) -> None:
    """A service tells where it is reached from inside and outside."""
    names = ("Type", "Cluster-IP", "External-IP", "Port(s)", "Selector")
    assert shown("Service", {"spec": spec, "status": status}, *names) == wanted


def test_endpoints() -> None:
    """Of endpoints the first three are told, with their ports if there are any."""
    four = [{"ip": f"10.0.0.{number}"} for number in range(1, 5)]
    ported = {"subsets": [{"addresses": four, "ports": [{"port": 80}]}]}
    assert shown("Endpoints", ported, "Endpoints") == ["10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more..."]
    assert shown("Endpoints", {"subsets": [{"addresses": four[:2]}]}, "Endpoints") == ["10.0.0.1,10.0.0.2"]
    assert shown("Endpoints", {}, "Endpoints") == ["<none>"]
    assert shown("Endpoints", {"subsets": [{"notReadyAddresses": four}]}, "Endpoints") == [""]


def test_slices_show_their_ports_and_addresses() -> None:
    """No more than three of each; what is not there is unset."""
    points = [{"addresses": [f"10.0.0.{n}"]} for n in range(1, 5)]
    part = {"addressType": "IPv4", "ports": [{"port": 80}, {}], "endpoints": points}
    wanted = ["IPv4", "80,*", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more..."]
    assert shown("EndpointSlice", part, "AddressType", "Ports", "Endpoints") == wanted
    assert shown("EndpointSlice", {}, "AddressType", "Ports", "Endpoints") == ["", "<unset>", "<unset>"]


@pytest.mark.parametrize(
    ("kind", "manifest", "wanted"),
    [
        ("Namespace", {}, ["it", "Active", "60m"]),
        ("Namespace", {"status": {"phase": "Terminating"}}, ["it", "Terminating", "60m"]),
        ("ConfigMap", {"data": {"a": ""}, "binaryData": {"b": ""}}, ["it", 2, "60m"]),
        ("Secret", {"data": {"a": ""}}, ["it", "Opaque", 1, "60m"]),
        ("ServiceAccount", {}, ["it", "60m"]),
        ("Lease", {"spec": {"holderIdentity": "me"}}, ["it", "me", "60m"]),
        ("LimitRange", {}, ["it", BORN]),
        (
            "ResourceQuota",
            {"status": {"hard": {"pods": "4", "cpu": "1", "limits.cpu": "2"}, "used": {"pods": "3"}}},
            ["it", "cpu: 0/1, pods: 3/4", "limits.cpu: 0/2", "60m"],
        ),
        (
            "PersistentVolume",
            {
                "spec": {
                    "capacity": {"storage": "1Gi"},
                    "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
                    "claimRef": {"namespace": "default", "name": "c"},
                    "storageClassName": "fast",
                    "volumeMode": "Block",
                },
                "status": {"phase": "Bound"},
            },
            ["it", "1Gi", "RWO,RWX", "Retain", "Bound", "default/c", "fast", "<unset>", "", "60m", "Block"],
        ),
        (
            "PersistentVolume",
            {"metadata": {**META, "deletionTimestamp": BORN}},
            ["it", "0", "", "Retain", "Terminating", "", "", "<unset>", "", "60m", "<unset>"],
        ),
        (
            "PersistentVolumeClaim",
            {
                "metadata": {**META, "annotations": {"volume.beta.kubernetes.io/storage-class": "old"}},
                "spec": {"volumeName": "v"},
                "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadOnlyMany"]},
            },
            ["it", "Bound", "v", "1Gi", "ROX", "old", "<unset>", "60m", "<unset>"],
        ),
        (
            "StatefulSet",
            {"spec": {"replicas": 3}, "status": {"readyReplicas": 2}},
            ["it", "2/3", "60m", "", ""],
        ),
        ("StatefulSet", {}, ["it", "0/0", "60m", "", ""]),
        (
            "StorageClass",
            {"provisioner": "example.org/disks", "allowVolumeExpansion": True},
            ["it", "example.org/disks", "Delete", "Immediate", True, "60m"],
        ),
        (
            "StorageClass",
            {"metadata": {**META, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}},
            ["it (default)", "", "Delete", "Immediate", False, "60m"],
        ),
        (
            "RoleBinding",
            {
                "roleRef": {"kind": "Role", "name": "view"},
                "subjects": [
                    {"kind": "User", "name": "ann"},
                    {"kind": "ServiceAccount", "name": "bot", "namespace": "ns"},
                ],
            },
            ["it", "Role/view", "60m", "ann", "", "ns/bot"],
        ),
        (
            "Ingress",
            {
                "spec": {"rules": [{"host": host} for host in "abcd"], "tls": [{}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
            },
            ["it", "<none>", "a,b,c + 1 more...", "1.2.3.4", "80, 443", "60m"],
        ),
        ("Ingress", {"spec": {"ingressClassName": "x"}}, ["it", "x", "*", "", "80", "60m"]),
        (
            "IngressClass",
            {"spec": {"controller": "a.b/c", "parameters": {"apiGroup": "a.b", "kind": "K", "name": "n"}}},
            ["it", "a.b/c", "K.a.b/n", "60m"],
        ),
        ("IngressClass", {"spec": {"controller": "a.b/c"}}, ["it", "a.b/c", "<none>", "60m"]),
        (
            "NetworkPolicy",
            {"spec": {"podSelector": {"matchLabels": {"app": "web"}}}},
            ["it", "app=web", "60m"],
        ),
        ("PriorityClass", {"value": 7}, ["it", 7, False, "60m", "PreemptLowerPriority"]),
        (
            "PodTemplate",
            {
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "i"}]},
                }
            },
            ["it", "c", "i", "a=b"],
        ),
        ("PersistentVolumeClaim", {}, ["it", "Pending", "", "", "", "", "<unset>", "60m", "<unset>"]),
    ],
)
def test_other_kinds(kind: str, manifest: Manifest, wanted: list[Any]) -> None:
    """Every other kind has its own few columns, or a name and a time."""
    assert list(cells(kind, manifest).values()) == wanted


def test_every_kind_can_be_shown() -> None:
    """Whatever kind there is, a bare object of it makes a row; no columns are of another kind."""
    whole = {"DaemonSet": daemonset_manifest(), "Pod": pod_manifest(), "Node": node_manifest()}
    assert all(cells(kind, whole.get(kind, {})) for kind in KINDS)
    assert set(COLUMNS) <= set(KINDS)


def test_jobs_are_shown_by_how_far_they_are() -> None:
    """Completions, or one success of many at once; how long it took, or takes."""
    asked = ("Status", "Completions", "Duration", "Images")
    template = {"spec": {"containers": [{"name": "main", "image": "pi:1"}]}}
    spec = {"completions": 3, "parallelism": 2, "template": template}
    status = {"succeeded": 3, "startTime": BORN, "completionTime": "2026-01-01T00:00:09Z"}
    done = {**status, "conditions": [{"type": "Complete", "status": "True"}]}
    assert shown("Job", {"spec": spec, "status": done}, *asked) == ["Complete", "3/3", "9s", "pi:1"]
    assert shown("Job", {"spec": {"parallelism": 2}}, *asked) == ["Running", "0/1 of 2", "", ""]
    running = {"spec": {"parallelism": 1}, "status": {"startTime": BORN}}
    assert shown("Job", running, *asked) == ["Running", "0/1", "60m", ""]
    waits = {"spec": spec, "status": {"conditions": [{"type": "Suspended", "status": "True"}]}}
    assert shown("Job", waits, "Status") == ["Suspended"]
    leaving = {"metadata": {**META, "deletionTimestamp": BORN}, "spec": spec, "status": {}}
    assert shown("Job", leaving, "Status") == ["Terminating"]
    wild = {"spec": spec, "status": {"startTime": BORN, "completionTime": "later"}}
    assert shown("Job", wild, "Duration") == ["<unknown>"]


def test_cronjobs_are_shown_by_their_times() -> None:
    """When it last started a Job, and how many are at work."""
    asked = ("Schedule", "Timezone", "Suspend", "Active", "Last Schedule")
    spec = {"schedule": "@daily", "timeZone": "Europe/Vienna", "suspend": True}
    status = {"active": [{}], "lastScheduleTime": BORN}
    assert shown("CronJob", {"spec": spec, "status": status}, *asked) == [
        "@daily", "Europe/Vienna", "True", 1, "60m",
    ]  # fmt: skip
    assert shown("CronJob", {}, *asked) == ["", "<none>", "False", 0, "<none>"]


def test_budgets_are_shown_by_what_they_ask_and_allow() -> None:
    """What is not asked is N/A."""
    asked = ("Min Available", "Max Unavailable", "Allowed Disruptions")
    budget = {"spec": {"minAvailable": 0}, "status": {"disruptionsAllowed": 2}}
    assert shown("PodDisruptionBudget", budget, *asked) == ["0", "N/A", 2]
    assert shown("PodDisruptionBudget", {"spec": {"maxUnavailable": "10%"}}, *asked) == ["N/A", "10%", 0]
