"""The objects of a cluster as they stand after what an edit decided so far; each kind is read once."""

from __future__ import annotations

from collections.abc import Collection

from controller.engine.changes import Change, Verb
from controller.engine.edits.reading import Found, Objects
from controller.engine.objects import Key


class Standing:
    """The ``objects`` that were there before, and the changes since."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._latest: dict[Key, Change] = {}
        self._kinds: dict[str, dict[Key, Found]] = {}

    def find(self, kind: str, namespace: str, name: str) -> Found | None:
        """Return an object, or None."""
        latest = self._latest.get((kind, namespace, name))
        if latest:
            return None if latest.verb is Verb.DELETED else latest
        return self._objects.find(kind, namespace, name)

    def of_kind(self, kind: str) -> Collection[Found]:
        """Return the objects of a kind; those that changed last."""
        if kind not in self._kinds:
            standing = self._kinds[kind] = {one.key: one for one in self._objects.of_kind(kind)}
            for change in self._latest.values():
                if change.kind == kind:
                    _take(standing, change)
        return self._kinds[kind].values()

    def take(self, change: Change) -> None:
        """Take a change into account."""
        self._latest[change.key] = change
        if change.kind in self._kinds:
            _take(self._kinds[change.kind], change)


def _take(standing: dict[Key, Found], change: Change) -> None:
    standing.pop(change.key, None)
    if change.verb is not Verb.DELETED:
        standing[change.key] = change
