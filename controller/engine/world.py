"""One cluster as the rules see it: objects, indices, and what has not been looked at yet.

A world is fed with changes, its own and others', through ``apply``; it never asks anybody. The
rules (``controller.engine.passes``) read it, decide, and apply what they decided, so that each
controller of a pass sees what those before it did. A full pass is nothing but "everything touched".
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from controller.engine.changes import Change, Verb
from controller.engine.cluster.eventbook import EventBook
from controller.engine.daemonset.cells import CellState, cell_of
from controller.engine.daemonset.coverage import Coverage, PodsByNode
from controller.engine.daemonset.status import Counts
from controller.engine.objects import DaemonSet, Key, Node, Pod, Revision, Timers
from controller.engine.settings import Settings

DEADLINES = frozenset({"due", "stop", "evict", "lost"})
"""The timers at which somebody has to act; the others are memories."""


@dataclass(slots=True)
class Queues:
    """Names of what each controller has to look at."""

    nodes: set[str] = field(default_factory=set)
    evictions: set[str] = field(default_factory=set)
    gone_nodes: set[str] = field(default_factory=set)
    pods: set[Key] = field(default_factory=set)
    unscheduled: set[Key] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)

    def busy(self) -> bool:
        """Whether any controller has something to look at."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(slots=True)
class Touched:
    """What changed since it was last asked for: node names, set uids, (uid, node) pairs, pods."""

    nodes: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    pods: set[tuple[str, str]] = field(default_factory=set)


