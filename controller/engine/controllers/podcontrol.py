"""How a controller makes and deletes its pods in a pass, and tells of it."""

from __future__ import annotations

from collections.abc import Callable

from controller.engine import newpod
from controller.engine.changes import Change, Verb
from controller.engine.deletion import delete_pod
from controller.engine.objects import Manifest, Pod, View
from controller.engine.reasons import Reason, Seen
from controller.engine.workloads.pods import generated_name
from controller.engine.world import Turn, World

ACCOUNT = "ServiceAccount"

RETRY = 10.0
"""After a refused creation a workload is left alone for so many seconds of cluster time."""


def create_pod(  # noqa: PLR0917 -- all of it is needed
    turn: Turn, owner: View, make: Callable[[str, str], Manifest], actor: str, reason: Reason, base: str = ""
) -> None:
    """Create the pod that ``make`` gives for a free name and a uid.

    ``base`` begins the name, if that of the owner does not.
    """
    kind, namespace, name = owner.key
    manifest = make(free_name(turn, namespace, base or name), turn.names.uid())
    manifest = prioritized(manifest, turn.world)
    turn.decide(Change(Verb.ADDED, "Pod", manifest, actor, reason, {"born": turn.now.cluster}))
    said = f"Created pod: {manifest['metadata']['name']}"
    turn.tell(kind, owner.manifest, actor, ("Normal", "SuccessfulCreate", said))


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


def is_account_known(turn: Turn, namespace: str, account: str) -> bool:
    """Whether the ServiceAccount as which pods are to run is there."""
    return turn.world.find(ACCOUNT, namespace, account) is not None
