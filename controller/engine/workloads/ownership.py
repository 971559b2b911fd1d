"""Which objects a controller takes in, and which it lets go, by its selector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from controller.engine.changes import Change, Verb
from controller.engine.matching.labels import matches
from controller.engine.objects import Key, Manifest, Timers, View
from controller.engine.reasons import Reason
from controller.engine.workloads.pods import owner_reference


class Labelled(Protocol):
    """An object that a selector can choose: a pod, a revision, a ReplicaSet."""

    @property
    def key(self) -> Key:
        """Return its kind, namespace and name."""

    @property
    def manifest(self) -> Manifest:
        """Return it as it stands."""

    @property
    def timers(self) -> Timers:
        """Return its deadlines."""

    @property
    def labels(self) -> dict[str, str]:
        """Return its labels."""


def claim(
    owner: View, selector: Manifest, mine: Iterable[Labelled], orphans: Iterable[Labelled], *, actor: str
) -> list[Change]:
    """Release mine whose labels no longer match, and adopt orphans whose labels do.

    Neither list may hold what is being deleted, if that is to be left alone.
    """
    let_go = sorted((one for one in mine if not matches(selector, one.labels)), key=lambda one: one.key)
    taken = (one for one in orphans if matches(selector, one.labels))
    return [
        *(_changed(one, without_owner(one.manifest, owner.uid), actor, Reason.RELEASED) for one in let_go),
        *(_changed(one, with_owner(one.manifest, owner), actor, Reason.ADOPTED) for one in taken),
    ]


def _changed(one: Labelled, manifest: Manifest, actor: str, reason: Reason) -> Change:
    return Change(Verb.MODIFIED, one.key[0], manifest, actor, reason, one.timers)


def with_owner(manifest: Manifest, owner: View) -> Manifest:
    """Return an object with one more owner, its controller."""
    meta = manifest["metadata"]
    refs = [*(meta.get("ownerReferences") or ()), owner_reference(owner)]
    return {**manifest, "metadata": {**meta, "ownerReferences": refs}}


def without_owner(manifest: Manifest, uid: str) -> Manifest:
    """Return an object that the owner of that uid has let go."""
    meta = manifest["metadata"]
    refs = [ref for ref in meta["ownerReferences"] if ref["uid"] != uid]
    free = {key: value for key, value in meta.items() if key != "ownerReferences"}
    return {**manifest, "metadata": {**free, "ownerReferences": refs} if refs else free}
