"""What became of the pods of the same daemon in its different ways, read from the change log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from controller import models
from controller.engine.changes import Verb
from controller.engine.objects import Key, Manifest
from controller.queries.podlines import PodLine
from controller.queries.pods import pods
from controller.queries.source import ClusterView

ENTRIES = 800
"""How many of the last entries of the log about such pods are looked at."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A pod that went, by whom and why, and what came in its place: "" and None if nothing did (yet).

    ``reason`` and ``back_reason`` are codes of ``controller/engine/reasons.py``.
    """

    at: datetime
    pod: str
    node: str
    actor: str
    reason: str
    back: str
    back_node: str
    back_actor: str
    back_reason: str
    after: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """One way: its pods as they stand, and what it lost, newest first."""

    name: str
    pods: tuple[PodLine, ...]
    losses: tuple[Loss, ...]


def ways(view: ClusterView, *, cluster: int, namespace: str, names: Sequence[str]) -> tuple[Way, ...]:
    """Return each way by the name with which those of its pods begin."""
    ours = Q(*(("name__startswith", name) for name in names), _connector=Q.OR)
    log = models.Change.objects.filter(ours, cluster=cluster, kind="Pod", namespace=namespace)
    entries = list(log.order_by("-number")[:ENTRIES])[::-1]
    among = [pod for pod in view.world.pods.values() if pod.namespace == namespace]
    return tuple(
        Way(
            name,
            pods(view, among=[pod for pod in among if pod.name.startswith(name)]).items,
            tuple(reversed(_losses(view, [one for one in entries if one.name.startswith(name)]))),
        )
        for name in names
    )


def _losses(view: ClusterView, entries: Sequence[models.Change]) -> list[Loss]:
    """Return who went, each with the first that came after it and replaces no other."""
    came, found = [one for one in entries if one.verb == Verb.ADDED], []
    for lost in _went(entries):
        back = next((one for one in came if one.number > lost.number), None)
        if back:
            came.remove(back)
        pod = view.world.find("Pod", back.namespace, back.name) if back else None
        found.append(
            Loss(
                at=lost.at,
                pod=lost.name,
                node=_node(lost.manifest),
                actor=lost.actor,
                reason=lost.reason,
                back=back.name if back else "",
                back_node=getattr(pod, "node", "") or (_node(back.manifest) if back else ""),
                back_actor=back.actor if back else "",
                back_reason=back.reason if back else "",
                after=(back.at - lost.at).total_seconds() if back else None,
            )
        )
    return found


def _went(entries: Sequence[models.Change]) -> list[models.Change]:
    """Return for each pod that went the entry with which that began: who marked it, or took it away."""
    first: dict[str, models.Change] = {}
    for one in entries:
        meta = one.manifest["metadata"]
        if one.verb == Verb.DELETED or "deletionTimestamp" in meta:
            first.setdefault(meta["uid"], one)
    return list(first.values())


def _node(manifest: Manifest) -> str:
    return (manifest.get("spec") or {}).get("nodeName") or ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A node, whether its machine is on, and whether it bears an annotation."""

    name: str
    down: bool
    unschedulable: bool
    noted: bool


def machines(view: ClusterView, annotation: str) -> tuple[Machine, ...]:
    """Return all nodes by name."""
    nodes = sorted(view.world.nodes.values(), key=lambda node: node.name)
    return tuple(
        Machine(
            node.name,
            node.down,
            node.unschedulable,
            annotation in (node.manifest["metadata"].get("annotations") or {}),
        )
        for node in nodes
    )


def drained(view: ClusterView, node: str) -> list[Key]:
    """Return the pods that a drain of a node evicts: not those of DaemonSets, and no mirror pods."""
    stay = {"DaemonSet", "Node"}
    return [
        key
        for key, pod in sorted(view.world.on_node.of(node).items())
        if not any(ref.get("controller") and ref["kind"] in stay for ref in pod.references)
    ]
