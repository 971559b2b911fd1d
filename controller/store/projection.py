"""Worlds to look at: a projection of a cluster on what its pages show of it.

A process that shows keeps thousands of pods for each cluster that people have open. Of their manifests
it keeps what others of their template have as well and a packet meets, and the address; the few pages
that want all of one read its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import Any

import orjson

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.cluster.scheduler.demand import NODE_LOAD
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.loads import WORKLOADS
from controller.engine.controllers.row import PROJECTED, new_world
from controller.engine.errors import Gone
from controller.engine.newpod import PRIORITY_CLASS
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Key, Manifest, Node, Pod, Timers, View
from controller.engine.quota.charging import QUOTA
from controller.engine.quota.limits import LIMIT_RANGE
from controller.engine.values import value
from controller.engine.views import view_of
from controller.engine.world import World
from controller.store import log, rows
from controller.store.log_reader import Line
from controller.store.rows import Packed
from controller.store.worlds import MAX_LAG, settings_of

SHOWN = (
    frozenset({"Node", "DaemonSet", "ControllerRevision", "Pod", "ServiceAccount", NODE_LOAD})
    | {QUOTA, LIMIT_RANGE, PRIORITY_CLASS}
    | WORKLOADS
)
"""The kinds that are looked at; changes of others only move the number."""

LATEST = frozenset({"Pod", "Node", NODE_LOAD, QUOTA, LIMIT_RANGE, PRIORITY_CLASS}) | WORKLOADS
"""The kinds of whose changes only the last counts: how an object came there shows nowhere."""

CHUNK = 2000
"""How many entries of the log are in memory at once."""

ALIKE = frozenset({"conditions", "capacity", "allocatable"})
"""What nodes report of themselves as others do."""

MET = frozenset({"hostNetwork", "dnsPolicy"})
"""What is kept of the specs of pods, beside a hostname of their own and the ports of their containers."""

OPENS = frozenset({"name", "image", "command", "args", "ports"})
"""What is kept of their containers."""


@value(frozen=True, slots=True)
class OnNetwork:
    """What is kept of a pod's manifest: its ``address``, and the rest as others have it, too."""

    alike: Manifest
    address: str

    def manifest(self) -> Manifest:
        """Return the part of the manifest that is kept."""
        status = self.alike["status"]
        return {**self.alike, "status": {**status, "podIP": self.address} if self.address else status}


LOOKED_AT = ("born", "due", "ready")
"""The timers of a pod that show: its age, whether it is on its way, and since when it is ready."""


def projected(kind: str, manifest: Manifest, timers: Timers, _before: View | None = None) -> View:
    """Read an object as far as it shows: those alike share what they have in common, pods leave the rest."""
    if kind == Node.KIND:
        return Node.read(_shared(manifest), timers)
    view = view_of(kind, manifest, timers)
    if not isinstance(view, Pod):
        return view
    return replace(
        view,
        held=_on_network(manifest),
        references=_equal(orjson.dumps(view.references)),
        timers=_timers(tuple((name, timers[name]) for name in LOOKED_AT if name in timers)),
        labels=_labels(tuple(view.labels.items())),
        namespace=intern(view.namespace),
        owner=intern(view.owner),
        node=intern(view.node),
        phase=intern(view.phase),
        created=intern(view.created),
        waiting=intern(view.waiting),
    )


def _on_network(manifest: Manifest) -> OnNetwork:
    """Return what a packet meets of a pod: where it is, what it opens, and whether that runs."""
    spec, status = manifest["spec"], manifest.get("status") or {}
    met = {name: spec[name] for name in MET & spec.keys()}
    if spec.get("hostname", manifest["metadata"]["name"]) != manifest["metadata"]["name"]:
        met["hostname"] = spec["hostname"]
    boxes = [{name: box[name] for name in OPENS & box.keys()} for box in spec["containers"]]
    states = [
        {"state": dict.fromkeys(each.get("state") or ())} for each in status.get("containerStatuses") or ()
    ]
    broken = (manifest["metadata"].get("annotations") or {}).get(BEHAVIOUR_ANNOTATION)
    alike = {
        "metadata": {"annotations": {BEHAVIOUR_ANNOTATION: broken}} if broken else {},
        "spec": {**met, "containers": boxes},
        "status": {"containerStatuses": states},
    }
    return OnNetwork(_equal(orjson.dumps(alike)), status.get("podIP") or "")


