"""The node lifecycle controller: nodes come, go silent and come back; NoExecute taints send away."""

from __future__ import annotations

from math import inf

from controller.engine.changes import Change, Verb
from controller.engine.cluster import nodes, podstatus
from controller.engine.daemonset.births import farewell
from controller.engine.matching.taints import tolerated_for
from controller.engine.objects import Node, Pod, Toleration
from controller.engine.passes.turn import Turn

EVICTION = "taint-eviction-controller"


def tend_nodes(turn: Turn) -> None:
    """Let every queued node take its next step."""
    world = turn.world
    queued, world.queues.nodes = sorted(world.queues.nodes), set()
    for name in queued:
        node = world.nodes.get(name)
        change = nodes.step(node, turn.now, world.settings) if node else None
        if node and change:
            turn.decide(change)
            _announce(turn, node, world.nodes[name])


def _announce(turn: Turn, before: Node, after: Node) -> None:
    for source, reason in nodes.events_of(before, after):
        said = f"Node {after.name} status is now: {reason}"
        turn.tell("Node", after.manifest, source, ("Normal", reason, said))
    if after.ready not in {before.ready, "True"}:
        for key in sorted(turn.world.on_node.get(after.name, ())):
            _mark_unready(turn, turn.world.pods[key])


def _mark_unready(turn: Turn, pod: Pod) -> None:
    if not pod.ready:
        return
    manifest = podstatus.with_ready(pod, turn.now, ready=False)
    reason = "its node does not answer"
    turn.decide(Change(Verb.MODIFIED, "Pod", manifest, nodes.NODE_CONTROLLER, reason, _unready(pod)))
    turn.tell("Pod", manifest, nodes.NODE_CONTROLLER, ("Warning", "NodeNotReady", "Node is not ready"))


def _unready(pod: Pod) -> dict[str, float]:
    return {name: at for name, at in pod.timers.items() if name != "ready"}


def evict(turn: Turn) -> None:
    """Send away the pods that do not tolerate a NoExecute taint of their node, or no longer do."""
    world = turn.world
    queued, world.queues.evictions = sorted(world.queues.evictions), set()
    for name in queued:
        node = world.nodes.get(name)
        for key in sorted(world.on_node.get(name, ())) if node else ():
            _judge(turn, node, world.pods[key])


def _judge(turn: Turn, node: Node | None, pod: Pod) -> None:
    if node is None or pod.terminating:
        return
    patience = patience_of(pod, node)
    until = pod.timers.get("evict")
    if patience == inf and until is not None:
        timers = {name: at for name, at in pod.timers.items() if name != "evict"}
        turn.decide(Change(Verb.MODIFIED, "Pod", pod.manifest, EVICTION, "the taint is gone", timers))
    elif patience < inf and until is None and patience > 0:
        timers = {**pod.timers, "evict": turn.now.cluster + patience}
        turn.decide(Change(Verb.MODIFIED, "Pod", pod.manifest, EVICTION, "tolerated for a time", timers))
    elif patience <= 0 or (until is not None and until <= turn.now.cluster):
        said = f"Marking for deletion Pod {pod.namespace}/{pod.name}"
        turn.tell("Pod", pod.manifest, EVICTION, ("Normal", "TaintManagerEviction", said))
        reason = f"it does not tolerate a NoExecute taint of {node.name}"
        turn.decide(farewell(pod, turn.now, turn.world.settings, actor=EVICTION, reason=reason))


def patience_of(pod: Pod, node: Node) -> float:
    """Return for how many seconds the pod stands the node's NoExecute taints; infinite for always."""
    taints = [taint for taint in node.taints if taint.effect == "NoExecute"]
    if not taints:
        return inf
    tolerations = tuple(Toleration.read(raw) for raw in pod.manifest["spec"].get("tolerations") or ())
    return min(_or_never(tolerated_for(taint, tolerations)) for taint in taints)


def _or_never(seconds: float | None) -> float:
    return 0.0 if seconds is None else seconds
