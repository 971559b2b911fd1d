"""The taint eviction controller: NoExecute taints delete pods that do not, or no longer, tolerate them."""

from __future__ import annotations

from math import inf

from controller.engine.changes import Change, Verb
from controller.engine.deletion import delete_pod
from controller.engine.matching.taints import tolerated_for, tolerations_of
from controller.engine.objects import Node, Pod
from controller.engine.reasons import Reason
from controller.engine.workloads.targets import TAINT, targeted
from controller.engine.world import Controller, Turn, Update, World


class TaintEviction(Controller):
    """Queues names of nodes: their taints changed, a pod came to their taint, or a tolerance ends."""

    name = "taint-eviction-controller"
    kinds = frozenset({Node.KIND, Pod.KIND})

    def take(self, world: World, update: Update) -> None:
        """Queue the node whose taints changed or on which a pod has to be judged."""
        before, after = update.before, update.after
        if isinstance(after, Node):
            if not isinstance(before, Node) or before.taints != after.taints:
                self.queue.add(after.name)
        elif isinstance(after, Pod) and after.bound:
            node = world.nodes.get(after.node)
            if node and not (isinstance(before, Pod) and before.bound) and _no_execute(node):
                self.queue.add(after.node)
            if "evict" in after.timers:
                world.schedule(after.timers["evict"], self.name, after.node)

    def sync(self, turn: Turn) -> None:
        """Judge the pods of every queued node."""
        world = turn.world
        for name in self.drain():
            node = world.nodes.get(name)
            if node is None:
                continue
            tainted = _no_execute(node)
            for key, pod in sorted(world.on_node.of(name).items()):
                if tainted or "evict" in pod.timers:
                    _judge(turn, node, world.pods[key])


def _no_execute(node: Node) -> bool:
    return any(taint.effect == "NoExecute" for taint in node.taints)


def _judge(turn: Turn, node: Node, pod: Pod) -> None:
    if pod.terminating:
        return
    actor = TaintEviction.name
    patience = patience_of(pod, node)
    until = pod.timers.get("evict")
    if patience == inf and until is not None:
        timers = {name: at for name, at in pod.timers.items() if name != "evict"}
        turn.decide(Change(Verb.MODIFIED, "Pod", pod.manifest, actor, Reason.TAINT_GONE, timers))
    elif patience < inf and until is None and patience > 0:
        timers = {**pod.timers, "evict": turn.now.cluster + patience}
        turn.decide(Change(Verb.MODIFIED, "Pod", pod.manifest, actor, Reason.TOLERATED_FOR_A_TIME, timers))
    elif patience <= 0 or (until is not None and until <= turn.now.cluster):
        message = f"Marking for deletion Pod {pod.namespace}/{pod.name}"
        turn.tell("Pod", pod.manifest, actor, ("Normal", "TaintManagerEviction", message))
        reason = Reason.NOT_TOLERATED
        told = targeted(pod, TAINT, turn.now)
        turn.decide(delete_pod(told, turn.now, turn.world.settings, actor=actor, reason=reason))


def patience_of(pod: Pod, node: Node) -> float:
    """Return for how many seconds the pod stands the node's NoExecute taints; infinite for always."""
    taints = [taint for taint in node.taints if taint.effect == "NoExecute"]
    if not taints:
        return inf
    tolerations = tolerations_of(pod.manifest["spec"])
    return min(_or_never(tolerated_for(taint, tolerations)) for taint in taints)


def _or_never(seconds: float | None) -> float:
    return 0.0 if seconds is None else seconds
