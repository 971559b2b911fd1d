"""The same daemon as DaemonSet, Deployment, bare pod, static pod and init script: what is made for it.

An init script is a process of the machine that Kubernetes cannot see. Here it is a fact of the node, an
annotation with its name: the process is there while the machine is powered, and comes back with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from controller.engine.cluster.manifestfolder import folder_text, read_folder
from controller.engine.objects import (
    SIM,
    STATIC_PODS_ANNOTATION,
    Key,
    Manifest,
    Node,
)

NAMESPACE = "alternatives"
INIT_SCRIPT_ANNOTATION = SIM + "init-script"
PAGE = {"page": NAMESPACE}
"""The fact of an audit entry that says on which page the button was."""
WAY = "alternatives.everynode.dev/way"
"""The label of a pod that says in which way it is run."""
HERE = {"alternatives.everynode.dev/daemon": "here"}
"""The label of the nodes that the DaemonSet and the Deployment want."""

DAEMONSET: Key = ("DaemonSet", NAMESPACE, "as-daemonset")
DEPLOYMENT: Key = ("Deployment", NAMESPACE, "as-deployment")
POD, STATIC, SCRIPT = "as-pod", "as-static", "as-script"
FILE = "alternatives.yaml"
"""The file in a machine's manifest folder."""
CONTAINER = "daemon"
IMAGES = ("nginx:1.26", "nginx:1.27")
"""What the daemon runs: a change of the image takes the other one."""


class Way(StrEnum):
    """How the daemon is run."""

    DAEMONSET = "daemonset"
    DEPLOYMENT = "deployment"
    POD = "pod"
    STATIC = "static"
    SCRIPT = "script"


def objects(nodes: Sequence[str]) -> Iterator[tuple[str, Manifest]]:
    """Yield what people create, each with its kind: all but what lies on the machines."""
    yield "Namespace", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    yield "DaemonSet", _workload(DAEMONSET, Way.DAEMONSET)
    yield "Deployment", _workload(DEPLOYMENT, Way.DEPLOYMENT, replicas=len(nodes))
    for node in nodes:
        made = _pod(f"{POD}-{node}", Way.POD)
        yield "Pod", {**made, "spec": {**made["spec"], "nodeSelector": {"kubernetes.io/hostname": node}}}


def _workload(key: Key, way: Way, **spec: object) -> Manifest:
    kind, namespace, name = key
    labels = {WAY: way.value}
    pod = {**_spec(IMAGES[0]), "nodeSelector": HERE}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            **spec,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _pod(name: str, way: Way, image: str = IMAGES[0]) -> Manifest:
    meta = {"name": name, "namespace": NAMESPACE, "labels": {WAY: way.value}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": _spec(image)}


def _spec(image: str) -> Manifest:
    return {"containers": [{"name": CONTAINER, "image": image}]}


# -- machines --------------------------------------------------------------------------------------


def static_pod(image: str = IMAGES[0]) -> Manifest:
    """Return the pod of the file."""
    return _pod(STATIC, Way.STATIC, image)


def on_machine(node: Manifest) -> Manifest:
    """Return the patch that puts file and script on a machine."""
    files = {**_files(node), FILE: static_pod()}
    return _annotated({STATIC_PODS_ANNOTATION: folder_text(files), INIT_SCRIPT_ANNOTATION: SCRIPT})


def off_machine(node: Manifest) -> Manifest:
    """Return the patch that takes file and script from a machine; other files stay."""
    files = {name: pod for name, pod in _files(node).items() if name != FILE}
    return _annotated({STATIC_PODS_ANNOTATION: folder_text(files) or None, INIT_SCRIPT_ANNOTATION: None})


def has_file(node: Manifest) -> bool:
    """Whether the daemon's file lies on a machine."""
    return FILE in _files(node)


def script_of(node: Manifest) -> str:
    """Return the name of the script that a machine runs at its start, or ""."""
    return str((node["metadata"].get("annotations") or {}).get(INIT_SCRIPT_ANNOTATION) or "")


def other_image(image: str) -> str:
    """Return the image that a change takes."""
    return IMAGES[image == IMAGES[0]]


def image_of(workload: Manifest) -> str:
    """Return the image that the daemon runs by the template of a workload."""
    containers: list[Manifest] = workload["spec"]["template"]["spec"]["containers"]
    return next((str(one["image"]) for one in containers if one["name"] == CONTAINER), "")


def takes_part(node: Node) -> bool:
    """Whether a node is one of those that the page shows."""
    return HERE.items() <= node.labels.items() or script_of(node.manifest) == SCRIPT


def free_name(taken: Iterable[str]) -> str:
    """Return a name for one more node."""
    names, at = set(taken), 1
    while f"added-{at}" in names:
        at += 1
    return f"added-{at}"


def _files(node: Manifest) -> dict[str, Manifest]:
    return read_folder(node) or {}


def _annotated(annotations: dict[str, str | None]) -> Manifest:
    return {"metadata": {"annotations": annotations}}
