"""All simulated kubelets of a cluster: each queued pod takes its next step on its own machine."""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.cluster import ephemeral, kubelet
from controller.engine.cluster.podstatus import CRASHED, PULL_BACKOFF, PULL_ERROR
from controller.engine.container.sources import ConfigSources, sources_of
from controller.engine.objects import Manifest, Node, Pod
from controller.engine.world import Controller, Turn, Update, World

DEADLINES = ("due", "stop", ephemeral.NEXT)
"""The timers of a pod at which its kubelet has to act."""


class Kubelets(Controller):
    """Queues pods: bound ones that changed and do not rest, those whose machine changed or that are due."""

    name = "kubelet"
    kinds = frozenset({Node.KIND, Pod.KIND})

    def take(self, world: World, update: Update) -> None:
        """Queue the pod that changed, or the pods of a machine that came, went silent or came back."""
        before, after = update.before, update.after
        if isinstance(after, Node):
            if not isinstance(before, Node) or (before.ready, before.down) != (after.ready, after.down):
                self.queue.update(world.on_node.of(after.name))
        elif isinstance(after, Pod):
            if after.bound and not kubelet.rests(after):
                self.queue.add(update.key)
            for timer in DEADLINES:
                if timer in after.timers:
                    world.schedule(after.timers[timer], self.name, update.key)
        else:
            self.queue.discard(update.key)

    def sync(self, turn: Turn) -> None:
        """Let every queued pod take one step; the next step comes in the next pass."""
        world = turn.world

        def find(kind: str, namespace: str, name: str) -> Manifest | None:
            view = world.objects.get(kind, {}).get((kind, namespace, name))
            return view.manifest if view else None

        def sources(pod: Pod) -> ConfigSources:
            return sources_of(pod.manifest, find)

        for key in self.drain():
            pod = world.pods.get(key)
            node = world.nodes.get(pod.node) if pod and pod.bound else None
            change = kubelet.step(pod, node, turn.now, world.settings, sources) if pod and node else None
            if pod and change:
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
