"""Worlds to look at: a projection of a cluster on what its pages show of it.

A process that shows keeps thousands of pods for each cluster that people have open. Of their manifests
it keeps nothing but the owners; the few pages that want one read its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from sys import intern

import orjson

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.controllers.row import PROJECTED, new_world
from controller.engine.errors import Gone
from controller.engine.objects import Key, Manifest, Pod, Timers, View, references, view_of
from controller.engine.world import World
from controller.store import log
from controller.store.rows import Packed
from controller.store.worlds import MAX_LAG, settings_of

SHOWN = frozenset({"Node", "DaemonSet", "ControllerRevision", "Pod", "ServiceAccount"})
"""The kinds that are looked at; changes of others only move the number."""

CHUNK = 2000
"""How many entries of the log are in memory at once."""

LOOKED_AT = ("born", "due", "ready")
"""The timers of a pod that show: its age, whether it is on its way, and since when it is ready."""


def projected(kind: str, manifest: Manifest, timers: Timers) -> View:
    """Read an object as far as it shows: pods alike share what they have in common, and leave the rest."""
    view = view_of(kind, manifest, timers)
    if not isinstance(view, Pod):
        return view
    return replace(
        view,
        manifest=_owned_by(orjson.dumps(references(manifest))),
        timers=_timers(tuple((name, timers[name]) for name in LOOKED_AT if name in timers)),
        labels=_labels(tuple(view.labels.items())),
        namespace=intern(view.namespace),
        owner=intern(view.owner),
        node=intern(view.node),
        phase=intern(view.phase),
        created=intern(view.created),
        waiting=intern(view.waiting),
    )


@lru_cache(maxsize=1024)
def _owned_by(references_: bytes) -> Manifest:
    """Return all that is kept of the manifests of pods with these owners."""
    return {"metadata": {"ownerReferences": orjson.loads(references_)}}


@lru_cache(maxsize=1024)
def _labels(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(items)


@lru_cache(maxsize=1024)
def _timers(items: tuple[tuple[str, float], ...]) -> Timers:
    return dict(items)


def load(row: models.Cluster) -> World:
    """Return a world with what shows of a cluster as it stands. Raises NotFound."""
    world = new_world(settings_of(row), PROJECTED, projected)
    world.number, state = log.gather(row.pk, SHOWN)
    for key in list(state):
        stored = state.pop(key).parsed(key[0])
        world.apply(Change(Verb.ADDED, key[0], stored.manifest, "", "", stored.timers))
    return world


def follow(world: World, row: models.Cluster) -> None:
    """Bring such a world up to the number of its cluster's row. Raises Gone if it is too far behind."""
    if not world.number <= row.number <= world.number + MAX_LAG:
        raise Gone(f"too old resource version: {world.number}")
    while world.number < row.number:
        upto = min(row.number, world.number + CHUNK)
        entries = list(log.packed_since(row.pk, world.number, upto))
        if len(entries) < upto - world.number:
            raise Gone(f"too old resource version: {world.number}")
        for change in _worth_reading(entries):
            world.apply(change)
        world.number = upto


def _worth_reading(entries: Iterable[tuple[Key, str, Packed]]) -> Iterator[Change]:
    """Yield the changes, but of each pod and node only the last: how it came there shows nowhere."""
    last = {key: one.version for key, _, one in entries if key[0] in {"Pod", "Node"}}
    for key, verb, one in entries:
        if key[0] in SHOWN and last.get(key, one.version) == one.version:
            stored = one.parsed(key[0])
            yield Change(Verb(verb), key[0], stored.manifest, "", "", stored.timers)
