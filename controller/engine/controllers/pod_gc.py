"""The pod garbage collector: pods that are bound to a node that is not there."""

from __future__ import annotations

from dataclasses import replace

from controller.engine.cluster.podstatus import Stage, stage_of
from controller.engine.deletion import delete_object, is_being_deleted
from controller.engine.objects import Moment, Node, Pod
from controller.engine.reasons import Reason
from controller.engine.workloads.targets import NODE_GONE, targeted
from controller.engine.world import Controller, Turn, Update, World

PATIENCE = 60.0
"""Seconds for which a pod that no kubelet has seen waits for its node: Kubernetes' 40, and its next look."""


class PodGarbageCollector(Controller):
    """Queues names of nodes that are gone, or that never were, and whether they were waited for."""

    name = "pod-garbage-collector"
    kinds = frozenset({Node.KIND, Pod.KIND})

    def take(self, world: World, update: Update) -> None:
        """Queue a node that goes, and one that a pod names and that is not there."""
        if update.key[0] == Node.KIND:
            if update.after is None:
                self.queue.add((update.key[2], False))
        elif isinstance(update.after, Pod) and update.after.bound and update.after.node not in world.nodes:
            self.queue.add((update.after.node, False))

    def sync(self, turn: Turn) -> None:
        """Delete the pods of the queued nodes, unless these are back."""
        for name, waited in self.drain():
            if name not in turn.world.nodes:
                self._delete_pods_of(turn, name, waited=waited)

    def _delete_pods_of(self, turn: Turn, node: str, *, waited: bool) -> None:
        for key in sorted(turn.world.on_node.of(node)):
            pod = turn.world.pods[key]
            held = pod.manifest["metadata"].get("finalizers")
            if not waited and stage_of(pod) is Stage.UNSEEN and not pod.terminating:
                turn.world.schedule(turn.now.cluster + PATIENCE, self.name, (node, True))
            elif not held or not is_being_deleted(pod) or not pod.finished:
                over = _failed(pod, turn.now) if held else pod
                turn.decide(delete_object(over, turn.now, actor=self.name, reason=Reason.NODE_GONE))


def _failed(pod: Pod, now: Moment) -> Pod:
    """Return a pod that something holds as one that has failed: no kubelet will ever say how it ended."""
    if pod.finished:
        return pod
    told = targeted(pod, NODE_GONE, now)
    return replace(told, held={**told.manifest, "status": {**told.manifest["status"], "phase": "Failed"}})
