"""An API server of a large cluster that is not there: lists in pages, watches with changes at a rate.

Our own door could not carry it: 150,000 pods would have to be made first. It runs in a process of its own
(``python -m tests.bench.upstream PORT``). ``/bench/start?rate=R&seconds=S`` lets that many pods a second
change; ``/bench/told`` says when each did, ``/bench/asked`` how often it was asked for what.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

Manifest = dict[str, Any]

NODES, SETS, OTHERS = 5_000, 6, 120_000
BORN = "2026-01-01T00:00:00Z"
HASH = "5b4f6c7d8"
FIRST = 1_000_000
"""The version of everything that stands at the beginning."""


def _meta(name: str, uid: str, version: int, **more: Any) -> Manifest:
    fields: Manifest = {"f:status": {f"f:field-{number}": {} for number in range(20)}}
    managed = [{"manager": "kubelet", "operation": "Update", "time": BORN, "fieldsV1": fields}]
    return {
        "name": name,
        "uid": uid,
        "resourceVersion": str(version),
        "creationTimestamp": BORN,
        "managedFields": managed,
        **more,
    }


def node(number: int) -> Manifest:
    """Return a node as a kubelet reports it, with its images."""
    name = node_name(number)
    labels = {
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/zone": f"zone-{'abc'[number % 3]}",
        "kubernetes.io/os": "linux",
    }
    room = {"cpu": "32", "memory": "128Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    kinds = {"MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False", "Ready": "True"}
    conditions = [
        {
            "type": kind,
            "status": status,
            "lastHeartbeatTime": BORN,
            "lastTransitionTime": BORN,
            "reason": "Known",
        }
        for kind, status in kinds.items()
    ]
    images = [{"names": [f"registry.example/app-{each}:1"], "sizeBytes": 10**8} for each in range(30)]
    status = {
        "capacity": room,
        "allocatable": room,
        "conditions": conditions,
        "images": images,
        "addresses": [{"type": "InternalIP", "address": f"10.{number >> 8}.{number & 255}.1"}],
        "nodeInfo": {"kubeletVersion": "v1.36.0", "architecture": "amd64", "operatingSystem": "linux"},
    }
    return {"metadata": _meta(name, f"node-{number}", FIRST, labels=labels), "spec": {}, "status": status}


def node_name(number: int) -> str:
    """Return the name of a node."""
    return f"node-{number:05}"


def daemonset(number: int) -> Manifest:
    """Return a set that is everywhere."""
    labels = {"app": f"agent-{number}"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod_spec("")},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        "revisionHistoryLimit": 10,
    }
    status = {"desiredNumberScheduled": NODES, "currentNumberScheduled": NODES, "numberReady": NODES}
    meta = _meta(f"agent-{number}", f"set-{number}", FIRST, namespace="default", generation=1)
    return {"metadata": meta, "spec": spec, "status": status}


def revision(number: int) -> Manifest:
    """Return the only revision of a set."""
    owner = _owner("DaemonSet", f"agent-{number}", f"set-{number}")
    labels = {"app": f"agent-{number}", "controller-revision-hash": HASH}
    meta = _meta(
        f"agent-{number}-{HASH}",
        f"rev-{number}",
        FIRST,
        namespace="default",
        labels=labels,
        ownerReferences=[owner],
    )
    return {
        "metadata": meta,
        "revision": 1,
        "data": {"spec": {"template": daemonset(number)["spec"]["template"]}},
    }


def _owner(kind: str, name: str, uid: str) -> Manifest:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def pod_spec(on: str) -> Manifest:
    """Return the spec of a pod as an API server fills it in."""
    token = {
        "name": "kube-api-access",
        "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]},
    }
    container = {
        "name": "main",
        "image": "registry.example/app:1",
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "env": [{"name": f"SETTING_{number}", "value": "some value of it"} for number in range(8)],
        "volumeMounts": [{"name": "kube-api-access", "mountPath": "/var/run/secrets/x", "readOnly": True}],
        "imagePullPolicy": "IfNotPresent",
    }
    bound = {"nodeName": on} if on else {}
    return {
        "containers": [container],
        "volumes": [token],
        **bound,
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "serviceAccountName": "default",
    }


def pod(number: int, version: int = FIRST, *, ready: bool = True, at: str = BORN) -> Manifest:
    """Return a pod: the first are daemons', by set and node, the others of other workloads."""
    if number < SETS * NODES:
        which, on = divmod(number, NODES)
        name, owner = f"agent-{which}-{on:05}", _owner("DaemonSet", f"agent-{which}", f"set-{which}")
        labels = {"app": f"agent-{which}", "controller-revision-hash": HASH, "pod-template-generation": "1"}
    else:
        on, name = number % NODES, f"web-{number}"
        owner, labels = _owner("ReplicaSet", "web", "web"), {"app": "web", "pod-template-hash": "1"}
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": BORN}
        for kind in ("PodScheduled", "Initialized", "PodReadyToStartContainers")
    ] + [
        {"type": kind, "status": str(ready), "lastTransitionTime": at}
        for kind in ("Ready", "ContainersReady")
    ]
    running = {
        "name": "main",
        "ready": ready,
        "started": True,
        "restartCount": 0,
        "image": "registry.example/app:1",
        "state": {"running": {"startedAt": BORN}},
        "lastState": {},
    }
    status = {
        "phase": "Running",
        "conditions": conditions,
        "containerStatuses": [running],
        "podIP": "10.0.0.1",
    }
    meta = _meta(name, f"pod-{number}", version, namespace="default", labels=labels, ownerReferences=[owner])
    return {"metadata": meta, "spec": pod_spec(node_name(on)), "status": status}


