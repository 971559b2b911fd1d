"""Which templates a set has had: their hashes, numbers, collisions and how long they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.engine.changes import Change, Verb
from controller.engine.daemonset.pod_factory import CONTROLLER
from controller.engine.objects import HASH_LABEL, DaemonSet, Manifest, Moment, Revision
from controller.engine.reasons import Reason
from controller.engine.workloads.hashes import template_hash
from controller.engine.workloads.pods import owner_reference


def ordered(value: object) -> object:
    """Return the value with all its mappings in key order: clients compare revisions byte for byte."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


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
    ds: DaemonSet, owned: Iterable[Revision], taken: Iterable[Revision], *, uid: str, now: Moment
) -> History:
    """Find, raise or make the revision of the present template.

    A return to a known template raises that revision to the highest number plus one; a further
    revision of the same template is dropped. ``taken`` are all revisions of the namespace: a name
    that another template holds is a hash collision.
    """
    by_number = sorted(owned, key=lambda revision: (revision.number, revision.name))
    same = [revision for revision in by_number if revision.template == ds.template]
    old = tuple(revision for revision in by_number if revision not in same)
    highest = old[-1].number if old else 0
    collisions = (ds.manifest.get("status") or {}).get("collisionCount") or 0
    if not same:
        collisions = _free_hash(ds, taken, collisions)
        made = _manifest(ds, template_hash(ds.template, collisions), highest + 1, uid=uid, now=now)
        change = Change(Verb.ADDED, "ControllerRevision", made, CONTROLLER, Reason.NEW_TEMPLATE)
        return History(Revision.read(made), old, (change,), collisions)
    current, changes = same[-1], [_drop(twin, Reason.TWIN_REVISION) for twin in same[:-1]]
    if current.number <= highest:
        raised = {**current.manifest, "revision": highest + 1}
        changes.append(
            Change(Verb.MODIFIED, "ControllerRevision", raised, CONTROLLER, Reason.RETURN_TO_TEMPLATE)
        )
        current = Revision.read(raised)
    return History(current, old, tuple(changes), collisions)


def _drop(revision: Revision, reason: Reason) -> Change:
    return Change(Verb.DELETED, "ControllerRevision", revision.manifest, CONTROLLER, reason)


def _free_hash(ds: DaemonSet, taken: Iterable[Revision], collisions: int) -> int:
    """Count collisions up until the hash names no other revision of the namespace."""
    names = {revision.name for revision in taken if revision.namespace == ds.namespace}
    while f"{ds.name}-{template_hash(ds.template, collisions)}" in names:
        collisions += 1
    return collisions


def _manifest(ds: DaemonSet, revision_hash: str, number: int, *, uid: str, now: Moment) -> Manifest:
    meta = ds.template.get("metadata") or {}
    annotations = ds.manifest["metadata"].get("annotations")
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{ds.name}-{revision_hash}",
            "namespace": ds.namespace,
            "uid": uid,
            "creationTimestamp": now.stamp,
            "labels": {**(meta.get("labels") or {}), HASH_LABEL: revision_hash},
            **({"annotations": annotations} if annotations else {}),
            "ownerReferences": [owner_reference(ds)],
        },
        "data": ordered({"spec": {"template": {**ds.template, "$patch": "replace"}}}),
        "revision": number,
    }


def forgotten(ds: DaemonSet, old: Sequence[Revision], live_hashes: set[str]) -> tuple[Change, ...]:
    """Drop the oldest revisions beyond the limit, but none whose hash a live pod bears."""
    surplus = max(0, len(old) - ds.history_limit)
    free = [revision for revision in old if revision.hash not in live_hashes]
    return tuple(_drop(revision, Reason.HISTORY_LIMIT) for revision in free[:surplus])
