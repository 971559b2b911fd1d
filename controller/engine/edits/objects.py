"""Objects of any kind: create, replace, patch, apply, bind. What clients of the API send, as requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controller.engine.admission.decoding import as_go
from controller.engine.admission.field_errors import invalid
from controller.engine.admission.managed import APPLY, apply
from controller.engine.admission.patching import json_patch, merge_patch
from controller.engine.admission.strategic import strategic_merge
from controller.engine.builtin import namespace_defaults
from controller.engine.changes import Change, Verb
from controller.engine.edits.deletion import about_of
from controller.engine.edits.draft import POD_PARTS, Draft
from controller.engine.edits.reading import Found
from controller.engine.errors import (
    BadRequest,
    Conflict,
    Invalid,
    Refused,
    Several,
    Unprocessable,
    WrongTypes,
)
from controller.engine.kinds import KINDS, Kind
from controller.engine.newpod import with_topology
from controller.engine.objects import Key, Manifest
from controller.engine.reasons import Reason


@dataclass(frozen=True, slots=True)
class Create:
    """Create an object; it is the result. Raises BadRequest, Invalid, AlreadyExists, NotFound (namespace)."""

    kind: str
    manifest: Manifest

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        made = create(draft, self.kind, self.manifest)
        draft.note("object_create", about_of(made.key))
        draft.results.append(made)


@dataclass(frozen=True, slots=True)
class CreateAll:
    """Create objects in their order, or none: each may need what those before it made.

    The refusals of several come as one, Several; one comes as what it is.
    """

    objects: Sequence[tuple[str, Manifest]]

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        faults: list[Refused] = []
        for index, (kind, manifest) in enumerate(self.objects):
            try:
                Create(kind, manifest).decide(draft)
            except Refused as refused:
                refused.index = index
                faults.append(refused)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise Several(faults)


@dataclass(frozen=True, slots=True)
class Replace:
    """Put an object in the place of the one that stands; the result is what stands then.

    A resourceVersion or uid in it is a condition. ``seen`` is the version that a person saw, ``action``
    what the audit list calls it. Annotations that ``stay`` were not shown to the person: one that the
    manifest lacks is as it stands. Raises NotFound, Conflict, Invalid, BadRequest.
    """

    key: Key
    manifest: Manifest
    subresource: str = ""
    seen: str = ""
    action: str = "object_replace"
    stay: frozenset[str] = frozenset()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        draft.check_seen(found, self.manifest, self.seen)
        write(draft, found, self._whole(found.manifest), self.subresource, self.action)

    def _whole(self, standing: Manifest) -> Manifest:
        noted = standing["metadata"].get("annotations") or {}
        stay = {name: text for name, text in noted.items() if name in self.stay}
        meta = self.manifest.get("metadata")
        given = (meta.get("annotations") or {}) if isinstance(meta, dict) else None
        if not stay or not isinstance(meta, dict) or not isinstance(given, dict):
            return self.manifest
        return {**self.manifest, "metadata": {**meta, "annotations": {**stay, **given}}}


class PatchType(StrEnum):
    """The patches that are no applies, in the words of ``kubectl patch --type``."""

    JSON = "json"
    MERGE = "merge"
    STRATEGIC = "strategic"


@dataclass(frozen=True, slots=True)
class Patch:
    """Change an object by a patch; the result is what stands then.

    Raises NotFound, Conflict, Invalid, Unprocessable, BadRequest.
    """

    key: Key
    type: PatchType
    body: Any
    subresource: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        wanted = PATCHES[self.type](self.key[0], found.manifest, self.body)
        meta = wanted.get("metadata")
        name = meta.get("name") if isinstance(meta, dict) else None
        if name != self.key[2]:
            raise BadRequest(
                f"the name of the object ({name}) does not match the name on the URL ({self.key[2]})"
            )
        try:
            write(draft, found, wanted, self.subresource, "object_replace")
        except WrongTypes as wrong:
            if self.type is not PatchType.STRATEGIC:
                raise
            raise Invalid("", "", [invalid("patch", as_go(self.body), wrong.converter)]) from wrong


def _merged(_kind: str, standing: Manifest, body: object) -> Manifest:
    patched = merge_patch(standing, body)
    if not isinstance(patched, dict):
        raise Unprocessable("the patched object is no map")
    return patched


PATCHES: dict[PatchType, Callable[[str, Manifest, Any], Manifest]] = {
    PatchType.JSON: lambda _kind, standing, body: json_patch(standing, body),
    PatchType.MERGE: _merged,
    PatchType.STRATEGIC: strategic_merge,
}


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply what a client wants of an object (server-side apply); the result is what stands then.

    The one change of an object that was not there yet is ADDED. Raises ApplyConflict, Conflict,
    Invalid, BadRequest, NotFound (the namespace).
    """

    key: Key
    manifest: Manifest
    subresource: str = ""
    force: bool = False

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        kind, found = self.key[0], draft.find(*self.key)
        by = draft.manager(kind, APPLY, self.subresource)
        if found is None and not self.subresource:
            _, owners = apply(kind, None, self.manifest, by, force=self.force)
            made = create(draft, kind, self.manifest, owners=owners)
            draft.note("object_create", about_of(made.key))
            draft.results.append(made)
            return
        found = draft.standing(*self.key)
        check_conditions(found, self.manifest)
        merged, owners = apply(kind, found.manifest, self.manifest, by, force=self.force)
        if self.subresource == "status":
            written = draft.replace_status(found, merged, owners=owners)
        else:
            written = draft.replace(found, merged, Reason.APPLIED, owners=owners)
        draft.note_changes("object_apply", about_of(self.key), written)
        draft.results.append(written.after if written else found)


