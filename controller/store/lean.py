"""Worlds to look at: what pages show of a cluster, without what only its controllers need.

A process that shows keeps thousands of pods for each cluster that people have open. Their templates
are left in the rows, where the few pages that want one read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.controllers.row import PROJECTED, new_world
from controller.engine.errors import Gone
from controller.engine.objects import Key, Manifest
from controller.engine.world import World
from controller.store import log
from controller.store.rows import Packed
from controller.store.worlds import MAX_LAG, settings_of

SHOWN = frozenset({"Node", "DaemonSet", "ControllerRevision", "Pod", "ServiceAccount"})
"""The kinds that are looked at; changes of others only move the number."""

CHUNK = 2000
"""How many entries of the log are in memory at once."""

META = ("namespace", "name", "uid", "labels", "ownerReferences", "creationTimestamp", "deletionTimestamp")


def lean(change: Change) -> Change:
    """Return the change with as much of its object as a view of it reads."""
    if change.kind != "Pod":
        return change
    return Change(change.verb, "Pod", lean_pod(change.manifest), "", "", change.timers)


def lean_pod(manifest: Manifest) -> Manifest:
    """Return what ``Pod.read`` looks at, and nothing else."""
    meta, spec, status = manifest["metadata"], manifest["spec"], manifest.get("status") or {}
    where = "nodeName" if spec.get("nodeName") else "affinity"
    return {
        "metadata": {key: meta[key] for key in META if key in meta},
        "spec": {where: spec.get(where)},
        "status": {
            "phase": status.get("phase"),
            "conditions": [each for each in status.get("conditions") or () if each["type"] == "Ready"],
            "containerStatuses": [{"state": each["state"]} for each in status.get("containerStatuses") or ()],
        },
    }


def load(row: models.Cluster) -> World:
    """Return a lean world of a cluster as it stands. Raises NotFound."""
    world = new_world(settings_of(row), PROJECTED)
    world.number, state = log.gather(row.pk)
    for (kind, _namespace, _name), one in state.items():
        if kind in SHOWN:
            stored = one.parsed(kind)
            world.apply(lean(Change(Verb.ADDED, kind, stored.manifest, "", "", stored.timers)))
    return world


def follow(world: World, row: models.Cluster) -> None:
    """Bring a lean world up to the number of its cluster's row. Raises Gone if it is too far behind."""
    if not world.number <= row.number <= world.number + MAX_LAG:
        raise Gone(f"too old resource version: {world.number}")
    while world.number < row.number:
        upto = min(row.number, world.number + CHUNK)
        entries = list(log.packed_since(row.pk, world.number, upto))
        if len(entries) < upto - world.number:
            raise Gone(f"too old resource version: {world.number}")
        for change in _worth_reading(entries):
            world.apply(lean(change))
        world.number = upto


def _worth_reading(entries: Iterable[tuple[Key, str, Packed]]) -> Iterator[Change]:
    """Yield the changes, but of each pod and node only the last: how it came there shows nowhere."""
    last = {key: one.version for key, _, one in entries if key[0] in {"Pod", "Node"}}
    for key, verb, one in entries:
        if key[0] in SHOWN and last.get(key, one.version) == one.version:
            stored = one.parsed(key[0])
            yield Change(Verb(verb), key[0], stored.manifest, "", "", stored.timers)
