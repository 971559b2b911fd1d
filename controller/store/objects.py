"""The rows of a cluster as edits read them, within a transaction that holds the cluster's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from controller import models
from controller.engine.objects import Key, Manifest
from controller.store import log, rows
from controller.store.rows import Stored


@dataclass(frozen=True, slots=True)
class RowObjects:
    """What ``controller.engine.edits.reading.Objects`` asks for."""

    cluster: int

    def find(self, kind: str, namespace: str, name: str) -> Stored | None:
        """Return an object, or None."""
        return rows.find(self.cluster, (kind, namespace, name))

    def names(self, kind: str) -> Iterable[str]:
        """Return the names of all objects of a kind that has a table of its own."""
        return rows.names(self.cluster, kind)

    def of_kind(self, kind: str) -> Iterable[Stored]:
        """Return all objects of a kind."""
        return rows.all_of(self.cluster, kind)

    def in_namespace(self, namespace: str) -> Iterable[Stored]:
        """Return all objects in a namespace."""
        held = rows.all_packed(self.cluster)
        return [one.parsed(kind) for (kind, place, _), one in held if place == namespace]

    def bound_to(self, nodes: Collection[str]) -> Iterable[Stored]:
        """Return the pods that run, or shall run, on any of these nodes."""
        pods, wanted = models.Pod.objects.filter(cluster=self.cluster), set(nodes)
        found = [number for number, node in pods.values_list("pk", "node") if node in wanted]
        parts = (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))
        read = (pods.filter(pk__in=part).values_list("version", "manifest", "timers") for part in parts)
        return [Stored("Pod", manifest, timers) for part in read for _version, manifest, timers in part]

    def revisions(self, owner: str) -> Iterable[Manifest]:
        """Return the ControllerRevisions that the object with the uid ``owner`` controls."""
        return rows.revisions(self.cluster, owner)

    def at(self, key: Key, version: str) -> Manifest | None:
        """Return an object as it was at a resourceVersion, or None if the log does not know it.

        A resourceVersion is the number of the change that wrote the object.
        """
        number = int(version) if version.isdecimal() and len(version) < LONGEST else 0
        read = log.packed_since(self.cluster, number - 1, number)
        return next((one.parsed(key[0]).manifest for found, _, one in read if found == key), None)


AT_ONCE = 500
"""How many rows are asked for by their ids at once."""

LONGEST = 19
"""Digits that no number of a change has."""
