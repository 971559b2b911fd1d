"""The clusters that are measured, made and edited by services in this process.

An edit made here is a commit of another process than the worker's, as one from a page is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from controller import models
from controller.services import nodes, objects
from tests.bench.ledger import Ledger
from tests.servers import Everynode

ACTOR = "bench"
EVERYWHERE = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 10%}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: main, image: "agent:1"}]}
"""
WHERE_SSD = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ssd-monitor}
spec:
  selector: {matchLabels: {app: ssd-monitor}}
  template:
    metadata: {labels: {app: ssd-monitor}}
    spec: {nodeSelector: {disk: ssd}, containers: [{name: main, image: luksa/ssd-monitor}]}
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A cluster of equal nodes, and where its commits are seen."""

    pk: int
    names: tuple[str, ...]
    ledger: Ledger

    @property
    def nodes(self) -> int:
        """Return how many nodes it has."""
        return len(self.names)

    @classmethod
    def made(cls, running: Everynode, ledger: Ledger, name: str, nodes: int) -> Fleet:
        """Make a cluster by the command, delays 0, and return once its nodes are Ready."""
        words = ("--nodes", str(nodes), "--start-delay", "0", "--stop-delay", "0")
        running.manage("cluster", "create", name, *words)
        pk = models.Cluster.objects.get(name=name).pk
        names = models.Node.objects.filter(cluster=pk).order_by("name").values_list("name", flat=True)
        fleet = cls(pk, tuple(names), ledger)
        ledger.settled(fleet.pk)
        return fleet

    def create(self, text: str) -> float:
        """Create what a text holds; return the moment of its commit."""
        return committed(lambda: objects.manifests_create(cluster=self.pk, actor=ACTOR, text=text))

    def image(self) -> str:
        """Return another image than the last."""
        number = self.ledger.one("SELECT number FROM controller_cluster WHERE id = ?", self.pk)
        return f"agent:{number}"


def committed(edit: Callable[[], object]) -> float:
    """Make an edit; return the moment (``time.perf_counter``) of its commit, before anybody is told of it."""
    moments: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: moments.append(time.perf_counter()))
        edit()
    return moments[0]


def stamp(fleet: Fleet, some: Sequence[str], number: int) -> float:
    """Label nodes with a number; return the moment of the commit."""
    label = {"stamp": str(number)}
    return committed(
        lambda: nodes.node_label_patch(cluster=fleet.pk, actor=ACTOR, nodes=some, set=label, remove=())
    )
