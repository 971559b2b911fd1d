"""All simulated kubelets of a cluster: each queued pod takes its next step on its own machine."""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.cluster import kubelet
from controller.engine.cluster.podstatus import CRASHED, PULL_BACKOFF, PULL_ERROR
from controller.engine.objects import Pod
from controller.engine.passes.turn import Turn


def tend_pods(turn: Turn) -> None:
    """Let every queued pod take one step; the next step comes in the next pass."""
    world = turn.world
    queued, world.queues.pods = sorted(world.queues.pods), set()
    for key in queued:
        pod = world.pods.get(key)
        node = world.nodes.get(pod.node) if pod and pod.bound else None
        if not pod or not node:
            continue
        if "evict" in pod.timers and pod.timers["evict"] <= turn.now.cluster:
            world.queues.evictions.add(node.name)
        change = kubelet.step(pod, node, turn.now, world.settings)
        if change:
            turn.decide(change)
            _announce(turn, pod, change)


def _announce(turn: Turn, before: Pod, change: Change) -> None:
    if change.verb is Verb.DELETED:
        return
    after = turn.world.pods[before.key]
    image = after.manifest["spec"]["containers"][0]["image"]
    if after.waiting == before.waiting and after.phase == before.phase:
        return
    event = {
        PULL_ERROR: ("Warning", "Failed", f'Failed to pull image "{image}": not found'),
        PULL_BACKOFF: ("Normal", "BackOff", f'Back-off pulling image "{image}"'),
        CRASHED: ("Warning", "BackOff", f"Back-off restarting failed container in pod {after.name}"),
    }.get(after.waiting)
    if event:
        turn.tell("Pod", after.manifest, kubelet.KUBELET, event)
