"""What the API server completes in every new pod, whoever makes it: people, or a controller.

A template has none of this; so the defaults of pods alone, and the admission plugins Priority and
ServiceAccount, stand here, below admission and the controllers. Everything takes a pod's spec with the
defaults that templates share, and returns a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from controller.engine.builtin import SYSTEM_CLASSES
from controller.engine.objects import Manifest
from controller.engine.remembered import remembered
from controller.engine.values import value

PRIORITY_CLASS = "PriorityClass"
LOWER = "PreemptLowerPriority"
POD_ONLY: Manifest = {
    "enableServiceLinks": True,
    "preemptionPolicy": LOWER,
    "priority": 0,
    "serviceAccountName": "default",
}
PRIORITY_CLASSES = {str(one["metadata"]["name"]): int(one["value"]) for one in SYSTEM_CLASSES}
"""The classes that every cluster has, with their values."""
TOKEN_VOLUME = "kube-api-access-"  # noqa: S105 - the beginning of a volume's name
TOKEN_SECONDS = 3607
"""An hour, and seven seconds by which Kubernetes knows tokens that nobody asked for."""
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - where the volume is mounted
SUFFIX = 5
IN_NAMES = str.maketrans("013ae", "xzwkm")
"""Which letters of generated names stand for the hexadecimal digits that are none."""
NODE_GONE_SECONDS = 300
"""How long a pod that does not say otherwise outlives its node's going silent."""


TOPOLOGY = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")
"""The labels of its node that a pod bears too, from when it has one."""
BARE: Manifest = {}


def with_topology(pod: Manifest, node: Mapping[str, str]) -> Manifest:
    """Return a pod that gets a place with the labels that say where its node is; its own give way.

    As the admission plugin PodTopologyLabels does, on a binding and on a new pod that names its node. What
    becomes of the node's labels later is no matter.
    """
    found = tuple((key, node[key]) for key in TOPOLOGY if key in node)
    if not found:
        return pod
    meta = pod["metadata"]
    return {**pod, "metadata": {**meta, "labels": _labelled(meta.get("labels") or BARE, found)}}


@remembered
def _labelled(labels: Manifest, more: tuple[tuple[str, str], ...]) -> Manifest:
    return {**labels, **dict(more)}


def completed(spec: Manifest) -> Manifest:
    """Return the spec with the defaults that pods have and templates do not."""
    made = {**POD_ONLY, **spec}
    made["serviceAccount"] = made["serviceAccountName"]
    for field in ("containers", "initContainers"):
        if field in made:
            made[field] = [_container(container, made) for container in made[field]]
    return made


@value(frozen=True, slots=True)
class PriorityClass:
    """A named priority. ``everywhere``: pods that name none have it; ``preempts``: they may evict others."""

    name: str
    value: int
    policy: str = LOWER
    everywhere: bool = False

    @classmethod
    def read(cls, manifest: Manifest) -> Self:
        """Read a PriorityClass object."""
        policy = manifest.get("preemptionPolicy") or LOWER
        name, number = manifest["metadata"]["name"], manifest.get("value") or 0
        return cls(name, number, policy, bool(manifest.get("globalDefault")))


Classes = Mapping[str, PriorityClass]
BUILTIN: Classes = {name: PriorityClass(name, number) for name, number in PRIORITY_CLASSES.items()}


def classes_of(manifests: Iterable[Manifest]) -> Classes:
    """Return the classes of a cluster: those of these objects, and those that every cluster has."""
    return {**{one.name: one for one in map(_read, manifests)}, **BUILTIN}


_read = remembered(PriorityClass.read)
"""It is asked of each pod that is made."""


def default_refusal(name: str, classes: Classes) -> str:
    """Return why the plugin Priority refuses that pods without a class get the one of this name, or ""."""
    others = sorted(one.name for one in classes.values() if one.everywhere and one.name != name)
    if not others:
        return ""
    return f"PriorityClass {others[0]} is already marked as default. Only one default can exist"


def class_of(spec: Manifest, classes: Classes) -> PriorityClass | None:
    """Return the class that a pod names, or the lowest of those for all that name none."""
    if name := spec.get("priorityClassName", ""):
        return classes.get(name)
    defaults = [one for one in classes.values() if one.everywhere]
    return min(defaults, key=lambda one: (one.value, one.name), default=NO_CLASS)


NO_CLASS = PriorityClass("", 0)


def priority_refusal(spec: Manifest, classes: Classes = BUILTIN) -> str:
    """Return why the plugin Priority refuses a pod, or ""."""
    found = class_of(spec, classes)
    if found is None:
        return f"no PriorityClass with name {spec['priorityClassName']} was found"
    if spec.get("priority", 0) not in {0, found.value}:
        return (
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {found.value} from the given PriorityClass name"
        )
    policy = spec.get("preemptionPolicy") or LOWER
    if policy not in {LOWER, found.policy}:
        return (
            f"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; "
            f"priority admission controller computed {found.policy} from the given PriorityClass name"
        )
    return ""


