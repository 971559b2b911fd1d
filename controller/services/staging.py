"""Staged rollouts of real clusters: what their plans come to next is sent to their API servers.

Whether there is anything to do is asked of what is mirrored. What is done is decided anew, on the set and the
pods as the API server has them at that moment, and is either written into the set or deletes old pods, never
both: so the status stands before the first pod goes, and whoever dies in between is followed by somebody who
reads the same. Nothing else is remembered.

What is sent is sent on conditions: the set as it was read, a pod of that uid and version. Before each pod the
set is read again, and the lease must still be ours.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from controller import models
from controller.engine.controllers.daemonset.controller import coverages, revisions_of
from controller.engine.controllers.staged_rollouts import (
    annotations_of,
    bears_plan,
    is_planned,
    manager_in,
    rewritten,
)
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import UNAVAILABLE, Slot
from controller.engine.daemonset.staged.status import PLAN_STATUS_ANNOTATION, Status
from controller.engine.daemonset.staged.step import Decision, next_step
from controller.engine.daemonset.staged.strategy import staged_strategy
from controller.engine.kinds import KINDS
from controller.engine.matching.labels import selector_text
from controller.engine.mirrored import timers_of
from controller.engine.objects import DaemonSet, Manifest, Moment, Pod
from controller.engine.world import World
from controller.services.forwarding import manager_of as writer_of
from controller.services.rolloutmemory import Memories, memories_of
from controller.store import leases, worlds
from controller.store.leases import Held
from controller.store.worlds import manager_of
from controller.store.writes import locked
from controller.upstream.addresses import BadAddress
from controller.upstream.client import PAGE, Client, path_of
from controller.upstream.errors import Clash, NotThere, Overloaded, Upstream
from controller.upstream.secrets import NoKey, unseal
from controller.upstream.states import State

ACTOR = "staged-rollouts"
SET, POD = KINDS[DaemonSet.KIND], KINDS[Pod.KIND]

BATCH = 25
"""How many pods are deleted at most until all pods of the set are read again."""

SOON = 1.0
"""Seconds until it is looked again though nothing was told: what was sent is told within that time."""

SHORTEST = 0.1
"""Seconds between two looks for which nothing but time is the reason, at least."""

BACK_OFF = 5.0
"""Seconds until it is tried again what went wrong, if the API server does not say another time."""

logger = logging.getLogger(__name__)


class Failed(Exception):
    """A look raised an error: a fault of the program. The cluster rests for a while."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a look takes place: a cluster under its lease, its world, and the name that we act by there."""

    held: Held
    world: World
    now: Moment
    manager: str
    memories: Memories


def look(row: models.Cluster, held: Held, now: Moment) -> None:
    """Look once at the sets of a real cluster that have plans. Raises Lost, NotFound, Failed."""
    world = worlds.warm.take(row)
    site = _Site(held, world, now, manager_of(row), memories_of(world))
    planned = [one for one in coverages(world).values() if bears_plan(one.ds)]
    site.memories.keep_only({one.ds.uid for one in planned})
    again: list[float] = []
    try:
        for coverage in sorted(planned, key=lambda one: one.ds.key):
            again += _times(_looked(site, coverage))
    except leases.Lost:
        raise
    except Exception as error:
        logger.exception("The staged rollouts of cluster %s failed", held.cluster)
        _rest(site, now.cluster + BACK_OFF)
        raise Failed from error
    _tell_refusals(site, planned)
    # The mirror leaves its news to us while a look is due: it is, as long as there is a plan.
    _rest(site, min(again, default=now.cluster + settings.EVERYNODE_UPSTREAM_SILENCE) if planned else None)
    if planned:
        worlds.warm.put(row.pk, world)


def _times(again: float | None) -> list[float]:
    return [] if again is None else [again]


def _rest(site: _Site, due: float | None) -> None:
    """Note what was seen, and when it is to be looked again: None if no set has a plan any more."""
    with locked(site.held.cluster) as opened:
        leases.extend(site.held)
        row = opened.row
        row.planned = site.world.number
        row.due = due if due is not None or row.number == row.planned else site.now.cluster


def _looked(site: _Site, coverage: Coverage) -> float | None:
    """Let a plan take its next step; return when to look again, None: when something changed.

    The plan of another Everynode is only watched, until that is overdue with what it should do.
    """
    if coverage.ds.deleting or not _knows_hash(site, coverage):
        return None
    coverage.barred = ""  # accounts and classes of priority are not mirrored: its server judges them
    waiting = _refreshed(site, coverage)
    decision = _decided(site, coverage)
    turns = [*_times(decision.again), *waiting]
    if is_planned(coverage.ds, site.manager):
        if decision.leave or rewritten(coverage.ds, decision, site.manager) != coverage.ds.manifest:
            return site.now.cluster + _acted(site, coverage)
        site.memories.of(coverage.ds.uid).refusal = ""
    else:
        patience = site.memories.of(coverage.ds.uid).patience(_due(coverage, decision))
        if patience == 0:
            return site.now.cluster + _acted(site, coverage)
        turns += _times(patience and site.now.cluster + patience)
    return max(min(turns), site.now.cluster + SHORTEST) if turns else None


