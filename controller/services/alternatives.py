"""One daemon run in five ways, and what is done to it: each button of the page is one transaction.

All of it is made of requests that clients could send as well. The audit entries bear the page as a fact,
so that what follows can be told from the last press on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from controller import models
from controller.engine.alternatives import pieces
from controller.engine.alternatives.pieces import DAEMONSET, DEPLOYMENT, HERE, NAMESPACE, PAGE, WAY, Way
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete, DeleteAll, Options
from controller.engine.edits.eviction import Evict
from controller.engine.edits.nodes import AddNodes, Cordon, PatchLabels, RemoveNodes, SetPower
from controller.engine.edits.objects import Create, CreateAll, Patch, PatchType
from controller.engine.edits.staticpods import PutStaticPod
from controller.engine.edits.workloads import SetImage
from controller.engine.errors import NoReadyNode, NotFound
from controller.engine.objects import Key, Manifest
from controller.services.edits import Edit, editing
from controller.services.nodes import node_manifest
from controller.store import rows

NODES = 3
"""On how many nodes the daemon is set up: the first by name that are ready and bear no taint."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button while it is carried out."""

    edit: Edit

    @property
    def cluster(self) -> int:
        """Return the cluster that it is done to."""
        return self.edit.row.pk

    def do(self, *requests: Request, told: bool = True) -> None:
        """Carry out requests, one after the other; each of their audit entries bears the page."""
        for request in requests:
            decision = self.edit.commit(self.edit.decide(request), noted=False)
            for fact in decision.facts if told else ():
                self.edit.note(fact.action, fact.about, **fact.values, **PAGE)

    def pods(self) -> list[Manifest]:
        """Return the pods of the daemon."""
        return [one.manifest for one in rows.in_namespace(self.cluster, "Pod", NAMESPACE)]

    def machines(self) -> list[Manifest]:
        """Return the nodes on which there is something of the daemon."""
        found = (one.manifest for one in rows.all_of(self.cluster, "Node"))
        return [node for node in found if pieces.has_file(node) or pieces.script_of(node) == pieces.SCRIPT]


@contextmanager
def _pressed(cluster: int, actor: str) -> Iterator[Press]:
    with editing(cluster=cluster, actor=actor) as edit:
        yield Press(edit)


def alternatives_create(*, cluster: int, actor: str) -> None:
    """Run the daemon in all ways on the first nodes, in a namespace of its own.

    Raises AlreadyExists, NoReadyNode.
    """
    with _pressed(cluster, actor) as press:
        machines = list(_first_nodes(cluster))
        if not machines:
            raise NoReadyNode
        names = [node["metadata"]["name"] for node in machines]
        space, *rest = pieces.objects(names)
        press.do(Create(*space), CreateAll(rest), PatchLabels(names, HERE), told=False)
        press.do(*(_on_node(node, pieces.on_machine(node)) for node in machines), told=False)
        press.edit.note("alternatives_create", NAMESPACE, nodes=names, count=len(names), **PAGE)


def alternatives_delete(*, cluster: int, actor: str) -> None:
    """Remove the daemon: its namespace, and what lies on machines and their labels. Raises NotFound."""
    with _pressed(cluster, actor) as press:
        machines = press.machines()
        labelled = [one.key[2] for one in rows.all_of(cluster, "Node") if _is_labelled(one.manifest)]
        press.do(*(_on_node(node, pieces.off_machine(node)) for node in machines), told=False)
        pods = [("Pod", NAMESPACE, pod["metadata"]["name"]) for pod in press.pods()]
        by_force = DeleteAll(pods, Options(grace=0))  # so that the namespace goes at once
        space = Delete(("Namespace", "", NAMESPACE))
        press.do(PatchLabels(labelled, {}, tuple(HERE)), by_force, space, told=False)
        press.edit.note("alternatives_delete", NAMESPACE, **PAGE)


def alternatives_press(*, cluster: int, actor: str, button: str, node: str = "") -> None:
    """Carry out a button of ``BUTTONS``, about a node if it is about one. Raises NotFound, Conflict."""
    with _pressed(cluster, actor) as press:
        BUTTONS[button](press, node)


def _first_nodes(cluster: int) -> Iterator[Manifest]:
    ready = models.Node.objects.filter(cluster=cluster, ready="True", unschedulable=False).order_by("name")
    free = (row.manifest for row in ready.iterator() if not row.manifest["spec"].get("taints"))
    yield from (node for _place, node in zip(range(NODES), free, strict=False))


def _is_labelled(node: Manifest) -> bool:
    return HERE.items() <= (node["metadata"].get("labels") or {}).items()


def _on_node(node: Manifest, body: Manifest) -> Patch:
    return Patch(("Node", "", node["metadata"]["name"]), PatchType.MERGE, body)


# -- buttons ---------------------------------------------------------------------------------------


def _delete_pods(press: Press, node: str) -> None:
    press.do(DeleteAll([_key(pod) for pod in press.pods() if pod["spec"].get("nodeName") == node]))


def _drain(press: Press, node: str) -> None:
    """Cordon, and evict what kubectl drain would: neither daemon pods nor mirror pods."""
    stay = {Way.DAEMONSET.value, Way.STATIC.value}
    there = [pod for pod in press.pods() if pod["spec"].get("nodeName") == node]
    leaving = [_key(pod) for pod in there if pod["metadata"].get("labels", {}).get(WAY) not in stay]
    press.do(Cordon([node], cordoned=True), *(Evict(key, Options()) for key in leaving))


def _add(press: Press, _node: str) -> None:
    name = pieces.free_name(rows.names(press.cluster, "Node"))
    press.do(AddNodes([node_manifest(name, labels=HERE)]))


def _image(press: Press, _node: str) -> None:
    """Change the image wherever one is named: in the workloads, in each bare pod, in the machines' files."""
    standing = rows.find(press.cluster, DAEMONSET)
    if standing is None:
        raise NotFound("daemonsets", DAEMONSET[2])
    image = pieces.other_image(pieces.image_of(standing.manifest))
    press.do(*(SetImage(key, pieces.CONTAINER, image) for key in (DAEMONSET, DEPLOYMENT)))
    body = {"spec": {"containers": [{"name": pieces.CONTAINER, "image": image}]}}
    bare = [pod for pod in press.pods() if (pod["metadata"].get("labels") or {}).get(WAY) == Way.POD.value]
    press.do(*(Patch(_key(pod), PatchType.STRATEGIC, body) for pod in bare))
    filed = [node["metadata"]["name"] for node in press.machines() if pieces.has_file(node)]
    press.do(*(PutStaticPod(node, pieces.FILE, pieces.static_pod(image)) for node in filed))


def _key(pod: Manifest) -> Key:
    return ("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"])


def _each(request: Callable[[str], Request]) -> Callable[[Press, str], None]:
    return lambda press, node: press.do(request(node))


BUTTONS: dict[str, Callable[[Press, str], None]] = {
    "delete-pods": _delete_pods,
    "power-off": _each(lambda node: SetPower([node], on=False)),
    "power-on": _each(lambda node: SetPower([node], on=True)),
    "drain": _drain,
    "cordon": _each(lambda node: Cordon([node], cordoned=True)),
    "uncordon": _each(lambda node: Cordon([node], cordoned=False)),
    "label-off": _each(lambda node: PatchLabels([node], {}, tuple(HERE))),
    "label-on": _each(lambda node: PatchLabels([node], HERE)),
    "remove": _each(lambda node: RemoveNodes([node])),
    "add": _add,
    "image": _image,
}
"""What each button does; those about a node are given its name."""
