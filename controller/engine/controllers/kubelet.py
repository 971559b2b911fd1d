"""All simulated kubelets of a cluster: each queued pod takes its next step on its own machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from controller.engine.changes import Change, Verb
from controller.engine.cluster import ephemeral, kubelet, kubeletevents, resize
from controller.engine.cluster.podranges import address_in
from controller.engine.cluster.podstatus import gets_address, with_address
from controller.engine.cluster.scheduler.demand import PENDING, Demand, Load
from controller.engine.cluster.vantage import PodVantage
from controller.engine.container.recorded import goes_on_asking
from controller.engine.container.sources import ConfigSources, sources_of
from controller.engine.objects import Key, Manifest, Moment, Node, Pod, View, condition
from controller.engine.reasons import Reason
from controller.engine.service.network import Network
from controller.engine.service.reach import Source
from controller.engine.views import EndpointSlice, Service
from controller.engine.world import Controller, Turn, Update, World

DEADLINES = frozenset({"due", "stop", ephemeral.NEXT})
"""The timers of a pod at which its kubelet has to act."""


STARTS = frozenset({Reason.SCHEDULED, Reason.CONTAINERS_STARTED})
"""The changes after which a pod may go on at once."""

NOWHERE = ("", 0)

FEW = 500
"""Up to so many machines a cluster can bear the events of all of them."""


class Kubelets(Controller):
    """Queues pods: bound ones that changed and do not rest, those whose machine changed or that are due.

    ``stopping`` are those of which it is still to be told that they are stopped, ``taken`` the places in
    the range of each node that its pods have, as bits, ``resizing`` pods that wait for room to have more,
    ``asking`` those that wait for the network to change.
    """

    name = "kubelet"
    kinds = frozenset({Node.KIND, Pod.KIND, Service.KIND, EndpointSlice.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.stopping: set[Key] = set()
        self.taken: dict[str, int] = {}
        self.resizing: set[Key] = set()
        self.asking: set[Key] = set()

    def facts(self, world: World, now: Moment) -> Mapping[Any, object]:  # noqa: ARG002 -- these know no time
        """Return which addresses of each node are taken."""
        return self.taken

    def take(self, world: World, update: Update) -> None:
        """Queue the pod that changed, or the pods of a machine that came, went silent or came back."""
        key, before, after = update
        if key[0] in {Service.KIND, EndpointSlice.KIND}:
            self.queue |= self.asking
            return
        if isinstance(after, Node):
            self._take_node(world, before, after)
            return
        self._take_pod(world, update)

    def _take_pod(self, world: World, update: Update) -> None:
        key, before, after = update
        if _place(before) != _place(after):
            self._take_place(before, after)
        if self.resizing:
            self._make_room(world, update)
        if not isinstance(after, Pod):
            self.queue.discard(key)
            self.asking.discard(key)
            return
        if _begins_to_stop(before, after) and tells_all(world):
            self.stopping.add(key)
        self.asking.discard(key)
        if not after.is_packed and goes_on_asking(after.manifest):
            self.asking.add(key)
        if after.bound and not kubelet.rests(after):
            self.queue.add(key)
            if resize.is_deferred(after):
                self.resizing.add(key)
        for timer, at in after.timers.items():
            if timer in DEADLINES and at > world.now:
                world.schedule(at, self.name, key)

    def _take_node(self, world: World, before: View | None, after: Node) -> None:
        if not isinstance(before, Node) or (before.ready, before.down) != (after.ready, after.down):
            self.queue.update(world.on_node.of(after.name))

    def _make_room(self, world: World, update: Update) -> None:
        """Queue the pods that wait for room on a node of which a pod changed."""
        self.resizing.discard(update.key)
        nodes = {view.node for view in (update.before, update.after) if isinstance(view, Pod)}
        self.queue.update(key for key in self.resizing if world.pods[key].node in nodes)

    def sync(self, turn: Turn) -> None:
        """Let every queued pod take one step, and what follows at once; the next comes in the next pass."""
        world = turn.world

        def find(kind: str, namespace: str, name: str) -> Manifest | None:
            view = world.objects.get(kind, {}).get((kind, namespace, name))
            return view.manifest if view else None

        def sources(pod: Pod) -> ConfigSources:
            return sources_of(pod.manifest, find)

        network = cache(lambda: network_in(world))

        def vantage(pod: Pod) -> PodVantage:
            return PodVantage(network(), Source.of(pod))

        self._tell_stopping(turn)
        for key in self.drain():
            pod = world.pods.get(key)
            node = world.nodes.get(pod.node) if pod and pod.bound else None
            if pod and node:
                self._step(turn, pod, node, sources, vantage)

    def _step(
        self, turn: Turn, pod: Pod, node: Node, sources: kubelet.Sources, vantage: kubelet.Networks
    ) -> None:
        now, settings = turn.now, turn.world.settings
        change = kubelet.step(pod, node, now, settings, sources, vantage) or _resized(turn, pod, node)
        if not change:
            return
        self.go_on(turn, pod, node, change)

    def go_on(self, turn: Turn, pod: Pod, node: Node, change: Change) -> None:
        """Make a change of a pod on its machine, and those that follow from it without time going by.

        So a pod that is bound, starts and is ready at once is written, and looked at by everybody, once.
        """
        changes: list[Change] = []
        readings = [pod]
        following: Change | None = change
        while following:
            following = self._addressed(readings[-1], node, following)
            changes.append(following)
            if following.verb is Verb.DELETED:
                turn.decide(*changes)
                return
            readings.append(readings[-1].later(following.manifest, following.timers))
            following = kubelet.at_once(readings[-1], turn.now) if following.reason in STARTS else None
        turn.decide(*changes, reading=readings[-1])
        for before, after in pairwise(readings):
            if before.bound:
                _announce(turn, before, after)

    def _take_place(self, before: View | None, after: View | None) -> None:
        for view, is_there in ((before, False), (after, True)):
            node, place = _place(view)
            if place:
                taken = self.taken.get(node, 0)
                self.taken[node] = taken | 1 << place if is_there else taken & ~(1 << place)
                if not self.taken[node]:
                    del self.taken[node]

    def _addressed(self, pod: Pod, node: Node, change: Change) -> Change:
        """Return the change with an address of the node's range for a pod that gets one."""
        if not gets_address(pod, change.manifest):
            return change
        place, address = address_in(node.manifest, self.taken.get(node.name, 0))
        if not place:
            return change
        timers = {**change.timers, "place": float(place)}
        manifest = with_address(change.manifest, address)
        return Change(change.verb, change.kind, manifest, change.actor, change.reason, timers)

    def _tell_stopping(self, turn: Turn) -> None:
        for key in sorted(self.stopping):
            pod = turn.world.pods.get(key)
            node = turn.world.nodes.get(pod.node) if pod else None
            if pod and node and not node.down:
                for event in kubeletevents.stopping(pod):
                    turn.tell("Pod", pod.manifest, kubelet.KUBELET, event)
        self.stopping.clear()


