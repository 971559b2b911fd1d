"""The node lifecycle controller: nodes come, go silent and come back."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from controller.engine.changes import Change, Verb
from controller.engine.cluster import nodes, podstatus
from controller.engine.cluster.podranges import MOST_RANGES, number_of, range_of
from controller.engine.controllers.kubelet import tells_all
from controller.engine.objects import Manifest, Node, Pod, View
from controller.engine.reasons import Reason
from controller.engine.world import Controller, Turn, Update, World


class NodeLifecycle(Controller):
    """Queues names of nodes: those that changed, and those whose grace period ends.

    A node of which only the taints changed is looked at a pass ``later``: whoever schedules has seen the
    change as soon as this controller, which needs a write of its own to undo it. So a pod that waits for a
    taint to go gets its place when somebody takes it away, although it comes back (recorded:
    w-node-conditions).
    """

    name = "node-lifecycle"
    kinds = frozenset({Node.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        """Those that machines have, so that no two have the same."""
        self.later: set[str] = set()
        self.gone: dict[str, Manifest] = {}
        """Nodes that were removed since the last pass, by their uids."""
        self.ranges: set[int] = set()
        """The numbers of the ranges from which nodes give addresses to pods; ``first`` may be free."""
        self.first = 0

    def is_busy(self) -> bool:
        """Whether the next pass would find something to do."""
        return bool(self.queue or self.later or self.gone)

    def take(self, world: World, update: Update) -> None:
        """Queue a node that changed."""
        before, node = update.before, update.after
        if isinstance(before, Node):
            self.addresses.discard(before.address)
            if update.replaced and before.ready:
                self.gone[before.uid] = before.manifest
        if _range(before) != _range(node):
            self._take_range(_range(before), _range(node))
        if isinstance(node, Node):
            self.addresses.add(node.address)
            (self.later if _is_tainted_by_hand(before, node) else self.queue).add(node.name)
            if "lost" in node.timers:
                world.schedule(node.timers["lost"], self.name, node.name)

    def sync(self, turn: Turn) -> None:
        """Let every queued node take its next step."""
        for name in self.drain():
            node = turn.world.nodes.get(name)
            change = nodes.step(node, turn.now, turn.world.settings) if node else None
            if node and change:
                turn.decide(self._with_range(self._at_own_address(node, change)))
                _announce(turn, node, turn.world.nodes[name])
        for manifest in self.gone.values():
            _tell_of(turn, manifest, "RemovingNode", "Removing Node {name} from Controller")
        self.gone.clear()
        self.queue |= self.later
        self.later.clear()

    def _at_own_address(self, node: Node, change: Change) -> Change:
        """Return the change with another address for a machine whose first one is another's."""
        given = Node.read(change.manifest, {}).address
        if node.address or not given or given not in self.addresses:
            return change
        address = podstatus.free_address(podstatus.host_ip_of, node.uid, self.addresses)
        return replace(change, manifest=nodes.with_address(change.manifest, address))

    def _take_range(self, before: str, after: str) -> None:
        if before:
            self.ranges.discard(number_of(before))
            self.first = min(self.first, number_of(before))
        if after:
            self.ranges.add(number_of(after))

    def _with_range(self, change: Change) -> Change:
        """Return the change with the lowest free range for a node that joins without one."""
        spec = change.manifest.get("spec") or {}
        if change.reason != Reason.KUBELET_READY or spec.get("podCIDR"):
            return change
        self.first = next(number for number in count(self.first) if number not in self.ranges)
        if self.first >= MOST_RANGES:
            return change
        given = range_of(self.first)
        manifest = {**change.manifest, "spec": {"podCIDR": given, "podCIDRs": [given], **spec}}
        return replace(change, manifest=manifest)


def _range(node: View | None) -> str:
    return (node.manifest.get("spec") or {}).get("podCIDR") or "" if isinstance(node, Node) else ""


def _is_tainted_by_hand(before: object, after: Node) -> bool:
    return (
        isinstance(before, Node)
        and before.taints != after.taints
        and before.unschedulable == after.unschedulable
        and before.timers == after.timers
        and before.manifest.get("status") == after.manifest.get("status")
    )


def _announce(turn: Turn, before: Node, after: Node) -> None:
    if not before.ready:
        _tell_of(turn, after.manifest, "RegisteredNode", "Registered Node {name} in Controller")
    for source, reason in nodes.events_of(before, after):
        message = f"Node {after.name} status is now: {reason}"
        turn.tell("Node", after.manifest, source, ("Normal", reason, message))
    if after.ready not in {before.ready, "True"}:
        for key in sorted(turn.world.on_node.of(after.name)):
            _mark_unready(turn, turn.world.pods[key])


def _tell_of(turn: Turn, node: Manifest, reason: str, said: str) -> None:
    """Tell that a node came or went, as long as there are few of them."""
    if tells_all(turn.world):
        name = node["metadata"]["name"]
        message = f"Node {name} event: {said.format(name=name)}"
        turn.tell(Node.KIND, node, nodes.NODE_CONTROLLER, ("Normal", reason, message))


def _mark_unready(turn: Turn, pod: Pod) -> None:
    if not pod.ready:
        return
    manifest = podstatus.marked_unready(pod, turn.now)
    timers = {name: at for name, at in pod.timers.items() if name != "ready"}
    reason = Reason.NODE_SILENT
    turn.decide(Change(Verb.MODIFIED, "Pod", manifest, nodes.NODE_CONTROLLER, reason, timers))
    turn.tell("Pod", manifest, nodes.NODE_CONTROLLER, ("Warning", "NodeNotReady", "Node is not ready"))