@dataclass(frozen=True, slots=True)
class Bind:
    """Bind a pod to a node. Raises NotFound (pod or node), Conflict if it is bound already."""

    key: Key
    node: str

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        node = draft.standing("Node", "", self.node)
        spec = found.manifest["spec"]
        if spec.get("nodeName"):
            raise Conflict("pods", self.key[2], found.manifest)
        bound = {**found.manifest, "spec": {**spec, "nodeName": self.node}}
        bound = with_topology(bound, node.manifest["metadata"].get("labels") or {})
        draft.put(Verb.MODIFIED, found, Reason.BOUND_BY_CLIENT, bound)
        draft.note("pod_bind", about_of(self.key), node=self.node)


def create(draft: Draft, kind: str, manifest: Manifest, *, owners: Sequence[Any] | None = None) -> Change:
    """Create an object, and with a namespace what Kubernetes gives it."""
    known(kind)
    made = draft.create(kind, manifest, owners=owners)
    if kind == "Namespace":
        for one in namespace_defaults(made.key[2]):
            draft.create(one["kind"], one)
    return made


def write(draft: Draft, found: Found, wanted: Manifest, subresource: str, action: str) -> None:
    """Write an object, or only its status, and tell it; what stands then is the result."""
    check_conditions(found, wanted)
    if subresource == "status":
        written = draft.replace_status(found, wanted)
    elif subresource in POD_PARTS:
        written = draft.replace_part(found, wanted, subresource)
    else:
        written = draft.replace(found, wanted, Reason.EDITED)
    draft.note_changes(action, about_of(found.key), written)
    draft.results.append(written.after if written else found)


def check_conditions(found: Found, wanted: Manifest) -> None:
    """Take a resourceVersion and a uid that a client sent as conditions. Raises Conflict."""
    meta, sent = found.manifest["metadata"], wanted.get("metadata") or {}
    for field in ("resourceVersion", "uid"):
        if isinstance(sent, dict) and sent.get(field) and sent[field] != meta.get(field):
            raise Conflict(KINDS[found.key[0]].resource, found.key[2], found.manifest)


def known(kind: str) -> Kind:
    """Return the facts of a kind. Raises BadRequest for one that is not served."""
    if kind not in KINDS:
        raise BadRequest(f'no matches for kind "{kind}"')
    return KINDS[kind]


def key_of(kind: str, meta: Manifest) -> Key:
    """Return which object metadata name; a namespace that it does not name is default."""
    namespace = (meta.get("namespace") or "default") if known(kind).namespaced else ""
    return (kind, namespace, meta.get("name") or "")
