"""What the DaemonSet controller keeps of a cluster: the coverage of every set, followed by change.

It is also what pages read: ``coverages`` and its like are the door to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from controller.engine.controllers.daemonset import sync
from controller.engine.controllers.podcontrol import (
    ACCOUNT,
    NOT_CREATED,
    classes_in,
    ranges_in,
    told_quotas_in,
)
from controller.engine.daemonset.cells import CellState, cell_of
from controller.engine.daemonset.coverage import Coverage
from controller.engine.errors import Forbidden
from controller.engine.newpod import PRIORITY_CLASS
from controller.engine.objects import DaemonSet, Moment, Node, Pod, Revision
from controller.engine.quota.charging import QUOTA, charges
from controller.engine.quota.limits import LIMIT_RANGE, refuse, with_limits
from controller.engine.workloads.pods import account_of, refusal_of
from controller.engine.world import Controller, Turn, Update, World


@dataclass(slots=True)
class Touched:
    """What changed since it was last asked for: node names, set uids, (uid, node) pairs, pods."""

    nodes: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    pods: set[tuple[str, str]] = field(default_factory=set)


class DaemonSets(Controller):
    """Queues uids of sets."""

    name = "daemonset-controller"
    kinds = frozenset(
        {Node.KIND, Pod.KIND, DaemonSet.KIND, Revision.KIND, ACCOUNT, PRIORITY_CLASS, QUOTA, LIMIT_RANGE}
    )

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[str] = set()
        self.coverages: dict[str, Coverage] = {}
        self.touched: Touched | None = None

    def fork(self) -> Self:
        """Return a twin that can be changed by itself."""
        twin = super().fork()
        twin.coverages = {uid: coverage.fork() for uid, coverage in self.coverages.items()}
        twin.touched = None
        return twin

    # -- changes come in ---------------------------------------------------------------------

    def take(self, world: World, update: Update) -> None:
        """Let the change touch the pairs that it may concern."""
        kind = update.key[0]
        if kind == Pod.KIND:
            self._take_pod(update)
        elif kind == Node.KIND:
            self._take_node(update)
        elif kind == DaemonSet.KIND:
            self._take_set(world, update)
        elif kind == Revision.KIND:
            self._take_revision(world, update)
        elif kind == ACCOUNT:
            self._take_account(world, update)
        elif kind == PRIORITY_CLASS:
            self._take_class(world, update)
        else:
            self._take_limits(world, update)

    def _note(self, what: str, *items: object) -> None:
        """Note for whoever draws what changed, if somebody does."""
        if self.touched:
            getattr(self.touched, what).update(items)

    def _take_node(self, update: Update) -> None:
        name, before, after = update.key[2], update.before, update.after
        self._note("nodes", name)
        if (
            not isinstance(before, Node)
            or not isinstance(after, Node)
            or (before.labels, before.taints) != (after.labels, after.taints)
        ):
            self._touch_node(name)
        elif (before.ready, before.down) != (after.ready, after.down):
            self._note("pairs", *((uid, name) for uid in self.coverages))

    def _touch_node(self, name: str) -> None:
        for coverage in self.coverages.values():
            self._touch(coverage, name)

    def _touch(self, coverage: Coverage, *nodes: str) -> None:
        uid = coverage.ds.uid
        coverage.touch(*nodes)
        self.queue.add(uid)
        self._note("pairs", *((uid, node) for node in nodes))

    def _take_pod(self, update: Update) -> None:
        if self.touched:
            self.touched.pods.add(update.key[1:])
        before = update.before if isinstance(update.before, Pod) else None
        after = update.after if isinstance(update.after, Pod) else None
        owner = after.owner if after else ""
        if before and before.owner != owner:
            self._place(before.owner, before, None)
            before = None
        self._place(owner, before, after)
        if after and not after.owner:
            self.queue.update(each.ds.uid for each in self._in_namespace(after.namespace))

    def _place(self, owner: str, before: Pod | None, after: Pod | None) -> None:
        coverage = self.coverages.get(owner)
        if coverage:
            coverage.place(before, after)
            self.queue.add(owner)
            if self.touched:
                self.touched.pairs.update((owner, pod.node) for pod in (before, after) if pod)

    def _in_namespace(self, namespace: str) -> list[Coverage]:
        return [each for each in self.coverages.values() if each.ds.namespace == namespace]

    def _take_set(self, world: World, update: Update) -> None:
        before, ds = update.before, update.after
        if before and update.replaced:
            self.coverages.pop(before.uid, None)
            self.queue.discard(before.uid)
            self._note("sets", before.uid)
        if not isinstance(ds, DaemonSet):
            return
        self._note("sets", ds.uid)
        self.queue.add(ds.uid)
        coverage = self.coverages.get(ds.uid)
        if coverage is None:
            coverage = self.coverages[ds.uid] = Coverage(ds)
            for pod in world.owned(ds.uid, Pod).values():
                if pod.owner == ds.uid:
                    coverage.place(None, pod)
        elif not coverage.turn_to(ds):
            return
        self._judge_account(world, coverage)
        self._rehash(world, coverage)
        self._touch_all(world, coverage)

    def _touch_all(self, world: World, coverage: Coverage) -> None:
        self._touch(coverage, *{*world.nodes, *coverage.pods, *coverage.pairs})

    def _take_revision(self, world: World, update: Update) -> None:
        readings = [one for one in (update.before, update.after) if isinstance(one, Revision)]
        for owner in {revision.owner for revision in readings}:
            coverage = self.coverages.get(owner)
            if coverage:
                self._note("sets", owner)
                self._rehash(world, coverage)
                self._freshen([coverage])
        if isinstance(update.after, Revision) and not update.after.owner:
            self._freshen(self._in_namespace(update.after.namespace))

    def _freshen(self, coverages: Iterable[Coverage]) -> None:
        for coverage in coverages:
            coverage.fresh = True
            self.queue.add(coverage.ds.uid)

    def _rehash(self, world: World, coverage: Coverage) -> None:
        """Find the hash of the set's present template among its revisions."""
        found = current_hash(world, coverage.ds)
        if found != coverage.hash:
            coverage.hash = found
            self._touch_all(world, coverage)

    def _take_account(self, world: World, update: Update) -> None:
        for coverage in self._in_namespace(update.key[1]):
            if account_of(coverage.ds.template) == update.key[2]:
                self._judge_account(world, coverage)
                self._touch_all(world, coverage)

    def _take_class(self, world: World, update: Update) -> None:
        for coverage in self.coverages.values():
            if coverage.ds.template["spec"].get("priorityClassName") == update.key[2]:
                self._judge_account(world, coverage)
                self._touch_all(world, coverage)

    def _take_limits(self, world: World, update: Update) -> None:
        """Judge the sets of a namespace anew, and let those go on that are held up no longer."""
        for coverage in self._in_namespace(update.key[1]):
            before = coverage.limited
            self._judge_limits(world, coverage)
            if before and not coverage.limited:
                self._touch_all(world, coverage)
            elif before != coverage.limited:
                self._note("sets", coverage.ds.uid)

    def _judge_account(self, world: World, coverage: Coverage) -> None:
        ds = coverage.ds
        if world.settings.mirrored:
            return
        known = world.find(ACCOUNT, ds.namespace, account_of(ds.template)) is not None
        classes = classes_in(world)
        coverage.barred = refusal_of(ds, ds.template, account_known=known, classes=classes)
        self._judge_limits(world, coverage)

    @staticmethod
    def _judge_limits(world: World, coverage: Coverage) -> None:
        """Say why what the namespace allows, and what its quotas tell, has no room for one more pod."""
        ds = coverage.ds
        ranges, quotas = ranges_in(world, ds.namespace), told_quotas_in(world, ds.namespace)
        coverage.limited = ""
        if world.settings.mirrored or not (ranges or quotas):
            return
        spec = coverage.pod_template.spec
        pod = with_limits({"metadata": {"name": f"{ds.name}-"}, "spec": spec}, ranges)
        try:
            refuse(Pod.KIND, pod, ranges)
            charges(quotas, Pod.KIND, pod)
        except Forbidden as refused:
            coverage.limited = f"{NOT_CREATED}{refused}"

    def enqueue(self, item: tuple[str, str]) -> None:
        """Queue a pair (set uid, node) whose moment has come."""
        coverage = self.coverages.get(item[0])
        if coverage:
            self._touch(coverage, item[1])

    # -- a pass ------------------------------------------------------------------------------

    def queued(self) -> list[Coverage]:
        """Return the sets to look at, in the order of their names."""
        found = [self.coverages[uid] for uid in self.queue if uid in self.coverages]
        return sorted(found, key=lambda coverage: coverage.ds.key)

    def sync(self, turn: Turn) -> None:
        """Sync every queued set."""
        for coverage in self.queued():
            if coverage.ds.deleting:
                coverage.todo.clear()
            else:
                orphans = list(turn.world.orphans.of(coverage.ds.namespace).values())
                sync.sync_set(turn, coverage, orphans)

    def report(self, turn: Turn) -> None:
        """Write the status of every set that was looked at, where it differs from what stands."""
        for coverage in self.queued():
            if not coverage.ds.deleting:
                sync.write_status(turn, coverage)
        self.queue = {
            coverage.ds.uid
            for coverage in self.queued()
            if not coverage.ds.deleting and (coverage.todo or coverage.fresh)
        }

    def facts(self, world: World, now: Moment) -> Mapping[tuple[str, str], object]:
        """Return every pair, and of every set its tallies."""
        found: dict[tuple[str, str], object] = {}
        for uid, coverage in self.coverages.items():
            coverage.refresh(world.nodes, now.cluster)
            found[uid, ""] = (coverage.tally, coverage.slots, coverage.hash, coverage.refusal)
            found |= {(uid, node): pair for node, pair in coverage.pairs.items()}
        return found


