"""What the DaemonSet controller does with one set in a pass.

The order is Kubernetes': history, ownership, manage, and only if that found nothing to
do the rollout; then old revisions are forgotten. Statuses are written last, from what then stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from controller.engine.changes import Change, Verb
from controller.engine.controllers import podcontrol
from controller.engine.daemonset.coverage import Coverage, timers_with
from controller.engine.daemonset.manage import Plan, PodDeletion, lacks_pod, manage
from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.pod_factory import CONTROLLER, pinned
from controller.engine.daemonset.rollout import Step, strategy_of
from controller.engine.daemonset.status import Counts, status_manifest
from controller.engine.objects import HASH_LABEL, Manifest, Pod, Revision, Timers
from controller.engine.reasons import Reason, Seen
from controller.engine.workloads import ownership
from controller.engine.workloads.pods import pod_manifest
from controller.engine.workloads.revisions import Writer, forgotten, history_of
from controller.engine.workloads.slowstart import in_batches
from controller.engine.world import Turn

BURST = 250
"""The most creations, and the most deletions, of one set in one pass (Kubernetes' burstReplicas)."""

KEEPER = Writer(CONTROLLER, HASH_LABEL)


def sync_set(turn: Turn, coverage: Coverage, orphans: Iterable[Pod]) -> None:
    """Look at one set once. ``orphans`` are the pods of its namespace that no controller owns."""
    _adopt(turn, coverage, orphans)
    _settle_history(turn, coverage)
    refresh(turn, coverage)
    if not _manage(turn, coverage) and not coverage.ds.paused and not coverage.ds.staged:
        step = strategy_of(coverage.ds).step(coverage)
        _act(turn, coverage, _orders_of(coverage, step))
    _forget(turn, coverage)


def refresh(turn: Turn, coverage: Coverage) -> None:
    """Look at the pairs that a change may have touched, and again when time alone changes one."""
    for at, node in coverage.refresh(turn.world.nodes, turn.now.cluster):
        turn.world.schedule(at, CONTROLLER, (coverage.ds.uid, node))


def _adopt(turn: Turn, coverage: Coverage, orphans: Iterable[Pod]) -> None:
    """Take in pods and revisions that the selector matches, and let go those it no longer does."""
    world, ds = turn.world, coverage.ds
    standing = (pod for node in coverage.todo & coverage.pods.keys() for pod in coverage.pods[node])
    mine = (pod for pod in standing if not pod.terminating)
    free = (pod for pod in orphans if not pod.terminating)
    for change in ownership.claim(ds, ds.selector, mine, free, actor=CONTROLLER):
        turn.decide(change)
    if coverage.fresh:
        near = [each for each in world.all_of(Revision).values() if each.namespace == ds.namespace]
        kept = [each for each in near if each.owner == ds.uid]
        loose = [each for each in near if not each.owner]
        for change in ownership.claim(ds, ds.selector, kept, loose, actor=CONTROLLER):
            turn.decide(change)


def _settle_history(turn: Turn, coverage: Coverage) -> None:
    if not coverage.fresh:
        return
    world, ds = turn.world, coverage.ds
    uid, taken = turn.names.uid(), list(world.all_of(Revision).values())
    owned = world.owned(ds.uid, Revision).values()
    history = history_of(ds, owned, taken, by=KEEPER, uid=uid, now=turn.now)
    for change in history.changes:
        turn.decide(change)
    if history.collisions != ((ds.manifest.get("status") or {}).get("collisionCount") or 0):
        status = {**(ds.manifest.get("status") or {}), "collisionCount": history.collisions}
        _write(turn, coverage, Reason.HASH_TAKEN, status=status)
    coverage.fresh = False


@dataclass(slots=True)
class _Orders:
    """What a pass wants of a set: nodes to fill, in order, with the reason; pods to delete; new back-offs."""

    create: dict[str, Reason] = field(default_factory=dict)
    delete: list[tuple[str, PodDeletion]] = field(default_factory=list)
    timers: Timers = field(default_factory=dict)


def _manage(turn: Turn, coverage: Coverage) -> bool:
    """Create and delete what single nodes ask for; say whether anything was asked."""
    todo, coverage.todo = coverage.todo, set()
    lacking = {node for node in todo & coverage.slots[Slot.MISSING] if lacks_pod(coverage.pairs[node])}
    orders = _Orders(create=dict.fromkeys(lacking, Reason.NO_POD), timers=coverage.ds.timers)
    surge, now = strategy_of(coverage.ds).surges, turn.now.cluster
    for node in sorted(todo - lacking):
        pair = coverage.pairs.get(node)
        if pair is not None:
            plan = manage(pair, coverage.ds, coverage.hash, coverage.backoff(node), surge=surge, now=now)
            _collect(turn, coverage, node, plan, orders)
    orders.create = {node: orders.create[node] for node in sorted(orders.create)}
    if todo:
        _tell_what_was_seen(turn, coverage, len(todo))
    if orders.timers is not coverage.ds.timers:
        _write(turn, coverage, Reason.BACKOFF, timers=orders.timers)
    _act(turn, coverage, orders)
    return bool(orders.create or orders.delete)


def _collect(turn: Turn, coverage: Coverage, node: str, plan: Plan, orders: _Orders) -> None:
    if plan.create:
        orders.create[node] = plan.create
        return  # and then there is nothing else
    orders.delete += ((node, deletion) for deletion in plan.delete)
    if plan.backoff:
        orders.timers = timers_with(orders.timers, node, plan.backoff)
        turn.world.schedule(plan.backoff.until, CONTROLLER, (coverage.ds.uid, node))
    if plan.again is not None:
        turn.world.schedule(plan.again, CONTROLLER, (coverage.ds.uid, node))


def _tell_what_was_seen(turn: Turn, coverage: Coverage, looked_at: int) -> None:
    counts = Counts(*coverage.tally[:6])
    turn.note(
        CONTROLLER,
        f"DaemonSet {coverage.ds.namespace}/{coverage.ds.name}",
        Seen.LOOKED,
        looked=looked_at,
        nodes=len(coverage.pairs),
        desired=counts.desired,
        current=counts.current,
        updated=counts.updated,
        available=counts.available,
        misscheduled=counts.misscheduled,
    )


def _act(turn: Turn, coverage: Coverage, orders: _Orders) -> None:
    """Delete and create up to the burst; what is beyond stays to be done in the next pass."""
    nodes = list(orders.create)
    coverage.todo.update(nodes[BURST:])
    coverage.todo.update(node for node, _ in orders.delete[BURST:])
    for _, deletion in orders.delete[:BURST]:
        _delete(turn, coverage, deletion)
    made, refusal = in_batches(nodes[:BURST], lambda node: _create(turn, coverage, node, orders.create[node]))
    if refusal:
        podcontrol.tell_refused(turn, coverage.ds, CONTROLLER, refusal, made)
        for node in nodes[made:]:
            coverage.todo.discard(node)
            turn.world.schedule(turn.now.cluster + podcontrol.RETRY, CONTROLLER, (coverage.ds.uid, node))


def _create(turn: Turn, coverage: Coverage, node: str, reason: Reason) -> str:
    """Create a pod for a node; return why that was refused, or ""."""
    if coverage.barred:
        return coverage.barred

    def make(name: str, uid: str) -> Manifest:
        template = coverage.pod_template
        return pod_manifest(
            coverage.ds, template, name=name, uid=uid, now=turn.now, spec=pinned(template, node)
        )

    return podcontrol.create_pod(turn, coverage.ds, make, CONTROLLER, reason)


def _delete(turn: Turn, coverage: Coverage, deletion: PodDeletion) -> None:
    if deletion.event:
        turn.tell("DaemonSet", coverage.ds.manifest, CONTROLLER, deletion.event)
    podcontrol.remove_pod(turn, coverage.ds, deletion.pod, CONTROLLER, deletion.reason)


def _orders_of(coverage: Coverage, step: Step) -> _Orders:
    delete = [(node, PodDeletion(old, why)) for node, why in step.leave if (old := coverage.pairs[node].old)]
    return _Orders(dict.fromkeys(step.surge, Reason.SURGE), delete)


def _forget(turn: Turn, coverage: Coverage) -> None:
    ds = coverage.ds
    old = [each for each in turn.world.owned(ds.uid, Revision).values() if each.hash != coverage.hash]
    surplus = len(old) - ds.history_limit
    if surplus <= 0:
        return
    live = {pod.labels.get(HASH_LABEL, "") for pods in coverage.pods.values() for pod in pods}
    free = sorted((each for each in old if each.hash not in live), key=lambda revision: revision.number)
    for change in forgotten(free, surplus, CONTROLLER):
        turn.decide(change)


def write_status(turn: Turn, coverage: Coverage) -> None:
    """Write a set's status as things stand now, if it differs."""
    refresh(turn, coverage)
    before = coverage.ds.manifest.get("status") or {}
    status = status_manifest(coverage.ds, Counts.of(coverage), before.get("collisionCount") or 0)
    if status != before:
        _write(turn, coverage, Reason.STATUS, status=status)


def _write(
    turn: Turn,
    coverage: Coverage,
    reason: Reason,
    *,
    status: dict[str, object] | None = None,
    timers: Timers | None = None,
) -> None:
    ds = coverage.ds
    manifest = ds.manifest if status is None else {**ds.manifest, "status": status}
    kept = ds.timers if timers is None else timers
    turn.decide(Change(Verb.MODIFIED, "DaemonSet", manifest, CONTROLLER, reason, kept))
