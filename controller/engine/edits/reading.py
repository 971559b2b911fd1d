"""What an edit may ask of a cluster, whether that is a world, a fork of one or an open transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from controller.engine.objects import Key, Manifest, Timers


class Found(Protocol):
    """An object as it stands: a view of a world, a row, or a change that was just decided."""

    @property
    def key(self) -> Key:
        """Return its kind, namespace and name."""

    @property
    def manifest(self) -> Manifest:
        """Return it as it stands; of a row with its resourceVersion."""

    @property
    def timers(self) -> Timers:
        """Return its deadlines in cluster time."""


class Objects(Protocol):
    """The objects of a cluster at one moment."""

    def find(self, kind: str, namespace: str, name: str) -> Found | None:
        """Return an object, or None."""

    def names(self, kind: str) -> Iterable[str]:
        """Return the names of all objects of a kind that has no namespace."""

    def of_kind(self, kind: str) -> Iterable[Found]:
        """Return all objects of a kind."""

    def in_namespace(self, namespace: str) -> Iterable[Found]:
        """Return all objects in a namespace."""

    def bound_to(self, nodes: Collection[str]) -> Iterable[Found]:
        """Return the pods that run, or shall run, on any of these nodes."""

    def revisions(self, owner: str) -> Iterable[Manifest]:
        """Return the ControllerRevisions that the object with the uid ``owner`` controls."""

    def at(self, key: Key, version: str) -> Manifest | None:
        """Return an object as it was at a resourceVersion, or None if that is no longer known."""