def changed(world: World) -> Touched:
    """Return what changed since the last call. The first call begins the noting, and returns nothing."""
    controller = world.controller(DaemonSets)
    touched, controller.touched = controller.touched, Touched()
    return touched or Touched()


def coverages(world: World) -> Mapping[str, Coverage]:
    """Return the coverage of every set of a world, by uid."""
    return world.controller(DaemonSets).coverages


def coverage_of(world: World, namespace: str, name: str) -> Coverage | None:
    """Return the coverage of the set of that name, if there is one."""
    ds = world.find(DaemonSet.KIND, namespace, name)
    return coverages(world).get(ds.uid) if ds else None


def cell(world: World, uid: str, node: str) -> CellState:
    """Say what the map shows of a set on a node."""
    coverage = coverages(world).get(uid)
    pair = coverage.pair(node, world.nodes) if coverage else None
    return cell_of(pair, world.nodes.get(node))


def revisions_of(world: World, uid: str) -> list[Revision]:
    """Return the revisions that a set controls."""
    return [each for each in world.owned(uid, Revision).values() if each.owner == uid]


def revision_number(world: World, uid: str) -> int:
    """Return the number of a set's present revision, or that which it will get in the next pass."""
    kept, current = revisions_of(world, uid), coverages(world)[uid].hash
    made = [each.number for each in kept if each.hash == current]
    return max(made) if made else max((each.number for each in kept), default=0) + 1


def current_hash(world: World, ds: DaemonSet) -> str:
    """Return the hash of the revision that holds the set's present template, or "" before there is one."""
    same = [each for each in revisions_of(world, ds.uid) if each.template == ds.template]
    return max(same, key=lambda revision: revision.number).hash if same else ""
