"""Edits of the manifest folder of a machine: put a static pod into a file of it, or remove the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.engine.admission.field_errors import invalid, required
from controller.engine.cluster.manifestfolder import folder_text, mirror_of, read_folder
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import with_annotation
from controller.engine.edits.nodes import node_key
from controller.engine.errors import Invalid, NotFound
from controller.engine.objects import STATIC_PODS_ANNOTATION, Manifest, Pod
from controller.engine.reasons import Reason

Files = dict[str, Any]
FOLDER = f"metadata.annotations[{STATIC_PODS_ANNOTATION}]"


@dataclass(frozen=True, slots=True)
class PutStaticPod:
    """Put a pod into a file of a machine's folder; what was in the file goes.

    Raises NotFound (the node, a namespace), Conflict, Invalid (the pod, or a folder that cannot be read).
    """

    node: str
    file: str
    pod: Manifest
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        self._check(draft)
        written = draft.change(
            node_key(self.node),
            lambda node: _with_files(node, lambda files: {**files, self.file: self.pod}),
            Reason.FOLDER_CHANGED,
            self.seen,
        )
        if written:
            draft.note("static_pod_put", self.node, file=self.file)

    def _check(self, draft: Draft) -> None:
        """Raise what the machine would only tell of in an event."""
        if not self.pod["metadata"].get("name"):
            raise Invalid(Pod.KIND, "", [required("metadata.name")])
        node = draft.standing(*node_key(self.node)).manifest
        draft.check(Pod.KIND, mirror_of(self.node, node["metadata"]["uid"], self.pod))


@dataclass(frozen=True, slots=True)
class RemoveStaticPod:
    """Remove a file from a machine's folder: its pod goes. Raises NotFound, Conflict, Invalid (as above)."""

    node: str
    file: str
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def removed(files: Files) -> Files:
            if self.file not in files:
                raise NotFound("files", self.file)
            return {name: pod for name, pod in files.items() if name != self.file}

        draft.change(
            node_key(self.node), lambda node: _with_files(node, removed), Reason.FOLDER_CHANGED, self.seen
        )
        draft.note("static_pod_remove", self.node, file=self.file)


def _with_files(node: Manifest, edit: Callable[[Files], Files]) -> Manifest:
    files = read_folder(node)
    if files is None:
        text = node["metadata"]["annotations"][STATIC_PODS_ANNOTATION]
        fault = invalid(FOLDER, text, "must be a JSON object of pods by the names of their files")
        raise Invalid("Node", node["metadata"]["name"], [fault])
    return with_annotation(node, STATIC_PODS_ANNOTATION, folder_text(edit(files)))
