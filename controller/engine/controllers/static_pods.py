"""Static pods: what a machine runs by itself, because a file of its own says so.

A kubelet runs the pods of its manifest folder whether there is a control plane or not, and shows each
as a *mirror* pod. Who deletes the mirror only makes it come back; it goes when the file goes. The folder
is an annotation of the node: JSON, a Pod by the name of its file.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.admit import admit_create
from controller.engine.changes import Change, Verb
from controller.engine.cluster.manifestfolder import HASH, mirror_of, read_folder
from controller.engine.controllers.podcontrol import classes_in
from controller.engine.deletion import delete_pod
from controller.engine.errors import Refused
from controller.engine.newpod import with_topology
from controller.engine.objects import STATIC_PODS_ANNOTATION, Key, Manifest, Node, Pod
from controller.engine.reasons import Reason
from controller.engine.world import Controller, Turn, Update, World

KUBELET = "kubelet"


class StaticPods(Controller):
    """Queues names of nodes: their folder changed, they came back, or a mirror pod of theirs went."""

    name = "static-pods"
    kinds = frozenset({Node.KIND, Pod.KIND})

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue the node that the change concerns."""
        before, after = update.before, update.after
        if isinstance(after, Node):
            was = (
                (_folder(before), before.down, before.ready) if isinstance(before, Node) else ("", False, "")
            )
            if (_folder(after), after.down, after.ready) != was:
                self.queue.add(after.name)
        elif isinstance(before, Pod) and update.replaced and owner_of(before):
            self.queue.add(owner_of(before))

    def sync(self, turn: Turn) -> None:
        """Let the queued machines run what their folder holds, and nothing else of that kind."""
        for name in self.drain():
            node = turn.world.nodes.get(name)
            if node and node.ready == "True" and not node.down:
                _sync(turn, node)


def owner_of(pod: Pod) -> str:
    """Return the name of the node whose mirror pod this is, or ""."""
    return next((ref["name"] for ref in pod.references if ref["kind"] == Node.KIND), "")


def _folder(node: Node) -> str:
    return (node.manifest["metadata"].get("annotations") or {}).get(STATIC_PODS_ANNOTATION) or ""


def _sync(turn: Turn, node: Node) -> None:
    wanted = dict(_wanted(turn, node))
    mirrors = {
        key: pod for key, pod in turn.world.on_node.of(node.name).items() if owner_of(pod) == node.name
    }
    for key, pod in sorted(mirrors.items()):
        made = wanted.pop(key, None)
        if (made is None or _hash(made) != _hash(pod.manifest)) and not pod.terminating:
            change = delete_pod(pod, turn.now, turn.world.settings, actor=KUBELET, reason=Reason.FILE_GONE)
            turn.decide(change)
    for key, made in wanted.items():
        if key not in turn.world.pods and not turn.world.is_leaving(key[1]):
            born = {"born": turn.now.cluster}
            turn.decide(Change(Verb.ADDED, Pod.KIND, made, KUBELET, Reason.STATIC_POD, born))


def _hash(manifest: Manifest) -> str:
    return str(manifest["metadata"]["annotations"].get(HASH))


def _wanted(turn: Turn, node: Node) -> Iterator[tuple[Key, Manifest]]:
    """Yield the mirror pods of a node; a file that holds none is told of in an event and passed by."""
    files = read_folder(node.manifest)
    if files is None:
        _tell(turn, node, f"Annotation {STATIC_PODS_ANNOTATION} is no JSON object of pods by file name")
        return
    for file, raw in sorted(files.items()):
        try:
            made = _mirror(turn, node, raw)
        except Refused as refused:
            _tell(turn, node, f"{file}: {refused.sentence}")
            continue
        meta = made["metadata"]
        yield (Pod.KIND, meta["namespace"], meta["name"]), made


def _tell(turn: Turn, node: Node, message: str) -> None:
    turn.tell(Node.KIND, node.manifest, KUBELET, ("Warning", "FailedStaticPod", message))


def _mirror(turn: Turn, node: Node, raw: object) -> Manifest:
    """Return the mirror of a static pod. Raises Refused for what is no pod."""
    names = turn.names
    made = admit_create(
        Pod.KIND,
        mirror_of(node.name, node.uid, raw),
        turn.now,
        names.uid(),
        names.suffix(),
        classes=lambda: classes_in(turn.world),
    )
    return with_topology(made, node.labels)
