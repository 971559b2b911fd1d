"""Who acts as the kubelet where no machine is behind a node: lets pods of one namespace run, and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event, Thread

from controller.engine.objects import Manifest
from controller.upstream.client import Client
from controller.upstream.connection import Connection
from controller.upstream.errors import Upstream
from tests.real.api import Api

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}
BEAT = 0.3
"""Seconds between two looks of who acts as the kubelets."""

HEARTBEAT = 30
"""After so many looks nodes report: a node that says nothing for 40 s counts as lost."""


def now() -> str:
    """Return this moment as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Kubelet:
    """Acts for pods of a namespace on any node, and for nodes that were made for it."""

    def __init__(self, connection: Connection, namespace: str, nodes: Sequence[str]) -> None:
        self._connection, self._namespace, self._nodes = connection, namespace, nodes
        self._over = Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Act, in a thread, until the block ends."""
        acting = Thread(target=self._act)
        acting.start()
        try:
            yield
        finally:
            self._over.set()
            acting.join()

    def _act(self) -> None:
        looks = 0
        with Client(self._connection) as client:
            while not self._over.wait(BEAT):
                looks += 1
                with suppress(Upstream):  # what one look misses the next one sees
                    self._look(Api(client))
                    if looks % HEARTBEAT == 0:
                        self._report_all(Api(client))

    def _look(self, api: Api) -> None:
        for pod in api.items("Pod", self._namespace):
            name = pod["metadata"]["name"]
            if "deletionTimestamp" in pod["metadata"]:
                api.delete("Pod", name, self._namespace, grace=0)
            elif pod["spec"].get("nodeName") and not is_ready(pod):
                api.patch("Pod", name, {"status": running(pod)}, "status", namespace=self._namespace)

    def _report_all(self, api: Api) -> None:
        for node in self._nodes:
            report(api, node)


def report(api: Api, node: str) -> None:
    """Tell of a node that it is ready, as its kubelet would."""
    moment = now()
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "made by a trial of Everynode",
        "lastHeartbeatTime": moment,
        "lastTransitionTime": moment,
    }
    status = {"capacity": ROOM, "allocatable": ROOM, "conditions": [ready]}
    api.patch("Node", node, {"status": status}, "status")


def is_ready(manifest: Manifest) -> bool:
    """Whether a node or a pod says that it is ready."""
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def running(pod: Manifest) -> Manifest:
    """Return the status of a pod whose containers run and are ready."""
    moment = now()
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    containers = [
        {
            "name": one["name"],
            "image": one["image"],
            "imageID": one["image"],
            "containerID": f"containerd://{pod['metadata']['uid']}",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": moment}},
        }
        for one in pod["spec"]["containers"]
    ]
    return {
        "phase": "Running",
        "startTime": moment,
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": moment} for kind in kinds],
        "containerStatuses": containers,
    }
