"""An API server as a trial asks it: by the client that Everynode itself speaks with real clusters."""

from __future__ import annotations

from contextlib import suppress

from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.upstream.client import Client, path_of
from controller.upstream.errors import NotThere

MERGE = "application/merge-patch+json"


class Api:
    """An API server, asked for objects of kinds."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def items(self, kind: str, namespace: str = "") -> list[Manifest]:
        """Return all objects of a kind."""
        found: list[Manifest] = []
        query: dict[str, str | int] = {"limit": 500}
        while True:
            page = self.client.get(path_of(KINDS[kind], namespace), query)
            found += page.get("items") or []
            if not (more := page["metadata"].get("continue")):
                return found
            query = {"limit": 500, "continue": more}

    def get(self, kind: str, name: str, namespace: str = "") -> Manifest:
        """Return an object."""
        return self.client.get(path_of(KINDS[kind], namespace, name))

    def patch(self, kind: str, name: str, change: Manifest, *part: str, namespace: str = "") -> Manifest:
        """Change an object, or a part of it such as its status, by a merge patch."""
        path = path_of(KINDS[kind], namespace, name, *part)
        return self.client.send("PATCH", path, None, change, MERGE)

    def make(self, kind: str, manifest: Manifest, namespace: str = "") -> Manifest:
        """Create an object."""
        return self.client.send("POST", path_of(KINDS[kind], namespace), None, manifest)

    def delete(self, kind: str, name: str, namespace: str = "", grace: int | None = None) -> None:
        """Delete an object, if it is there."""
        body = {} if grace is None else {"gracePeriodSeconds": grace}
        with suppress(NotThere):
            self.client.send("DELETE", path_of(KINDS[kind], namespace, name), None, body)
