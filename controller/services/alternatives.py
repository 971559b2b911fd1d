"""The same daemon in five ways, so that one can see what each of them survives."""

from __future__ import annotations

import json
from collections.abc import Sequence

from controller.engine.controllers.static_pods import STATIC_PODS_ANNOTATION
from controller.engine.edits.deletion import DeleteAll, Options
from controller.engine.edits.eviction import Evict
from controller.engine.edits.nodes import Cordon
from controller.engine.edits.objects import CreateAll, Patch, PatchType
from controller.engine.edits.workloads import SetImage
from controller.engine.objects import Key, Manifest
from controller.services.edits import editing

NAMESPACE = "default"
DAEMONSET, DEPLOYMENT, BARE, STATIC = "agent-daemonset", "agent-deployment", "agent-bare", "agent-static"
INIT_SCRIPT_ANNOTATION = "sim.everynode.dev/init-script"
"""Of a node: what its machine runs by itself, and Kubernetes does not know of. Nothing acts on it."""

IMAGE = "busybox:1.36"


def alternatives_create(*, cluster: int, actor: str, node: str, replicas: int) -> None:
    """Run the daemon in all ways; the static pod and the init script on one ``node``.

    Raises NotFound (the node), AlreadyExists; then nothing is made.
    """
    wanted = CreateAll(
        [
            ("DaemonSet", _workload(DAEMONSET)),
            ("Deployment", _workload(DEPLOYMENT, replicas=replicas)),
            ("Pod", {"metadata": {"name": BARE, "namespace": NAMESPACE}, "spec": _spec()}),
        ]
    )
    file = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": STATIC}, "spec": _spec()}
    notes = {STATIC_PODS_ANNOTATION: json.dumps({STATIC: file}), INIT_SCRIPT_ANNOTATION: "agent"}
    with editing(cluster=cluster, actor=actor) as edit:
        for request in (wanted, _annotated(node, notes)):
            edit.commit(edit.decide(request))


def alternatives_delete(*, cluster: int, actor: str, nodes: list[str]) -> None:
    """Take the daemon away in all ways, from these nodes the file and the script."""
    keys = [
        ("DaemonSet", NAMESPACE, DAEMONSET),
        ("Deployment", NAMESPACE, DEPLOYMENT),
        ("Pod", NAMESPACE, BARE),
    ]
    with editing(cluster=cluster, actor=actor) as edit:
        edit.commit(edit.decide(DeleteAll(keys, Options("Background"))))
        for node in nodes:
            gone = {STATIC_PODS_ANNOTATION: None, INIT_SCRIPT_ANNOTATION: None}
            edit.commit(edit.decide(_annotated(node, gone)))


def alternatives_image(*, cluster: int, actor: str, image: str) -> None:
    """Set the image of the ways that have a template. Raises NotFound, Invalid; then nothing is set."""
    with editing(cluster=cluster, actor=actor) as edit:
        for key in (("DaemonSet", NAMESPACE, DAEMONSET), ("Deployment", NAMESPACE, DEPLOYMENT)):
            edit.commit(edit.decide(SetImage(key, "agent", image)))


def alternatives_drain(*, cluster: int, actor: str, node: str, pods: Sequence[Key]) -> None:
    """Cordon a node and evict these pods of it, as ``kubectl drain --force`` does; all of them or none.

    Raises NotFound, DisruptionRefused (a budget), ManyBudgets.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        edit.commit(edit.decide(Cordon([node], cordoned=True)))
        for key in pods:
            edit.commit(edit.decide(Evict(key, Options())))


def _annotated(node: str, notes: dict[str, str] | dict[str, None]) -> Patch:
    return Patch(("Node", "", node), PatchType.MERGE, {"metadata": {"annotations": notes}})


def _spec() -> Manifest:
    return {"containers": [{"name": "agent", "image": IMAGE, "command": ["sleep", "infinity"]}]}


def _workload(name: str, **more: object) -> Manifest:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": _spec()}
    spec = {"selector": {"matchLabels": labels}, "template": template, **more}
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
