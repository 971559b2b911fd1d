"""Whose logs are read together: one pod's, or those of a workload's pods on some nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.engine.container.sources import all_containers
from controller.engine.matching.selectors import label_requirements
from controller.engine.objects import Manifest, Pod
from controller.queries.podlines import PodLine, pod_line
from controller.queries.pods import pod
from controller.queries.source import ClusterView
from controller.queries.workloads import object_manifest, pods_of

MOST_PODS = 30
"""How many pods' logs are read together at most."""
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


@dataclass(frozen=True, slots=True)
class LogTargets:
    """Whose logs are asked for. ``pods`` are the first by node and name, of ``total``.

    ``container`` is the one that is read if none is named, of the ``containers`` of these pods. ``unknown``
    are the names of nodes that were given and are none.
    """

    pods: tuple[PodLine, ...]
    total: int
    containers: tuple[str, ...]
    container: str
    unknown: tuple[str, ...] = ()


def log_targets(
    view: ClusterView, *, cluster: int, kind: str, namespace: str, name: str, nodes: str = ""
) -> LogTargets:
    """Return the pods of a workload, or one pod, on ``nodes``: names separated by commas or a selector.

    Raises NotFound; BadRequest for a selector that cannot be read.
    """
    unknown: tuple[str, ...] = ()
    if kind == Pod.KIND:
        manifests = [pod(view, namespace=namespace, name=name).manifest]
        total = 1
    else:
        workload = object_manifest(cluster=cluster, kind=kind, namespace=namespace, name=name)
        chosen, unknown = _on_nodes(view, nodes)
        places = sorted(
            (one.node, *one.key[1:]) for one in pods_of(view, workload) if one.bound and chosen(one.node)
        )
        total = len(places)
        manifests = list(view.pods([(space, called) for _node, space, called in places[:MOST_PODS]]).values())
        manifests.sort(key=lambda one: (one["spec"].get("nodeName", ""), one["metadata"]["name"]))
    containers = list(
        dict.fromkeys(each["name"] for one in manifests for each in all_containers(one["spec"]))
    )
    lines = tuple(pod_line(one) for one in manifests)
    return LogTargets(lines, total, tuple(containers), _default(manifests), unknown)


def _default(manifests: list[Manifest]) -> str:
    for one in manifests:
        named = (one["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
        return str(named or one["spec"]["containers"][0]["name"])
    return ""


def _on_nodes(view: ClusterView, text: str) -> tuple[Callable[[str], bool], tuple[str, ...]]:
    """Return what chooses nodes, and the names among those that were given of which there is no node.

    Names are what is given if one of them is a node's; anything else is a selector.
    """
    known = view.world.nodes
    names = {word.strip() for word in text.split(",") if word.strip()}
    if not names:
        return lambda _node: True, ()
    if not names.isdisjoint(known):
        return lambda node: node in names, tuple(sorted(names - known.keys()))
    wanted = label_requirements(text)
    return lambda node: node in known and all(one.matches(known[node].labels) for one in wanted), ()
