"""The judge of staged rollouts: their budget, order and deletions, by what the API server told of pods."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from controller.engine.objects import HASH_LABEL


@dataclass
class Told:
    """What the API server tells of the pods of a staged rollout.

    ``waves`` are the numbers of the nodes' waves, ``old`` is the hash of the revision that goes, ``pods`` are
    those that are there. ``deleted`` become the nodes whose old pod was deleted, in that order, ``worst``
    how many nodes were without an available pod at once.
    """

    waves: dict[str, int]
    old: str
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    worst: int = 0

    def read(self, watched: str) -> None:
        """Follow what a watch of its pods told, an event a line."""
        for line in watched.splitlines():
            event = json.loads(line)
            self.take(event["type"], event["object"])

    def take(self, kind: str, pod: dict[str, Any]) -> None:
        """Follow one event, and look at what was deleted by it."""
        name, before = pod["metadata"]["name"], self.pods.get(pod["metadata"]["name"])
        if kind == "DELETED":
            self.pods.pop(name, None)
        else:
            self.pods[name] = pod
        ends = kind == "DELETED" or "deletionTimestamp" in pod["metadata"]
        if ends and before and "deletionTimestamp" not in before["metadata"]:
            self._look_at_deletion(before)
        self.worst = max(self.worst, len(self.waves) - len(self._available()))

    def _look_at_deletion(self, pod: dict[str, Any]) -> None:
        node = pod["spec"]["nodeName"]
        assert pod["metadata"]["labels"][HASH_LABEL] == self.old, "a new pod was deleted"
        assert node not in self.deleted, "deleted twice"
        self.deleted.append(node)
        news = {one["spec"]["nodeName"] for one in self._available(new=True)}
        earlier = {name for name, wave in self.waves.items() if wave < self.waves[node]}
        assert earlier <= news, "a wave began before those before it were through"

    def _available(self, *, new: bool = False) -> list[dict[str, Any]]:
        return [
            one
            for one in self.pods.values()
            if "deletionTimestamp" not in one["metadata"]
            and not (new and one["metadata"]["labels"][HASH_LABEL] == self.old)
            and any(each["type"] == "Ready" and each["status"] == "True" for each in _conditions(one))
        ]


def _conditions(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return pod["status"].get("conditions") or []
