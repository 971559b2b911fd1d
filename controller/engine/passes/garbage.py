"""The garbage collectors: pods of nodes that are gone, and dependants of owners that are gone."""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.daemonset.births import farewell
from controller.engine.daemonset.coverage import Coverage
from controller.engine.objects import Manifest, Pod, Revision
from controller.engine.passes.turn import Turn

POD_COLLECTOR = "pod-garbage-collector"
COLLECTOR = "garbage-collector"
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


def collect(turn: Turn) -> None:
    """Remove what nobody owns and what no machine runs."""
    queues = turn.world.queues
    nodes, queues.gone_nodes = sorted(queues.gone_nodes), set()
    for name in nodes:
        if name not in turn.world.nodes:
            _bury_pods_of(turn, name)
    owners, queues.owners = sorted(queues.owners), set()
    for uid in owners:
        coverage = turn.world.sets.get(uid)
        if coverage is None:
            _collect_dependants(turn, uid, "its owner is gone")
            if not turn.world.by_owner[uid]:
                del turn.world.by_owner[uid]
        elif coverage.ds.deleting:
            _finish(turn, coverage)


def _bury_pods_of(turn: Turn, node: str) -> None:
    for key in sorted(turn.world.on_node.get(node, ())):
        pod = turn.world.pods[key]
        reason = f"its node {node} is gone"
        turn.decide(Change(Verb.DELETED, "Pod", pod.manifest, POD_COLLECTOR, reason, pod.timers))


def _finish(turn: Turn, coverage: Coverage) -> None:
    """Carry out the finalizer that a deletion set: dependants first, or dependants let go."""
    uid, meta = coverage.ds.uid, coverage.ds.manifest["metadata"]
    finalizers = meta.get("finalizers") or []
    if ORPHAN in finalizers:
        _let_go(turn, uid)
        _drop_finalizer(turn, coverage, ORPHAN, "its dependants were let go")
    elif FOREGROUND in finalizers:
        _collect_dependants(turn, uid, "its owner is being deleted")
        if not _dependants(turn, uid):
            _drop_finalizer(turn, coverage, FOREGROUND, "its dependants are gone")
    elif not finalizers:
        change = Change(Verb.DELETED, "DaemonSet", coverage.ds.manifest, COLLECTOR, "nothing holds it")
        turn.decide(change)


def _drop_finalizer(turn: Turn, coverage: Coverage, name: str, reason: str) -> None:
    manifest, meta = coverage.ds.manifest, coverage.ds.manifest["metadata"]
    left = [finalizer for finalizer in meta["finalizers"] if finalizer != name]
    bare = {**manifest, "metadata": {**meta, "finalizers": left}}
    verb = Verb.MODIFIED if left else Verb.DELETED
    turn.decide(Change(verb, "DaemonSet", bare, COLLECTOR, reason, coverage.ds.timers))


def _dependants(turn: Turn, uid: str) -> list[Pod | Revision]:
    pods = [pod for on_node in turn.world.by_owner[uid].values() for pod in on_node.values()]
    return [*sorted(pods, key=lambda pod: pod.key), *turn.world.revisions_of(uid)]


def _collect_dependants(turn: Turn, uid: str, reason: str) -> None:
    for dependant in _dependants(turn, uid):
        if not _is_of_a_set(dependant.manifest, uid):
            continue
        if isinstance(dependant, Revision):
            turn.decide(Change(Verb.DELETED, "ControllerRevision", dependant.manifest, COLLECTOR, reason))
        elif not dependant.terminating:
            turn.decide(farewell(dependant, turn.now, turn.world.settings, actor=COLLECTOR, reason=reason))


def _is_of_a_set(manifest: Manifest, uid: str) -> bool:
    """Owners of kinds that are not played here cannot be missed."""
    refs = manifest["metadata"].get("ownerReferences") or ()
    return any(ref["uid"] == uid and ref["kind"] == "DaemonSet" for ref in refs)


def _let_go(turn: Turn, uid: str) -> None:
    for dependant in _dependants(turn, uid):
        meta = dependant.manifest["metadata"]
        refs = [ref for ref in meta["ownerReferences"] if ref["uid"] != uid]
        free = {key: value for key, value in meta.items() if key != "ownerReferences"}
        manifest = {**dependant.manifest, "metadata": {**free, "ownerReferences": refs} if refs else free}
        kind = "ControllerRevision" if isinstance(dependant, Revision) else "Pod"
        timers = {} if isinstance(dependant, Revision) else dependant.timers
        turn.decide(Change(Verb.MODIFIED, kind, manifest, COLLECTOR, "its owner let it go", timers))