def _due(coverage: Coverage, decision: Decision) -> object | None:
    """Return what is to be done of a plan now, as something that is equal while it is the same; or None.

    How a status is worded may differ between two versions of us: that alone is nothing to be done.
    """
    ds = coverage.ds
    standing = Status.read(annotations_of(ds.manifest).get(PLAN_STATUS_ANNOTATION) or "") or Status()
    moved = decision.status.place != standing.place or decision.ends or decision.promoted
    edits = (decision.strategy, decision.template, decision.pause)
    if moved or any(edit is not None for edit in edits):
        return _said(ds.manifest)
    leaving = _within_budget(coverage, decision) if _is_observed(ds.manifest) else ()
    return frozenset(pod.uid for pod in leaving) or None


def _refreshed(site: _Site, coverage: Coverage) -> list[float]:
    """Look anew at pairs that changed, or may have by time alone; return when time will change one."""
    coverage.touch(*(node for slot in UNAVAILABLE for node in coverage.slots[slot]))
    coverage.refresh(site.world.nodes, site.now.cluster)
    short = (coverage.pairs[node] for slot in UNAVAILABLE for node in coverage.slots[slot])
    return [at for pair in short if (at := pair.next_turn(site.now.cluster)) is not None]


def _knows_hash(site: _Site, coverage: Coverage) -> bool:
    """Whether it is known which pods are new: else the set's controller is about to keep its template."""
    if not coverage.hash and (found := _hash(site, coverage.ds)):
        coverage.hash = found
        coverage.touch(*site.world.nodes, *coverage.pods)
    return bool(coverage.hash)


def _acted(site: _Site, coverage: Coverage) -> float:
    """Do what is to be done, on what the API server has now; return in how many seconds to look again."""
    memory = site.memories.of(coverage.ds.uid)
    if memory.waits:
        return memory.waits
    mirror = models.Mirror.objects.get(pk=site.held.cluster)
    if (
        mirror.state != State.LIVE
        or time.time() - (mirror.last_seen or 0.0) > settings.EVERYNODE_UPSTREAM_SILENCE
    ):
        return SOON
    try:
        with Client(unseal(bytes(mirror.sealed))) as client:
            _Step(site, client).take(coverage)
    except Clash:
        return SOON  # somebody wrote meanwhile
    except (Upstream, NoKey, BadAddress) as error:
        logger.warning("The rollout of %s in cluster %s waits: %s", coverage.ds.key, site.held.cluster, error)
        memory.wait(max(error.after, SOON) if isinstance(error, Overloaded) else BACK_OFF, str(error))
        return memory.waits
    memory.refusal = ""
    return SOON


def _tell_refusals(site: _Site, planned: Iterable[Coverage]) -> None:
    """Note for the pages why rollouts wait, if that is another reason than before."""
    told = {"/".join(one.ds.key[1:]): site.memories.of(one.ds.uid).refusal[:500] for one in planned}
    refusals = {name: refusal for name, refusal in told.items() if refusal}
    mirror = models.Mirror.objects.only("refusals").get(pk=site.held.cluster)
    if mirror.refusals != refusals:
        mirror.refusals = refusals
        mirror.save(update_fields=["refusals"])


def _decided(site: _Site, coverage: Coverage) -> Decision:
    templates = {one.hash: one.template for one in revisions_of(site.world, coverage.ds.uid)}
    return next_step(coverage, site.world.nodes, templates, site.now)


def _hash(site: _Site, ds: DaemonSet) -> str:
    """Return the hash of the set's present template, "" before its controller keeps that."""
    same = [one for one in revisions_of(site.world, ds.uid) if _bare(one.template) == _bare(ds.template)]
    return max(same, key=lambda one: one.number).hash if same else ""