def prioritized(spec: Manifest, classes: Classes) -> Manifest:
    """Return an admitted spec with the priority of its class; one that has it already as it is."""
    found = class_of(spec, classes)
    if found is None or (found.value, found.policy) == (spec.get("priority", 0), LOWER):
        return spec
    return _prioritized(spec, found)


@remembered
def _prioritized(spec: Manifest, found: PriorityClass) -> Manifest:
    """Write it: pods of a template go on sharing their spec."""
    named = {"priorityClassName": found.name} if found.name else {}
    return {**spec, **named, "priority": found.value, "preemptionPolicy": found.policy}


def admitted(spec: Manifest, suffix: str) -> Manifest:
    """Return a completed spec as the plugins leave it: with its priority, and a token to be known by.

    ``suffix`` ends the name of the token's volume; its last five characters are taken, a uid's made such
    as generated names have.
    """
    made = {**spec, "priority": PRIORITY_CLASSES.get(spec.get("priorityClassName", ""), 0)}
    if spec.get("automountServiceAccountToken") is False:
        return made
    volumes = list(spec.get("volumes") or ())
    name = next((each["name"] for each in volumes if each.get("name", "").startswith(TOKEN_VOLUME)), "")
    if not name:
        name = TOKEN_VOLUME + suffix[-SUFFIX:].translate(IN_NAMES)
        made["volumes"] = [*volumes, token_volume(name)]
    mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
    for field in ("containers", "initContainers"):
        if field in spec:
            made[field] = [_mounting(container, mount) for container in spec[field]]
    return made


ACCOUNT = frozenset({"serviceAccount", "serviceAccountName"})
BY_PLUGINS = ACCOUNT | {"preemptionPolicy", "priority", "tolerations"}


def authored(spec: Manifest, sent: Manifest) -> Manifest:
    """Return an admitted spec without what the plugins wrote: whoever sent the pod owns the rest.

    Else an apply that follows would take away what nobody may change.
    """
    added = BY_PLUGINS - sent.keys() - (ACCOUNT if sent.keys() & ACCOUNT else set())
    kept = {field: value for field, value in spec.items() if field not in added}
    given = {volume.get("name") for volume in sent.get("volumes") or ()}
    kept["volumes"] = [volume for volume in spec.get("volumes") or () if volume["name"] in given]
    for field in ("containers", "initContainers"):
        if field in kept:
            kept[field] = [_without_token(container, given) for container in kept[field]]
    return kept


def _without_token(container: Manifest, given: set[str]) -> Manifest:
    mounts = [mount for mount in container.get("volumeMounts") or () if mount["name"] in given]
    return {**container, "volumeMounts": mounts}


GATED: Manifest = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "SchedulingGated",
    "message": "Scheduling is blocked due to non-empty scheduling gates",
}


def first_status(spec: Manifest) -> Manifest:
    """Return the status with which a pod begins."""
    gated = {"conditions": [{"lastProbeTime": None, "lastTransitionTime": None, **GATED}]}
    return {"phase": "Pending", **(gated if spec.get("schedulingGates") else {})}


def patient(spec: Manifest) -> Manifest:
    """Return the spec with the tolerations that let a pod outlive a short loss of its node.

    The plugin DefaultTolerationSeconds adds them for each of two taints, unless the pod speaks of it.
    """
    given = spec.get("tolerations") or []
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": NODE_GONE_SECONDS}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if not any(_speaks_of(toleration, key) for toleration in given)
    ]
    return {**spec, "tolerations": [*given, *added]}


def _speaks_of(toleration: Manifest, key: str) -> bool:
    return toleration.get("key", key) == key and toleration.get("effect") in {None, "NoExecute"}


def token_volume(name: str) -> Manifest:
    """Return the volume that holds the token, the cluster's certificate and the pod's namespace."""
    certificate = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
        {"configMap": certificate},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"defaultMode": 0o644, "sources": sources}}


def _mounting(container: Manifest, mount: Manifest) -> Manifest:
    mounts = container.get("volumeMounts") or []
    if any(each.get("mountPath") == TOKEN_PATH for each in mounts):
        return container
    return {**container, "volumeMounts": [*mounts, mount]}


def _container(container: Manifest, spec: Manifest) -> Manifest:
    """Return a container whose limits are asked for, and whose ports are the node's if it shares them."""
    made, resources = container, container.get("resources") or {}
    if "limits" in resources:
        requests = {**resources["limits"], **(resources.get("requests") or {})}
        made = {**made, "resources": {**resources, "requests": requests}}
    if spec.get("hostNetwork") and container.get("ports"):
        ports = [
            {"hostPort": port["containerPort"], **port} if "containerPort" in port else port
            for port in container["ports"]
        ]
        made = {**made, "ports": ports}
    return made
