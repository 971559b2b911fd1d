"""Equal parts of manifests, kept once: read from rows, each pod would bring its set's whole template anew.

Manifests are never edited, so what is equal may as well be the same. Of 15 kB that a pod takes once it
is parsed, 6 kB are its own.
"""

from __future__ import annotations

import orjson

from controller.engine.objects import Manifest

Parts = tuple[tuple[str, frozenset[str]], ...]

READ: Parts = (("metadata", frozenset({"labels", "ownerReferences"})), ("spec", frozenset({"containers"})))
"""What pods have in common with others of their set and the rules look at: views of them share it."""

KEPT: Parts = (
    ("spec", frozenset({"initContainers", "volumes", "tolerations", "securityContext"})),
    ("status", frozenset({"conditions"})),
)
"""What else they have in common, with their set or with others of their moment."""


class Sharing:
    """Remembers the parts that it has seen, for as long as it lives: for one load of a world."""

    def __init__(self) -> None:
        self._seen: dict[bytes, object] = {}

    def share(self, manifest: Manifest, parts: Parts) -> None:
        """Let a manifest that was just parsed, and that nobody edits, share some of its parts."""
        for part, names in parts:
            where = manifest.get(part)
            if not isinstance(where, dict):
                continue
            for name in names & where.keys():
                value = where[name]
                where[name] = self._seen.setdefault(orjson.dumps(value), value)
