"""What the API server completes in every new pod, whoever makes it: people, or a controller.

A template has none of this; so the defaults of pods alone, and the admission plugins Priority and
ServiceAccount, stand here, below admission and the controllers. Everything takes a pod's spec with the
defaults that templates share, and returns a new one.
"""

from __future__ import annotations

from controller.engine.objects import Manifest

POD_ONLY: Manifest = {
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "serviceAccountName": "default",
}
PRIORITY_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
"""The classes that every cluster has, with their values."""
TOKEN_VOLUME = "kube-api-access-"  # noqa: S105 - the beginning of a volume's name
TOKEN_SECONDS = 3607
"""An hour, and seven seconds by which Kubernetes knows tokens that nobody asked for."""
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - where the volume is mounted
SUFFIX = 5
NODE_GONE_SECONDS = 300
"""How long a pod that does not say otherwise outlives its node's going silent."""


def completed(spec: Manifest) -> Manifest:
    """Return the spec with the defaults that pods have and templates do not."""
    made = {**POD_ONLY, **spec}
    made["serviceAccount"] = made["serviceAccountName"]
    for field in ("containers", "initContainers"):
        if field in made:
            made[field] = [_container(container, made) for container in made[field]]
    return made


def priority_refusal(spec: Manifest) -> str:
    """Return why the plugin Priority refuses a pod, or ""."""
    name = spec.get("priorityClassName", "")
    if name and name not in PRIORITY_CLASSES:
        return f"no PriorityClass with name {name} was found"
    value = PRIORITY_CLASSES.get(name, 0)
    if spec.get("priority", 0) not in {0, value}:
        return (
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {value} from the given PriorityClass name"
        )
    return ""


def admitted(spec: Manifest, suffix: str) -> Manifest:
    """Return a completed spec as the plugins leave it: with its priority, and a token to be known by.

    ``suffix`` ends the name of the token's volume; its last five characters are taken.
    """
    made = {**spec, "priority": PRIORITY_CLASSES.get(spec.get("priorityClassName", ""), 0)}
    if spec.get("automountServiceAccountToken") is False:
        return made
    volumes = list(spec.get("volumes") or ())
    name = next((each["name"] for each in volumes if each.get("name", "").startswith(TOKEN_VOLUME)), "")
    if not name:
        name = TOKEN_VOLUME + suffix[-SUFFIX:]
        made["volumes"] = [*volumes, token_volume(name)]
    mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
    for field in ("containers", "initContainers"):
        if field in spec:
            made[field] = [_mounting(container, mount) for container in spec[field]]
    return made


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
