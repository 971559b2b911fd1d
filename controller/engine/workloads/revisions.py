"""Which templates a set has had: their hashes, numbers, collisions and how long they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from controller.engine.changes import Change, Verb
from controller.engine.objects import DaemonSet, Manifest, Moment, Revision
from controller.engine.reasons import Reason
from controller.engine.views import StatefulSet
from controller.engine.workloads.hashes import template_hash
from controller.engine.workloads.pods import owner_reference


def ordered(value: object) -> object:
    """Return the value with all its mappings in key order: clients compare revisions byte for byte."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


Revised = DaemonSet | StatefulSet
"""A set whose templates are kept as ControllerRevisions."""


class Writer(NamedTuple):
    """Who keeps revisions, and the label by which its revisions bear their hash."""

    actor: str
    hash_label: str


@dataclass(frozen=True, slots=True)
class History:
    """The set's revisions. ``current`` is the template's own, ``old`` the others by rising number.

    ``changes`` make it so; ``collisions`` is the new ``status.collisionCount``.
    """

    current: Revision
    old: tuple[Revision, ...]
    changes: tuple[Change, ...]
    collisions: int


def history_of(
    owner: Revised,
    owned: Iterable[Revision],
    taken: Iterable[Revision],
    *,
    by: Writer,
    uid: str,
    now: Moment,
) -> History:
    """Find, raise or make the revision of the present template.

    A return to a known template raises that revision to the highest number plus one; a further
    revision of the same template is dropped. ``taken`` are all revisions of the namespace: a name
    that another template holds is a hash collision.
    """
    by_number = sorted(owned, key=lambda revision: (revision.number, revision.name))
    same = [revision for revision in by_number if revision.template == owner.template]
    old = tuple(revision for revision in by_number if revision not in same)
    highest = old[-1].number if old else 0
    collisions = (owner.manifest.get("status") or {}).get("collisionCount") or 0
    if not same:
        collisions = _free_hash(owner, taken, collisions)
        hashed = template_hash(owner.template, collisions)
        made = _manifest(owner, hashed, highest + 1, label=by.hash_label, uid=uid, now=now)
        change = Change(Verb.ADDED, "ControllerRevision", made, by.actor, Reason.NEW_TEMPLATE)
        return History(Revision.read(made), old, (change,), collisions)
    current, changes = same[-1], [_drop(twin, by.actor, Reason.TWIN_REVISION) for twin in same[:-1]]
    if current.number <= highest:
        raised = {**current.manifest, "revision": highest + 1}
        changes.append(
            Change(Verb.MODIFIED, "ControllerRevision", raised, by.actor, Reason.RETURN_TO_TEMPLATE)
        )
        current = Revision.read(raised)
    return History(current, old, tuple(changes), collisions)


def _drop(revision: Revision, actor: str, reason: Reason) -> Change:
    return Change(Verb.DELETED, "ControllerRevision", revision.manifest, actor, reason)


def _free_hash(owner: Revised, taken: Iterable[Revision], collisions: int) -> int:
    """Count collisions up until the hash names no other revision of the namespace."""
    names = {revision.name for revision in taken if revision.namespace == owner.namespace}
    while f"{owner.name}-{template_hash(owner.template, collisions)}" in names:
        collisions += 1
    return collisions


def _manifest(
    owner: Revised, revision_hash: str, number: int, *, label: str, uid: str, now: Moment
) -> Manifest:
    meta = owner.template.get("metadata") or {}
    annotations = owner.manifest["metadata"].get("annotations")
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{owner.name}-{revision_hash}",
            "namespace": owner.namespace,
            "uid": uid,
            "creationTimestamp": now.stamp,
            "labels": {**(meta.get("labels") or {}), label: revision_hash},
            **({"annotations": annotations} if annotations else {}),
            "ownerReferences": [owner_reference(owner)],
        },
        "data": ordered({"spec": {"template": {**owner.template, "$patch": "replace"}}}),
        "revision": number,
    }


def forgotten(free: Sequence[Revision], surplus: int, actor: str) -> tuple[Change, ...]:
    """Drop the first ``surplus`` of the revisions that nobody needs, which come by rising number."""
    return tuple(_drop(revision, actor, Reason.HISTORY_LIMIT) for revision in free[: max(0, surplus)])