def _shared(manifest: Manifest) -> Manifest:
    """Return a node's manifest, made of what other nodes have as well."""
    status = manifest.get("status") or {}
    alike = {name: _equal(orjson.dumps(status[name])) for name in ALIKE & status.keys()}
    return {**manifest, "status": {**status, **alike}}


@lru_cache(maxsize=1024)
def _equal(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    return orjson.loads(text)


@lru_cache(maxsize=1024)
def _labels(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(items)


@lru_cache(maxsize=1024)
def _timers(items: tuple[tuple[str, float], ...]) -> Timers:
    return dict(items)


def load(row: models.Cluster) -> World:
    """Return a world with what shows of a cluster as it stands. Raises NotFound.

    As ``log.gather`` does it, but each row goes into the world as it is read: all of them, packed, would
    take as much memory as the world.
    """
    while True:
        with suppress(Gone):
            return _loaded(row)


def _loaded(row: models.Cluster) -> World:
    world = new_world(settings_of(row), PROJECTED, projected)
    world.number = log.last(row.pk)
    ahead = dict[Key, int]()
    for key, one in rows.all_packed(row.pk, SHOWN):
        if one.version > world.number:
            ahead[key] = one.version
        world.apply(_change(Verb.ADDED, key, one))
    for key, verb, one in log.packed_to_now(row.pk, world.number):
        world.number = one.version
        if key[0] in SHOWN and ahead.get(key, 0) < one.version and (verb != Verb.DELETED or world.find(*key)):
            world.apply(_change(verb, key, one))
    _plan_nothing(world)
    return world


def _change(verb: str, key: Key, one: Packed | Line) -> Change:
    stored = one.parsed(key[0])
    meta = stored.manifest["metadata"]
    if "namespace" in meta:
        meta["namespace"] = intern(meta["namespace"])
    return Change(Verb(verb), key[0], stored.manifest, "", "", stored.timers)


def follow(world: World, row: models.Cluster, lines: Sequence[Line] = ()) -> None:
    """Bring such a world up to the number of its cluster's row, or further.

    What is not among ``lines``, which somebody read of the log before, is read here. Raises Gone if the
    world is too far behind.
    """
    if not world.number <= row.number <= world.number + MAX_LAG:
        raise Gone(f"too old resource version: {world.number}")
    known = [line for line in lines if line.number > world.number]
    if known and known[0].number == world.number + 1:
        _apply(world, [(line.key, line.verb, line) for line in known])
    go_on(world, row.pk, row.number)


def go_on(world: World, cluster: int, number: int) -> None:
    """Read the log up to a number, in portions. Raises Gone."""
    while world.number < number:
        upto = min(number, world.number + CHUNK)
        entries = list(log.packed_since(cluster, world.number, upto))
        if len(entries) < upto - world.number:
            raise Gone(f"too old resource version: {world.number}")
        _apply(world, entries)


def rewind(world: World, number: int, stood: Mapping[Key, Packed | None]) -> None:
    """Take such a world back to a number, after which the objects that changed since stood like this."""
    for key, one in stood.items():
        if one is not None:
            world.apply(_change(Verb.ADDED, key, one))
        elif world.find(*key):
            world.put(key, None)
    world.number = number
    _plan_nothing(world)


def _apply(world: World, entries: Sequence[tuple[Key, str, Packed | Line]]) -> None:
    for change in _worth_reading(entries):
        world.apply(change)
    world.number = entries[-1][2].version
    _plan_nothing(world)


def _plan_nothing(world: World) -> None:
    """Forget what a controller would have to look at: nobody takes it out of a world without passes."""
    for coverage in coverages(world).values():
        coverage.todo.clear()


def _worth_reading(entries: Iterable[tuple[Key, str, Packed | Line]]) -> Iterator[Change]:
    """Yield the changes, but of the kinds of which only the last counts no other."""
    last = {key: one.version for key, _, one in entries if key[0] in LATEST}
    for key, verb, one in entries:
        if key[0] in SHOWN and last.get(key, one.version) == one.version:
            yield _change(verb, key, one)
