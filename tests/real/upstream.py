"""The cluster of a trial as its API server tells it, and what a trial makes and takes away there.

It touches one namespace of its own and, where it was told to, nodes: those it makes itself or one label
of one that is there. Everything carries the trial's name, so that what a killed trial left can be found.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from controller.engine.objects import Manifest
from controller.upstream.client import Client
from controller.upstream.connection import Connection
from tests.real.api import Api
from tests.real.kubelet import BEAT, Kubelet, is_ready, report

FAKE = 3
"""How many nodes are made where none may be borrowed."""

FIRST, SECOND, THIRD = (f"registry.k8s.io/pause:3.{minor}" for minor in (8, 9, 10))
"""Images that do nothing and end when told to."""

LEAVE = 30.0
"""Seconds in which pods may end."""


class Cluster(Api):
    """The cluster of a trial. ``name`` is that of the trial, of its namespace and of the label it sets."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(Client(connection))
        self.connection = connection
        self.name = f"everynode-trial-{secrets.token_hex(3)}"
        self._nodes: list[str] = []

    def pods(self, of: str) -> dict[str, Manifest]:
        """Return the pods of a set of the trial that are there to stay, by node."""
        return {
            pod["spec"]["nodeName"]: pod
            for pod in self.items("Pod", self.name)
            if pod["metadata"]["labels"].get("app") == of
            and pod["spec"].get("nodeName")
            and "deletionTimestamp" not in pod["metadata"]
        }

    def daemonset(self, name: str, spec: Manifest, image: str = FIRST) -> Manifest:
        """Return a DaemonSet of the trial whose pods do nothing; ``spec`` is where they run."""
        pod = {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "main", "image": image, "resources": {"requests": {"cpu": "1m"}}}],
            **spec,
        }
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": pod}
        return {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": name, "namespace": self.name},
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }

    def label(self, node: str, value: str | None) -> None:
        """Set the label of the trial on a node, or take it off."""
        self.patch("Node", node, {"metadata": {"labels": {self.name: value}}})

    @contextmanager
    def lent(self, node: str) -> Iterator[None]:
        """Cordon and uncordon a node within: in the end it is not cordoned."""
        try:
            yield
        finally:
            self.patch("Node", node, {"spec": {"unschedulable": None}})

    def free_nodes(self) -> list[str]:
        """Return the nodes that a trial uses: its own, else the first that take any pod."""
        if self._nodes:
            return self._nodes
        ready = (node for node in self.items("Node") if is_ready(node))
        free = (node for node in ready if not node["spec"].get("unschedulable"))
        return [node["metadata"]["name"] for node in free if not node["spec"].get("taints")][:FAKE]

    @contextmanager
    def prepared(self, *, fake: bool, kubelet: bool) -> Iterator[None]:
        """Make the namespace, and nodes if ``fake``; act as their kubelet; leave nothing of it."""
        self._nodes = [f"{self.name}-{number}" for number in range(1, FAKE + 1)] if fake else []
        acting = Kubelet(self.connection, self.name, self._nodes)
        with self.client, acting.at_work() if fake or kubelet else nullcontext():
            try:
                self.make("Namespace", {"metadata": {"name": self.name}})
                for name in self._nodes:
                    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
                    self.make("Node", {"metadata": {"name": name, "labels": labels}})
                    report(self, name)
                yield
            finally:
                self._leave()

    def _leave(self) -> None:
        """Take away all that was made. Who acts as kubelet does so until the pods are gone."""
        for one in self.items("DaemonSet", self.name):
            self.delete("DaemonSet", one["metadata"]["name"], self.name)
        until = time.monotonic() + LEAVE
        while self.items("Pod", self.name) and time.monotonic() < until:
            time.sleep(BEAT)
        self.delete("Namespace", self.name)
        for name in self._nodes:
            self.delete("Node", name)
        for node in self.items("Node"):
            if self.name in (node["metadata"].get("labels") or {}):
                self.label(node["metadata"]["name"], None)
