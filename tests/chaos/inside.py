"""What a running instance's database says, read from beside it, and what its log has to amount to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from controller import packing
from controller.engine.objects import HASH_LABEL

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inside:
    """The database of an instance, without its program."""

    data: Path

    @contextmanager
    def _open(self, timeout: float) -> Iterator[sqlite3.Connection]:
        """Open it, and wait so many seconds for others who hold it."""
        place = self.data / "everynode.sqlite3"
        with closing(sqlite3.connect(place, timeout=timeout, isolation_level=None)) as opened:
            yield opened

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds. Who opens the database after a crash recovers it, and keeps all out."""
        with self._open(10) as opened:
            return opened.execute(sql, values).fetchall()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock that every writer needs. Raises OperationalError if another holds it."""
        with self._open(0) as opened:
            opened.execute("BEGIN IMMEDIATE")
            yield

    def is_locked(self) -> bool:
        """Return whether somebody is in the middle of a transaction that writes."""
        try:
            with self.locked():
                return False
        except sqlite3.OperationalError:
            return True

    def id_of(self, name: str) -> int:
        """Return the id of a cluster."""
        return int(self.rows("SELECT id FROM controller_cluster WHERE name = ?", name)[0][0])

    def is_passing(self, cluster: int, now: float) -> bool:
        """Return whether a worker holds the lease of a cluster."""
        return bool(
            self.rows("SELECT 1 FROM controller_lease WHERE cluster_id = ? AND expires > ?", cluster, now)
        )

    def updated(self, cluster: int, image: str) -> int:
        """Return how many ready pods of a cluster run an image."""
        pods = self.rows(
            "SELECT manifest FROM controller_pod WHERE cluster_id = ? AND ready AND NOT terminating", cluster
        )
        return sum(self._read(body)["spec"]["containers"][0]["image"] == image for (body,) in pods)

    def log(self, cluster: int) -> list[tuple[int, str, str, str, Manifest]]:
        """Return the log: number, kind, verb, name, manifest of each change."""
        facts = "SELECT number, kind, verb, name, manifest FROM controller_change"
        entries = self.rows(f"{facts} WHERE cluster_id = ? ORDER BY number", cluster)
        return [(*entry, self._read(body)) for *entry, body in entries]

    def pods(self, cluster: int) -> dict[str, Manifest]:
        """Return the manifests of the pods that the rows hold, by their names."""
        standing = self.rows("SELECT name, manifest FROM controller_pod WHERE cluster_id = ?", cluster)
        return {name: self._read(body) for name, body in standing}

    def _read(self, body: bytes) -> Manifest:
        manifest: Manifest = orjson.loads(packing.unpack(body, self._dictionary))
        return manifest

    def _dictionary(self, digest: bytes) -> bytes:
        ((body,),) = self.rows("SELECT body FROM controller_dictionary WHERE digest = ? LIMIT 1", digest)
        return packing.unpack(body, self._dictionary)


def node_of(pod: Manifest) -> str:
    """Return the node of a pod, also of one that waits for the scheduler."""
    if node := pod["spec"].get("nodeName"):
        return str(node)
    affinity = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return str(affinity["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])


def assert_sound(inside: Inside, cluster: int, *, nodes: int) -> None:
    """Assert that the log has no gap, that it is sound, and that the rows are what it amounts to.

    For a cluster with one set, without surge.
    """
    log = inside.log(cluster)
    assert [number for number, *_ in log] == list(range(1, len(log) + 1))
    pods = assert_pods_sound(
        [(verb, manifest) for _, kind, verb, _, manifest in log if kind == "Pod"], nodes=nodes
    )
    assert inside.pods(cluster) == pods


def assert_pods_sound(log: Iterable[tuple[str, Manifest]], *, nodes: int) -> dict[str, Manifest]:
    """Assert that no node ever had two pods, and that in the end each has one, all of one revision.

    ``log`` has the verb and the manifest of each change of a pod. Returns the pods that it leaves.
    """
    pods: dict[str, Manifest] = {}
    for verb, manifest in log:
        name = manifest["metadata"]["name"]
        pods.pop(name, None)
        if verb != "DELETED":
            pods[name] = manifest
        if verb == "ADDED":
            doubled = Counter(map(node_of, pods.values())).most_common(1)
            number = manifest["metadata"]["resourceVersion"]
            assert doubled[0][1] == 1, f"change {number}: two pods on {doubled[0][0]}"
    assert sorted(map(node_of, pods.values())) == sorted({node_of(pod) for pod in pods.values()})
    assert len(pods) == nodes
    assert len({pod["metadata"]["labels"][HASH_LABEL] for pod in pods.values()}) == 1
    return pods
