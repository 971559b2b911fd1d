"""The lines of a watch: each is an event, or says why the watch ends."""

from __future__ import annotations

import orjson

from controller.engine.objects import Manifest
from controller.upstream.errors import NotReached, error_of

OBJECT = frozenset({"name", "uid", "resourceVersion"})
"""What of its metadata an object has that was told by a watch."""

TOLD = {"BOOKMARK": frozenset({"resourceVersion"})}
"""What instead has an event that is about no object."""


def event_of(line: bytes) -> tuple[str, Manifest]:
    """Return an event of a watch. Raises Upstream: what an ERROR says, or that the line is none."""
    try:
        found = orjson.loads(line)
        kind, manifest = str(found["type"]), dict(found["object"])
        lacks = set() if kind == "ERROR" else TOLD.get(kind, OBJECT) - set(manifest["metadata"])
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
        raise NotReached("a watch was cut in the middle of an event") from None
    if lacks:
        raise NotReached("a watch told of something that is no object of the API")
    if kind == "ERROR":
        code = manifest.get("code")
        raise error_of(code if isinstance(code, int) else 500, manifest)
    return kind, manifest