class World:
    """A cluster at change ``number``. Not safe for use by two threads at once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.number = 0
        self.nodes: dict[str, Node] = {}
        self.pods: dict[Key, Pod] = {}
        self.sets: dict[str, Coverage] = {}
        self.revisions: dict[Key, Revision] = {}
        self.events = EventBook()
        self.accounts: set[tuple[str, str]] = set()
        self.on_node: dict[str, dict[Key, Pod]] = defaultdict(dict)
        self.by_owner: dict[str, PodsByNode] = defaultdict(dict)
        self.strays: dict[Key, Pod] = {}
        self.blocked: dict[str, set[Key]] = defaultdict(set)
        self.queues = Queues()
        self._deadlines: list[tuple[float, str, Any]] = []
        self._touched = Touched()
        self._seen_at = 0.0

    # -- changes come in ---------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Take one change into account, whoever made it. Order within an object matters."""
        taker = {
            "Node": self._take_node,
            "Pod": self._take_pod,
            "DaemonSet": self._take_set,
            "ControllerRevision": self._take_revision,
            "Event": self.events.take,
            "ServiceAccount": self._take_account,
        }.get(change.kind)
        if taker:
            taker(change)

    def _take_node(self, change: Change) -> None:
        name = change.key[2]
        before = self.nodes.pop(name, None)
        self._touched.nodes.add(name)
        if change.verb is Verb.DELETED:
            self.queues.gone_nodes.add(name)
            self._touch_pairs(name)
            return
        node = self.nodes[name] = Node.read(change.manifest, change.timers)
        self.queues.nodes.add(name)
        self._remember(node.timers, "nodes", name)
        self._retry_blocked(name)
        if before is None or (before.labels, before.taints) != (node.labels, node.taints):
            self.queues.evictions.add(name)
            self._touch_pairs(name)
        elif (before.ready, before.down) != (node.ready, node.down):
            self._touched.pairs.update((uid, name) for uid in self.sets)
            self.queues.pods.update(self.on_node.get(name, ()))
        if before is None:
            self.queues.pods.update(self.on_node.get(name, ()))

    def _touch_pairs(self, node: str) -> None:
        for uid, coverage in self.sets.items():
            coverage.touch(node)
            self.queues.sets.add(uid)
            self._touched.pairs.add((uid, node))

    def _take_pod(self, change: Change) -> None:
        key = change.key
        before = self.pods.pop(key, None)
        if before:
            self._unindex(before)
        self._touched.pods.add(key[1:])
        if change.verb is Verb.DELETED:
            self.queues.pods.discard(key)
            self.queues.unscheduled.discard(key)
            return
        pod = self.pods[key] = Pod.read(change.manifest, change.timers)
        self._index(pod)
        self._remember(pod.timers, "pods", key)

    def _index(self, pod: Pod) -> None:
        key = pod.key
        if pod.owner:
            self.by_owner[pod.owner].setdefault(pod.node, {})[key] = pod
            self._touch_owner(pod)
        else:
            self.strays[key] = pod
            self.queues.sets.update(self._sets_in(pod.namespace))
        if pod.bound:
            self.on_node[pod.node][key] = pod
            self.queues.pods.add(key)
            if pod.node not in self.nodes:
                self.queues.gone_nodes.add(pod.node)
        elif not pod.terminating:
            self.queues.unscheduled.add(key)

    def _unindex(self, pod: Pod) -> None:
        key = pod.key
        if pod.owner:
            standing = self.by_owner[pod.owner].get(pod.node, {})
            standing.pop(key, None)
            if not standing:
                self.by_owner[pod.owner].pop(pod.node, None)
            self._touch_owner(pod)
        self.strays.pop(key, None)
        self.blocked[pod.node].discard(key)
        self.blocked[""].discard(key)
        if pod.bound:
            self.on_node[pod.node].pop(key, None)
            self._retry_blocked(pod.node)

    def _touch_owner(self, pod: Pod) -> None:
        coverage = self.sets.get(pod.owner)
        if coverage:
            coverage.touch(pod.node)
            self.queues.sets.add(pod.owner)
            self._touched.pairs.add((pod.owner, pod.node))
            if coverage.ds.deleting:
                self.queues.owners.add(pod.owner)
        else:
            self.queues.owners.add(pod.owner)

    def _sets_in(self, namespace: str) -> list[str]:
        return [uid for uid, coverage in self.sets.items() if coverage.ds.namespace == namespace]

    def _retry_blocked(self, node: str) -> None:
        """Let the scheduler try again what may fit now that something about a node has changed."""
        for name in (node, ""):
            waiting = self.blocked.get(name)
            if waiting:
                self.queues.unscheduled |= waiting
                waiting.clear()

    def _take_set(self, change: Change) -> None:
        uid = change.manifest["metadata"]["uid"]
        self._touched.sets.add(uid)
        if change.verb is Verb.DELETED:
            self.sets.pop(uid, None)
            self.queues.sets.discard(uid)
            self.queues.owners.add(uid)
            return
        ds = DaemonSet.read(change.manifest, change.timers)
        self.queues.sets.add(uid)
        coverage = self.sets.get(uid)
        if coverage is None:
            self.sets[uid] = coverage = Coverage(ds, self.by_owner[uid])
            self._rehash(coverage)
            self._touch_all(coverage)
        elif coverage.turn_to(ds):
            self._rehash(coverage)
            self._touch_all(coverage)
        if ds.deleting:
            self.queues.owners.add(uid)

    def _touch_all(self, coverage: Coverage) -> None:
        coverage.touch_all(self.nodes)
        uid = coverage.ds.uid
        self._touched.pairs.update((uid, node) for node in coverage.stale)

    def _take_revision(self, change: Change) -> None:
        revision = Revision.read(change.manifest)
        before = self.revisions.pop(change.key, None)
        if change.verb is not Verb.DELETED:
            self.revisions[change.key] = revision
        for owner in {revision.owner, before.owner if before else ""} - {""}:
            coverage = self.sets.get(owner)
            if coverage is not None:
                self._touched.sets.add(owner)
                self._rehash(coverage)
            if coverage is None or coverage.ds.deleting:
                self.queues.owners.add(owner)
            else:
                coverage.fresh = True
                self.queues.sets.add(owner)
        if not revision.owner:
            self._freshen(revision.namespace)

    def _freshen(self, namespace: str) -> None:
        for uid in self._sets_in(namespace):
            self.sets[uid].fresh = True
            self.queues.sets.add(uid)

    def _rehash(self, coverage: Coverage) -> None:
        """Find the hash of the set's present template among its revisions."""
        same = [r for r in self.revisions_of(coverage.ds.uid) if r.template == coverage.ds.template]
        found = max(same, key=lambda revision: revision.number).hash if same else ""
        if found != coverage.hash:
            coverage.hash = found
            self._touch_all(coverage)

    def _take_account(self, change: Change) -> None:
        account = change.key[1:]
        if change.verb is Verb.DELETED:
            self.accounts.discard(account)
        else:
            self.accounts.add(account)
        for uid in self._sets_in(account[0]):
            self._touch_all(self.sets[uid])
            self.queues.sets.add(uid)

    # -- time --------------------------------------------------------------------------------

    def remind(self, at: float, queue: str, name: str | tuple[str, ...]) -> None:
        """Put ``name`` into a queue ("nodes", "pods" or "pairs") at cluster time ``at``."""
        heapq.heappush(self._deadlines, (at, queue, name))

    def _remember(self, timers: Timers, queue: str, name: str | tuple[str, ...]) -> None:
        for what in DEADLINES & timers.keys():
            self.remind(timers[what], queue, name)

    def wake(self, now: float) -> None:
        """Queue everything that is due at cluster time ``now``."""
        self._seen_at = now
        while self._deadlines and self._deadlines[0][0] <= now:
            _, queue, name = heapq.heappop(self._deadlines)
            if queue == "nodes":
                self.queues.nodes.add(name)
            elif queue == "pods":
                self.queues.pods.add(name)
            else:
                self._wake_pair(*name)

    def _wake_pair(self, uid: str, node: str) -> None:
        coverage = self.sets.get(uid)
        if coverage:
            coverage.touch(node)
            self.queues.sets.add(uid)

    def due(self, now: float) -> float | None:
        """Return the cluster time at which a plan has something to look at: ``now``, later, or None."""
        if self.queues.busy():
            return now
        return max(now, self._deadlines[0][0]) if self._deadlines else None

    # -- questions ---------------------------------------------------------------------------

    def revisions_of(self, uid: str) -> list[Revision]:
        """Return the revisions that a set owns."""
        return [revision for revision in self.revisions.values() if revision.owner == uid]

    def set_named(self, namespace: str, name: str) -> Coverage | None:
        """Return the set of that name, if there is one."""
        wanted = ("DaemonSet", namespace, name)
        return next((coverage for coverage in self.sets.values() if coverage.ds.key == wanted), None)

    def cell(self, uid: str, node: str) -> CellState:
        """Say what the map shows of a set on a node."""
        coverage = self.sets.get(uid)
        pair = coverage.pair(node, self.nodes) if coverage else None
        return cell_of(pair, self.nodes.get(node))

    def counts(self, uid: str) -> Counts:
        """Return what the controller last wrote into a set's status."""
        coverage = self.sets.get(uid)
        return Counts.told_by(coverage.ds) if coverage else Counts()

    def check(self) -> list[str]:
        """Compare every tally with one made from scratch; return what differs, in words."""
        found = []
        for coverage in self.sets.values():
            fresh = Coverage(coverage.ds, coverage.pods)
            fresh.hash = coverage.hash
            fresh.touch_all(self.nodes)
            fresh.refresh(self.nodes, self._seen_at)
            settled = {name: pair for name, pair in coverage.pairs.items() if name not in coverage.stale}
            wrong = sorted(name for name, pair in settled.items() if fresh.pairs.get(name) != pair)
            if wrong:
                found.append(f"{coverage.ds.namespace}/{coverage.ds.name}: stale view of {wrong[:5]}")
            elif not coverage.stale and fresh.tally != coverage.tally:
                found.append(
                    f"{coverage.ds.namespace}/{coverage.ds.name}: {coverage.tally} is not {fresh.tally}"
                )
        return found

    def changed(self) -> Touched:
        """Return what changed since the last call."""
        touched, self._touched = self._touched, Touched()
        return touched
