"""How a controller makes and deletes its pods in a pass, and tells of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from controller.engine import newpod
from controller.engine.changes import Change, Verb
from controller.engine.controllers.resourcequota import quotas_of
from controller.engine.deletion import delete_pod
from controller.engine.errors import Forbidden
from controller.engine.kinds import KINDS
from controller.engine.namespaces import NamespaceTerminating
from controller.engine.objects import Manifest, Pod, View
from controller.engine.quota.charging import QUOTA, Quota, charges
from controller.engine.quota.limits import LIMIT_RANGE, Ranges, refuse, with_limits
from controller.engine.reasons import Reason, Seen
from controller.engine.workloads.pods import generated_name
from controller.engine.world import Turn, World

T = TypeVar("T")
ACCOUNT = "ServiceAccount"

ALLOWANCES = frozenset({QUOTA, LIMIT_RANGE})
"""The kinds that say what a namespace allows."""
NOT_CREATED = "Error creating: "
"""What a controller's event says before the sentence of the API server."""

RETRY = 10.0
"""After a refused creation a workload is left alone for so many seconds of cluster time."""


def create_pod(  # noqa: PLR0917 -- all of it is needed
    turn: Turn, owner: View, make: Callable[[str, str], Manifest], actor: str, reason: Reason, base: str = ""
) -> str:
    """Create the pod that ``make`` gives for a free name and a uid; return why that was refused, or "".

    ``base`` begins the name, if that of the owner does not. In a namespace that goes nothing is made, and
    nobody is told: the owner will follow.
    """
    kind, namespace, name = owner.key
    if turn.world.is_leaving(namespace):
        return ""
    manifest = make(free_name(turn, namespace, base or name), turn.names.uid())
    try:
        manifest = admitted(turn, Pod.KIND, placed(prioritized(manifest, turn.world), turn.world))
    except Forbidden as refused:
        return f"{NOT_CREATED}{refused}"
    turn.decide(Change(Verb.ADDED, "Pod", manifest, actor, reason, {"born": turn.now.cluster}))
    said = f"Created pod: {manifest['metadata']['name']}"
    turn.tell(kind, owner.manifest, actor, ("Normal", "SuccessfulCreate", said))
    return ""


def admitted(turn: Turn, kind: str, manifest: Manifest) -> Manifest:
    """Return what a controller creates as the limits of its namespace make it.

    Raises Forbidden if it is not within them, if a quota has no room for it, or if the namespace goes.
    """
    namespace = manifest["metadata"]["namespace"]
    if turn.world.is_leaving(namespace):
        raise NamespaceTerminating(KINDS[kind].resource, manifest["metadata"]["name"], namespace)
    ranges = ranges_in(turn.world, namespace)
    if ranges:
        manifest = with_limits(manifest, ranges) if kind == Pod.KIND else manifest
        refuse(kind, manifest, ranges)
    quotas = quotas_of(turn.world, namespace)
    if quotas:
        charges(quotas, kind, manifest)
    return manifest


def ranges_in(world: World, namespace: str) -> Ranges:
    """Return the LimitRanges of a namespace, by their names."""
    return _in_namespace(world, LIMIT_RANGE, namespace, lambda manifest: manifest)


def told_quotas_in(world: World, namespace: str) -> Sequence[Quota]:
    """Return the quotas of a namespace as their statuses tell, by their names."""
    return _in_namespace(world, QUOTA, namespace, Quota.read)


def _in_namespace(world: World, kind: str, namespace: str, read: Callable[[Manifest], T]) -> Sequence[T]:
    """Return the objects of a kind in a namespace as ``read`` has them: once, until one of them changes."""
    known: dict[str, list[T]] | None = world.memo.get(kind)
    if known is None:
        known = world.memo[kind] = {}
        for key, one in sorted(world.objects.of(kind).items()):
            known.setdefault(key[1], []).append(read(one.manifest))
    return known.get(namespace, ())


def free_name(turn: Turn, namespace: str, base: str) -> str:
    """Return a generated name that no pod of the namespace has."""
    while True:
        name = generated_name(base, turn.names.suffix())
        if ("Pod", namespace, name) not in turn.world.pods:
            return name


def remove_pod(turn: Turn, owner: View, pod: Pod, actor: str, reason: Reason) -> None:
    """Delete a pod of a workload."""
    turn.decide(delete_pod(pod, turn.now, turn.world.settings, actor=actor, reason=reason))
    said = f"Deleted pod: {pod.name}"
    turn.tell(owner.key[0], owner.manifest, actor, ("Normal", "SuccessfulDelete", said))


def tell_refused(turn: Turn, owner: View, actor: str, refusal: str, made: int) -> None:
    """Tell that the API server refused a pod, and how many it had let in before."""
    kind, namespace, name = owner.key
    turn.tell(kind, owner.manifest, actor, ("Warning", "FailedCreate", refusal))
    turn.note(actor, f"{kind} {namespace}/{name}", Seen.REFUSED, created=made, message=refusal)


def classes_in(world: World) -> newpod.Classes:
    """Return the PriorityClasses of a cluster."""
    known: newpod.Classes | None = world.memo.get(newpod.PRIORITY_CLASS)
    if known is None:
        standing = world.objects.of(newpod.PRIORITY_CLASS).values()
        known = world.memo[newpod.PRIORITY_CLASS] = newpod.classes_of(one.manifest for one in standing)
    return known


def prioritized(pod: Manifest, world: World) -> Manifest:
    """Return a new pod with the priority of its class."""
    spec = newpod.prioritized(pod["spec"], classes_in(world))
    return pod if spec is pod["spec"] else {**pod, "spec": spec}


def placed(pod: Manifest, world: World) -> Manifest:
    """Return a new pod with where its node is, if it names one."""
    node = world.nodes.get(pod["spec"].get("nodeName") or "")
    return newpod.with_topology(pod, node.labels) if node else pod


def is_account_known(turn: Turn, namespace: str, account: str) -> bool:
    """Whether the ServiceAccount as which pods are to run is there."""
    return turn.world.find(ACCOUNT, namespace, account) is not None
