"""Drains nodes: evicts, within their disruption budgets, the pods of nodes that bear the annotation for it.

``kubectl drain`` asks for each eviction again until it is allowed; here the budget that changed says so.
"""

from __future__ import annotations

from dataclasses import replace

from controller.engine.changes import Change, Verb
from controller.engine.disruption.drain import (
    DRAIN_ANNOTATION,
    DRAIN_STATUS_ANNOTATION,
    LEFT_ALONE,
    DrainOptions,
    DrainStatus,
    Fate,
    fate_of,
    options_of,
)
from controller.engine.edits.decide import decide
from controller.engine.edits.deletion import Options
from controller.engine.edits.draft import Context
from controller.engine.edits.eviction import Evict
from controller.engine.edits.manifest_copies import with_annotation
from controller.engine.edits.whatif import WorldObjects
from controller.engine.errors import DisruptionRefused, ManyBudgets
from controller.engine.objects import DaemonSet, Node, Pod
from controller.engine.reasons import Reason
from controller.engine.views import DisruptionBudget
from controller.engine.world import Controller, Turn, Update, World

SEVERAL = "*"
"""What stands for the name of the budget of a pod that several hold, which the API evicts never."""


class Drains(Controller):
    """Queues names of nodes that are drained: they changed, their pods did, or any budget.

    ``draining`` are the names of all of them.
    """

    name = "drain"
    kinds = frozenset({Node.KIND, Pod.KIND, DisruptionBudget.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[str] = set()
        self.draining: set[str] = set()

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue the drained nodes that the change concerns."""
        kind, _namespace, name = update.key
        if kind == Node.KIND:
            if isinstance(update.after, Node) and options_of(update.after.manifest):
                self.draining.add(name)
                self.queue.add(name)
            else:
                self.draining.discard(name)
                self.queue.discard(name)
        elif self.draining and kind == DisruptionBudget.KIND:
            self.queue |= self.draining
        elif self.draining:
            pods = (one for one in (update.before, update.after) if isinstance(one, Pod))
            self.queue.update(pod.node for pod in pods if pod.bound and pod.node in self.draining)

    def sync(self, turn: Turn) -> None:
        """Evict what may go of the nodes that are queued, and say who is in the way."""
        for name in self.drain():
            _step(turn, turn.world.nodes[name])


def _step(turn: Turn, node: Node) -> None:
    options = DrainOptions.read(options_of(node.manifest))
    if options is None:
        said = f"Annotation {DRAIN_ANNOTATION} holds no options of a drain"
        _end(turn, node, ("Warning", "InvalidDrain", said))
        return
    if not node.unschedulable:
        _end(turn, node, ("Normal", "DrainStopped", "Node was uncordoned while it was drained"))
        return
    held, refused, stays = dict[str, str](), dict[str, str](), False
    for _key, pod in sorted(turn.world.on_node.of(node.name).items()):
        fate = fate_of(pod, options, lambda space, name: _has_set(turn.world, space, name))
        stays = stays or fate not in LEFT_ALONE
        if pod.terminating or fate in LEFT_ALONE:
            continue
        name = f"{pod.namespace}/{pod.name}"
        if fate is not Fate.GOES:
            refused[name] = fate.value
        elif budget := _evict(turn, pod, options):
            held[name] = budget
    if stays:
        _write(turn, turn.world.nodes[node.name], DrainStatus(held, refused))
    else:
        _end(turn, node, ("Normal", "Drained", "All pods that had to go are gone"))


def _has_set(world: World, namespace: str, name: str) -> bool:
    return world.find(DaemonSet.KIND, namespace, name) is not None


def _evict(turn: Turn, pod: Pod, options: DrainOptions) -> str:
    """Evict a pod; return the name of the budget that holds it, "" if it goes."""
    context = Context(turn.now, turn.names, turn.world.settings, Drains.name)
    request = Evict(pod.key, Options(grace=options.grace))
    try:
        decision = decide(WorldObjects(turn.world), request, context)
    except DisruptionRefused as refused:
        return refused.budget
    except ManyBudgets:
        return SEVERAL
    for change in decision.changes:
        turn.decide(replace(change, reason=Reason.DRAINED) if change.kind == Pod.KIND else change)
    return ""


def _write(turn: Turn, node: Node, status: DrainStatus) -> None:
    manifest = with_annotation(node.manifest, DRAIN_STATUS_ANNOTATION, status.text())
    if manifest != node.manifest:
        turn.decide(Change(Verb.MODIFIED, Node.KIND, manifest, Drains.name, Reason.DRAIN_MOVES, node.timers))


def _end(turn: Turn, node: Node, event: tuple[str, str, str]) -> None:
    bare = with_annotation(with_annotation(node.manifest, DRAIN_ANNOTATION, ""), DRAIN_STATUS_ANNOTATION, "")
    turn.decide(Change(Verb.MODIFIED, Node.KIND, bare, Drains.name, Reason.DRAIN_OVER, node.timers))
    turn.tell(Node.KIND, bare, Drains.name, event)