def namespace(name: str) -> Manifest:
    """Return a namespace."""
    return {"metadata": _meta(name, f"space-{name}", FIRST), "spec": {}, "status": {"phase": "Active"}}


class Upstream:
    """All of it: what is listed, who watches pods, and what was told when."""

    def __init__(self) -> None:
        self.version = FIRST
        self.asked: Counter[str] = Counter()
        self.told: dict[str, float] = {}
        self.watches: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.lists = {
            "nodes": (NODES, node),
            "daemonsets": (SETS, daemonset),
            "controllerrevisions": (SETS, revision),
            "pods": (SETS * NODES + OTHERS, pod),
            "events": (0, node),
            "namespaces": (2, lambda number: namespace(("default", "kube-system")[number])),
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            while line := await reader.readline():
                while await reader.readline() not in {b"\r\n", b""}:
                    pass
                await self._answer(line.split()[1].decode(), reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        split = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        resource = split.path.rpartition("/")[2]
        if "bench" not in split.path:
            self.asked[f"{'watch' if 'watch' in query else 'list'} {resource}"] += 1
        if "watch" in query:
            await self._watch(resource, reader, writer)
            return
        writer.write(_head(body := orjson.dumps(self._body(resource, query))) + body)
        await writer.drain()

    def _body(self, resource: str, query: dict[str, str]) -> Any:
        if resource == "version":
            return {"gitVersion": "v1.36.0"}
        if resource == "start":
            task = asyncio.create_task(self._change(float(query["rate"]), float(query["seconds"])))
            self._tasks.add(task)
            return {}
        if resource in {"told", "asked"}:
            return getattr(self, resource)
        count, made = self.lists[resource]
        first = int(query.get("continue") or 0)
        last = min(first + int(query.get("limit") or count), count)
        meta = {"resourceVersion": str(self.version), "continue": str(last) if last < count else ""}
        return {"metadata": meta, "items": [made(number) for number in range(first, last)]}

    async def _watch(self, resource: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
        writer.write(f"Date: {formatdate(usegmt=True)}\r\n\r\n".encode())
        if resource == "pods":
            self.watches.append(writer)
        try:
            await reader.read()
        finally:
            if writer in self.watches:
                self.watches.remove(writer)

    async def _change(self, rate: float, seconds: float) -> None:
        """Let daemon pods cease to be ready, evenly, each once."""
        began = time.time()
        for number in self._numbers(rate, seconds):
            wait = began + number / rate - time.time()
            if wait > 0:
                await asyncio.sleep(wait)
            self.version += 1
            changed = pod(number, self.version, ready=False, at=BORN)
            line = orjson.dumps({"type": "MODIFIED", "object": changed}) + b"\n"
            which, on = divmod(number, NODES)
            self.told[f"set-{which} {node_name(on)}"] = time.time()
            for writer in self.watches:
                writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        for writer in self.watches:
            await writer.drain()

    @staticmethod
    def _numbers(rate: float, seconds: float) -> Iterator[int]:
        return iter(range(min(int(rate * seconds), SETS * NODES)))


def _head(body: bytes) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: {formatdate(usegmt=True)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(Upstream().serve, "127.0.0.1", port, limit=1 << 20)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