class _Step:
    """One step of one plan, decided on what the API server has at that moment."""

    def __init__(self, site: _Site, client: Client) -> None:
        self._site, self._client = site, client

    def take(self, mirrored: Coverage) -> None:
        """Write into the set what was decided, or else delete the pods that go. Raises Upstream, Lost."""
        fresh = self._get(mirrored.ds)
        ds = DaemonSet.read(fresh, {})
        ours = is_planned(ds, self._site.manager)
        if ds.uid != mirrored.ds.uid or ds.deleting or not (ours or _is_overdue(ds, mirrored.ds)):
            return
        coverage = self._coverage(ds)
        if not coverage.hash:
            return  # its controller is about to keep the new template, or our mirror to be told of it
        decision = _decided(self._site, coverage)
        if not ours:
            if not _due(coverage, decision):
                return
            logger.warning("The rollout of %s in cluster %s is taken over from %s",
                           ds.key, self._site.held.cluster, manager_in(ds))  # fmt: skip
        wanted = rewritten(ds, decision, self._site.manager)
        if wanted != fresh:
            self._write(fresh, wanted)
        elif _is_observed(fresh):
            for pod in _within_budget(coverage, decision):
                if not self._is_as_read(fresh):
                    return
                if not self._delete(pod):
                    return

    # -- what is there -----------------------------------------------------------------------

    def _get(self, ds: DaemonSet) -> Manifest:
        return self._client.get(path_of(SET, ds.namespace, ds.name))

    def _coverage(self, ds: DaemonSet) -> Coverage:
        """Return the coverage of a set as it was just read, over the machines that are mirrored."""
        coverage = Coverage(ds)
        for manifest in self._pods(ds):
            pod = Pod.read(manifest, timers_of(Pod.KIND, manifest))
            if pod.owner == ds.uid:
                coverage.place(None, pod)
        coverage.hash = _hash(self._site, ds)
        nodes = self._site.world.nodes
        coverage.touch(*nodes, *coverage.pods)
        coverage.refresh(nodes, self._site.now.cluster)
        return coverage

    def _pods(self, ds: DaemonSet) -> Iterator[Manifest]:
        query: dict[str, str | int] = {"labelSelector": selector_text(ds.selector), "limit": PAGE}
        while True:
            page = self._client.get(path_of(POD, ds.namespace), query)
            yield from page.get("items") or ()
            query["continue"] = (page.get("metadata") or {}).get("continue") or ""
            if not query["continue"]:
                return

    def _is_as_read(self, fresh: Manifest) -> bool:
        """Whether nobody wrote into the set since, but for its controller into its status."""
        now = self._get(DaemonSet.read(fresh, {}))
        return _said(now) == _said(fresh)

    # -- what is done ------------------------------------------------------------------------

    def _write(self, fresh: Manifest, wanted: Manifest) -> None:
        leases.extend(self._site.held)
        path = path_of(SET, fresh["metadata"]["namespace"], fresh["metadata"]["name"])
        query = {"fieldManager": writer_of(ACTOR)}
        self._client.send(
            "PATCH", path, query, list(operations(fresh, wanted)), "application/json-patch+json"
        )

    def _delete(self, pod: Pod) -> bool:
        """Delete a pod if it is as it was read; say whether it was."""
        leases.extend(self._site.held)
        meta = pod.manifest["metadata"]
        conditions = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions}
        try:
            self._client.send("DELETE", path_of(POD, pod.namespace, pod.name), {}, body)
        except (Clash, NotThere):
            return False
        return True


def operations(fresh: Manifest, wanted: Manifest) -> Iterator[dict[str, Any]]:
    """Yield the JSON patch of a set's annotations, strategy and template, if it is as it was read."""
    version = fresh["metadata"]["resourceVersion"]
    yield {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
    before, after = annotations_of(fresh), annotations_of(wanted)
    for name in sorted(before.keys() | after.keys()):
        path = f"/metadata/annotations/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in after:
            yield {"op": "remove", "path": path}
        elif before.get(name) != after[name]:
            yield {"op": "add", "path": path, "value": after[name]}
    for part in ("updateStrategy", "template"):
        if fresh["spec"][part] != wanted["spec"][part]:
            yield {"op": "replace", "path": f"/spec/{part}", "value": wanted["spec"][part]}


def _said(manifest: Manifest) -> tuple[object, ...]:
    """Return what of a set people write."""
    meta = manifest["metadata"]
    return (meta["uid"], meta["generation"], meta.get("annotations"), meta.get("deletionTimestamp"))


def _is_overdue(ds: DaemonSet, mirrored: DaemonSet) -> bool:
    """Whether another's plan, which was found overdue as it is mirrored, still stands as it was."""
    return (
        bears_plan(ds)
        and manager_in(ds) == manager_in(mirrored)
        and _said(ds.manifest) == _said(mirrored.manifest)
    )


def _is_observed(manifest: Manifest) -> bool:
    """Whether the set's controller knows of its spec: before that it may still replace pods by itself."""
    observed = (manifest.get("status") or {}).get("observedGeneration")
    return bool(observed == manifest["metadata"]["generation"])


def _bare(template: Manifest) -> Manifest:
    """Return a template without the empty stamp that older API servers write into it."""
    meta = {name: value for name, value in (template.get("metadata") or {}).items() if value is not None}
    return {**template, "metadata": meta}


def _within_budget(coverage: Coverage, decision: Decision) -> Iterable[Pod]:
    """Return the pods that go now: of those that are available no more than the set's own status allows.

    It counts machines that are not mirrored yet, and may be older than what we counted: the worse one counts.
    """
    ready = coverage.slots[Slot.OLD_READY]
    staged = staged_strategy(coverage.ds)
    budget = staged.budget(coverage.ds, coverage.desired) if staged else 0
    status = coverage.ds.manifest.get("status") or {}
    ours = sum(len(coverage.slots[slot]) for slot in UNAVAILABLE)
    room = max(0, budget - max(ours, int(status.get("numberUnavailable") or 0)))
    broken = [pod for pod in decision.leave if pod.node not in ready]
    whole = [pod for pod in decision.leave if pod.node in ready]
    return (broken + whole[:room])[:BATCH]
