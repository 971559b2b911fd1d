"""The DaemonSet controller's part of a pass, set by set in the order of their names.

The order within a set is Kubernetes': history, ownership, manage, and only if that found nothing to
do the rollout; then old revisions are forgotten. Statuses are written last, from what then stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.engine.changes import Change, Verb
from controller.engine.daemonset import ownership
from controller.engine.daemonset.births import CONTROLLER, farewell, pod_manifest, pod_name
from controller.engine.daemonset.coverage import Coverage, timers_with
from controller.engine.daemonset.manage import Doomed, Plan, manage
from controller.engine.daemonset.revisions import forgotten, history_of
from controller.engine.daemonset.rollout import Step, strategy_of
from controller.engine.daemonset.slowstart import in_batches
from controller.engine.daemonset.status import Counts, status_manifest
from controller.engine.objects import HASH_LABEL, Timers
from controller.engine.passes.turn import BURST, Turn

RETRY = 10.0
"""After a refused creation the set is left alone for so many seconds of cluster time."""


def tend_sets(turn: Turn) -> None:
    """Sync every queued set."""
    world = turn.world
    queued = [world.sets[uid] for uid in world.queues.sets if uid in world.sets]
    for coverage in sorted(queued, key=lambda coverage: coverage.ds.key):
        if coverage.ds.deleting:
            coverage.todo.clear()
        else:
            sync(turn, coverage)


def sync(turn: Turn, coverage: Coverage) -> None:
    """Look at one set once."""
    _adopt(turn, coverage)
    _settle_history(turn, coverage)
    _refresh(turn, coverage)
    if not _manage(turn, coverage) and not coverage.ds.paused:
        step = strategy_of(coverage.ds).step(coverage)
        _act(turn, coverage, _orders_of(coverage, step))
    _forget(turn, coverage)


def _refresh(turn: Turn, coverage: Coverage) -> None:
    for at, node in coverage.refresh(turn.world.nodes, turn.now.cluster):
        turn.world.remind(at, "pairs", (coverage.ds.uid, node))


def _adopt(turn: Turn, coverage: Coverage) -> None:
    """Take in pods and revisions that the selector matches, and let go those it no longer does."""
    world, ds = turn.world, coverage.ds
    mine = [pod for node in coverage.todo for pod in coverage.pods.get(node, {}).values()]
    strays = [pod for pod in world.strays.values() if pod.namespace == ds.namespace]
    for change in ownership.pod_changes(ds, sorted(mine, key=lambda pod: pod.key), strays):
        turn.decide(change)
    if coverage.fresh:
        near = [r for r in world.revisions.values() if r.namespace == ds.namespace]
        for change in ownership.revision_changes(ds, near):
            turn.decide(change)


def _settle_history(turn: Turn, coverage: Coverage) -> None:
    if not coverage.fresh:
        return
    world, ds = turn.world, coverage.ds
    uid, taken = turn.names.uid(), world.revisions.values()
    history = history_of(ds, world.revisions_of(ds.uid), taken, uid=uid, now=turn.now)
    for change in history.changes:
        turn.decide(change)
    if history.collisions != ((ds.manifest.get("status") or {}).get("collisionCount") or 0):
        status = {**(ds.manifest.get("status") or {}), "collisionCount": history.collisions}
        _write(turn, coverage, "its template's hash was taken", status=status)
    coverage.fresh = False


@dataclass(slots=True)
class _Orders:
    """What a pass wants of a set: nodes to fill (with the reason), pods to delete, new back-offs."""

    create: list[tuple[str, str]] = field(default_factory=list)
    delete: list[tuple[str, Doomed]] = field(default_factory=list)
    timers: Timers = field(default_factory=dict)


def _manage(turn: Turn, coverage: Coverage) -> bool:
    """Create and delete what single nodes ask for; say whether anything was asked."""
    todo, coverage.todo = sorted(coverage.todo), set()
    orders = _Orders(timers=coverage.ds.timers)
    surge, now = strategy_of(coverage.ds).surges, turn.now.cluster
    for node in todo:
        pair = coverage.pairs.get(node)
        if pair is None:
            continue
        plan = manage(pair, coverage.ds, coverage.hash, coverage.backoff(node), surge=surge, now=now)
        _collect(turn, coverage, node, plan, orders)
    if todo:
        _tell_what_was_seen(turn, coverage, len(todo))
    if orders.timers is not coverage.ds.timers:
        _write(turn, coverage, "a failed pod puts its node into back-off", timers=orders.timers)
    _act(turn, coverage, orders)
    return bool(orders.create or orders.delete)


def _collect(turn: Turn, coverage: Coverage, node: str, plan: Plan, orders: _Orders) -> None:
    if plan.create:
        orders.create.append((node, plan.create))
    orders.delete += ((node, doomed) for doomed in plan.doomed)
    if plan.backoff:
        orders.timers = timers_with(orders.timers, node, plan.backoff)
        turn.world.remind(plan.backoff.until, "pairs", (coverage.ds.uid, node))
    if plan.again is not None:
        turn.world.remind(plan.again, "pairs", (coverage.ds.uid, node))


def _tell_what_was_seen(turn: Turn, coverage: Coverage, looked_at: int) -> None:
    counts = Counts(*coverage.tally[:6])
    text = (
        f"looked at {looked_at} of {len(coverage.pairs)} nodes: {counts.desired} should run, "
        f"{counts.current} do, {counts.updated} up to date, {counts.available} available, "
        f"{counts.misscheduled} misscheduled"
    )
    turn.say(CONTROLLER, f"DaemonSet {coverage.ds.namespace}/{coverage.ds.name}", text)


def _act(turn: Turn, coverage: Coverage, orders: _Orders) -> None:
    """Delete and create up to the burst; what is beyond stays to be done in the next pass."""
    coverage.todo.update(node for node, _ in orders.create[BURST:])
    coverage.todo.update(node for node, _ in orders.delete[BURST:])
    for _, doomed in orders.delete[:BURST]:
        _delete(turn, coverage, doomed)
    made, refusal = in_batches(orders.create[:BURST], lambda order: _create(turn, coverage, *order))
    if refusal:
        ds = coverage.ds
        turn.tell("DaemonSet", ds.manifest, CONTROLLER, ("Warning", "FailedCreate", refusal))
        turn.say(CONTROLLER, f"DaemonSet {ds.namespace}/{ds.name}", f"{made} created, then: {refusal}")
        for node, _ in orders.create[made:]:
            coverage.todo.discard(node)
            turn.world.remind(turn.now.cluster + RETRY, "pairs", (ds.uid, node))


def _create(turn: Turn, coverage: Coverage, node: str, reason: str) -> str:
    """Create a pod for a node; return why that was refused, or ""."""
    ds, world = coverage.ds, turn.world
    account = ds.template["spec"].get("serviceAccountName") or "default"
    if (ds.namespace, account) not in world.accounts:
        return (
            f'Error creating: pods "{ds.name}-" is forbidden: error looking up service account '
            f'{ds.namespace}/{account}: serviceaccount "{account}" not found'
        )
    suffix, uid = _free_suffix(turn, ds.namespace, ds.name), turn.names.uid()
    manifest = pod_manifest(ds, coverage.hash, node, suffix=suffix, uid=uid, now=turn.now)
    born = {"born": turn.now.cluster}
    turn.decide(Change(Verb.ADDED, "Pod", manifest, CONTROLLER, reason, born))
    said = f"Created pod: {manifest['metadata']['name']}"
    turn.tell("DaemonSet", ds.manifest, CONTROLLER, ("Normal", "SuccessfulCreate", said))
    return ""


def _free_suffix(turn: Turn, namespace: str, name: str) -> str:
    while True:
        suffix = turn.names.suffix()
        if ("Pod", namespace, pod_name(name, suffix)) not in turn.world.pods:
            return suffix


def _delete(turn: Turn, coverage: Coverage, doomed: Doomed) -> None:
    ds = coverage.ds
    if doomed.event:
        turn.tell("DaemonSet", ds.manifest, CONTROLLER, doomed.event)
    turn.decide(farewell(doomed.pod, turn.now, turn.world.settings, actor=CONTROLLER, reason=doomed.reason))
    said = f"Deleted pod: {doomed.pod.name}"
    turn.tell("DaemonSet", ds.manifest, CONTROLLER, ("Normal", "SuccessfulDelete", said))


def _orders_of(coverage: Coverage, step: Step) -> _Orders:
    delete = [
        (node, Doomed(old, f"replaced by the rollout: {why}"))
        for node, why in step.leave
        if (old := coverage.pairs[node].old)
    ]
    create = [(node, "the rollout adds a new pod beside the old one") for node in step.surge]
    return _Orders(create, delete)


def _forget(turn: Turn, coverage: Coverage) -> None:
    ds = coverage.ds
    old = [r for r in turn.world.revisions_of(ds.uid) if r.hash != coverage.hash]
    if len(old) <= ds.history_limit:
        return
    live = {pod.labels.get(HASH_LABEL, "") for pods in coverage.pods.values() for pod in pods.values()}
    for change in forgotten(ds, sorted(old, key=lambda revision: revision.number), live):
        turn.decide(change)


def report(turn: Turn) -> None:
    """Write the status of every set that was looked at, where it differs from what stands."""
    world = turn.world
    queued = [world.sets[uid] for uid in world.queues.sets if uid in world.sets]
    for coverage in sorted(queued, key=lambda coverage: coverage.ds.key):
        if not coverage.ds.deleting:
            _refresh(turn, coverage)
            _report_one(turn, coverage)
    world.queues.sets = {uid for uid in world.queues.sets if uid in world.sets and _more(world.sets[uid])}


def _more(coverage: Coverage) -> bool:
    return not coverage.ds.deleting and bool(coverage.todo or coverage.fresh)


def _report_one(turn: Turn, coverage: Coverage) -> None:
    before = coverage.ds.manifest.get("status") or {}
    status = status_manifest(coverage.ds, Counts.of(coverage), before.get("collisionCount") or 0)
    if status != before:
        _write(turn, coverage, "its numbers changed", status=status)


def _write(
    turn: Turn,
    coverage: Coverage,
    reason: str,
    *,
    status: dict[str, object] | None = None,
    timers: Timers | None = None,
) -> None:
    ds = coverage.ds
    manifest = ds.manifest if status is None else {**ds.manifest, "status": status}
    kept = ds.timers if timers is None else timers
    turn.decide(Change(Verb.MODIFIED, "DaemonSet", manifest, CONTROLLER, reason, kept))