def _resized(turn: Turn, pod: Pod, node: Node) -> Change | None:
    """Let a kubelet look at a pod whose containers shall have other resources."""
    if pod.terminating or pod.finished or node.down:
        return None

    def used() -> Load:
        there = turn.world.on_node.of(node.name).values()
        return Load.sum(Demand.standing(one.manifest) for one in there if one is not pod and not one.finished)

    done = resize.after(pod, node, used, turn.now)
    if done is None:
        return None
    manifest, timers = done
    waits = condition(manifest, PENDING) == "True"
    reason = Reason.RESIZE_WAITS if waits else Reason.RESIZED
    return Change(Verb.MODIFIED, Pod.KIND, manifest, kubelet.KUBELET, reason, timers)


def _place(view: View | None) -> tuple[str, int]:
    """Return where in the range of which node a pod has its address, as long as its containers may run."""
    place = view.timers.get("place") if isinstance(view, Pod) else None
    if not place or not isinstance(view, Pod) or view.finished:
        return NOWHERE
    return view.node, int(place)


def network_in(world: World) -> Network:
    """Return the Services, pods and nodes of a cluster, as they stand now."""
    services, slices = world.all_of(Service), world.all_of(EndpointSlice)
    return Network(services.values(), slices.values(), world.nodes.values(), world.pods)


def tells_all(world: World) -> bool:
    """Whether kubelets tell of everything they do: as it is set, or as long as there are few of them."""
    wanted = world.settings.kubelet_events
    return len(world.nodes) <= FEW if wanted is None else wanted


def _begins_to_stop(before: View | None, after: Pod) -> bool:
    """Whether somebody deleted a pod that a kubelet has to stop."""
    return after.terminating and after.bound and isinstance(before, Pod) and not before.terminating


def _announce(turn: Turn, before: Pod, after: Pod) -> None:
    told = list(kubeletevents.troubles(before, after))
    if tells_all(turn.world):
        told += kubeletevents.progress(before, after)
    for event in told:
        turn.tell("Pod", after.manifest, kubelet.KUBELET, event)
