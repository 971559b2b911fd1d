"""The scheduler's part of a pass: bind what fits, and say of the rest why it does not."""

from __future__ import annotations

from controller.engine.cluster import kubelet, scheduler
from controller.engine.objects import Pod
from controller.engine.passes.turn import Turn

SCHEDULER = "default-scheduler"


def bind_pods(turn: Turn) -> None:
    """Try every queued pod once; one that does not fit waits until its node changes."""
    world = turn.world
    queued, world.queues.unscheduled = sorted(world.queues.unscheduled), set()
    for key in queued:
        pod = world.pods.get(key)
        if not pod or pod.bound or pod.terminating:
            continue
        node, why = scheduler.choose(pod, world.nodes, world.on_node)
        if node:
            _bind(turn, pod, node)
        else:
            world.blocked[pod.node].add(key)
            turn.tell("Pod", pod.manifest, SCHEDULER, ("Warning", "FailedScheduling", why))
            turn.say("scheduler", f"Pod {pod.namespace}/{pod.name}", why)


def _bind(turn: Turn, pod: Pod, node: str) -> None:
    turn.decide(kubelet.bind(pod, turn.world.nodes[node], turn.now, turn.world.settings))
    if any(taint.effect == "NoExecute" for taint in turn.world.nodes[node].taints):
        turn.world.queues.evictions.add(node)
    said = f"Successfully assigned {pod.namespace}/{pod.name} to {node}"
    turn.tell("Pod", pod.manifest, SCHEDULER, ("Normal", "Scheduled", said))
