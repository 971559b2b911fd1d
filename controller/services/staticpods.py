"""Static pods: what people put into the manifest folders of machines, and remove from them."""

from __future__ import annotations

from controller import manifests
from controller.engine.edits.staticpods import PutStaticPod, RemoveStaticPod
from controller.engine.errors import OtherObject
from controller.engine.objects import Pod
from controller.services.edits import submit


def static_pod_put(
    *, cluster: int, actor: str, node: str, file: str, text: str, seen: str | None = None
) -> None:
    """Put the pod of a YAML text into a file of a node's machine.

    ``seen``: the resourceVersion of the node that the form was made from. Raises BadRequest unless the text
    holds one Pod and nothing else; NotFound, Conflict, Invalid.
    """
    documents = manifests.read_documents(text)
    if len(documents) != 1 or documents[0].kind != Pod.KIND:
        raise OtherObject(Pod.KIND, len(documents))
    submit(PutStaticPod(node, file, documents[0].manifest, seen or ""), cluster=cluster, actor=actor)


def static_pod_remove(*, cluster: int, actor: str, node: str, file: str, seen: str | None = None) -> None:
    """Remove a file from the folder of a node's machine. Raises NotFound, Conflict, Invalid."""
    submit(RemoveStaticPod(node, file, seen or ""), cluster=cluster, actor=actor)
