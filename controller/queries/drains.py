"""Nodes that are being drained: how far each is, and who is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.engine.disruption.drain import (
    DRAIN_STATUS_ANNOTATION,
    DrainOptions,
    DrainStatus,
    options_of,
)
from controller.engine.objects import Node, Pod
from controller.store.views import ClusterView

STAYING = frozenset({"DaemonSet", "Node"})
"""The kinds of controllers whose pods a drain leaves alone: of daemons, and of the machine itself."""


@dataclass(frozen=True, slots=True)
class DrainLine:
    """A node that is drained: ``pods`` had to go when it began, ``left`` still stand.

    ``held`` are pods (namespace/name) with the disruption budget that holds each, ``refused`` those that the
    drain may not evict, with the reason (``Fate``). Of many only the first are named.
    """

    node: str
    pods: int
    left: int
    held: Mapping[str, str]
    refused: Mapping[str, str]


def drains(view: ClusterView) -> tuple[DrainLine, ...]:
    """Return all nodes that are drained, by their names."""
    return tuple(_lines(view))


def drain_of(view: ClusterView, name: str) -> DrainLine | None:
    """Return how far the drain of a node is; None if it is not drained."""
    node = view.world.nodes.get(name)
    return _line(view, node) if node else None


def _lines(view: ClusterView) -> Iterator[DrainLine]:
    for _name, node in sorted(view.world.nodes.items()):
        if line := _line(view, node):
            yield line


def _line(view: ClusterView, node: Node) -> DrainLine | None:
    options = DrainOptions.read(options_of(node.manifest))
    if options is None:
        return None
    annotations = node.manifest["metadata"]["annotations"]
    status = DrainStatus.read(annotations.get(DRAIN_STATUS_ANNOTATION) or "")
    left = sum(_has_to_go(pod, options) for pod in view.world.on_node.of(node.name).values())
    return DrainLine(node.name, max(options.pods, left), left, status.held, status.refused)


def _has_to_go(pod: Pod, options: DrainOptions) -> bool:
    """Whether a pod has to go, as far as a world that is only looked at knows of it."""
    if pod.created > options.begun:
        return False
    kinds = {one["kind"] for one in pod.references if one.get("controller")}
    return pod.finished or not kinds & STAYING
