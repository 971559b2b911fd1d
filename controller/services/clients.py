"""What clients of the Kubernetes API write: objects with owners of their fields, dry runs, conditions.

The pages' use cases name what they do; a client sends an object or a patch and says how it wants it
written. Both end in the same edits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from controller.engine.admission.managed import APPLY, apply
from controller.engine.changes import Verb
from controller.engine.errors import BadRequest, Conflict, NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.services import objects
from controller.services.edits import Edit, editing
from controller.store.rows import Stored


@dataclass(frozen=True, slots=True)
class Wish:
    """How a client wants a write done. ``manager`` will own the fields; ``agent`` is its program."""

    actor: str
    manager: str
    agent: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Which object is meant; ``namespace`` is empty for kinds without one."""

    kind: str
    namespace: str
    name: str
    subresource: str = ""

    @property
    def about(self) -> str:
        """Return how messages for people name it."""
        return objects.about_of(self.kind, {"namespace": self.namespace, "name": self.name})


@dataclass(frozen=True, slots=True)
class Deletion:
    """How an object is deleted. ``uid`` and ``version`` are conditions; ``grace`` None is the pod's own."""

    propagation: str = "Background"
    grace: int | None = None
    uid: str = ""
    version: str = ""


def client_create(*, cluster: int, wish: Wish, kind: str, manifest: Manifest) -> Manifest:
    """Create an object and return it as it is stored. Raises Invalid, AlreadyExists, NotFound, BadRequest."""
    with _editing(cluster, wish) as edit:
        made = objects.create(edit, kind, manifest)
        meta = made["metadata"]
        standing = edit.opened.standing(kind, meta.get("namespace") or "", meta["name"])
    return _told(wish, standing.manifest)


def client_change(
    *, cluster: int, wish: Wish, named: Named, change: Callable[[Manifest], Manifest]
) -> Manifest:
    """Write what ``change`` makes of an object and return it as it is stored.

    A resourceVersion in the changed object is a condition. Raises NotFound, Conflict, Invalid,
    BadRequest, and what ``change`` raises.
    """
    with _editing(cluster, wish) as edit:
        stored = edit.opened.standing(named.kind, named.namespace, named.name)
        wanted = change(stored.manifest)
        _check_version(stored, (wanted.get("metadata") or {}).get("resourceVersion"))
        _check_uid(stored, (wanted.get("metadata") or {}).get("uid"))
        if named.subresource == "status":
            edited = edit.replace_status(stored, wanted)
        else:
            edited = edit.replace(stored, wanted, reason="edited")
        written = _as_stored(edit, named)
        if edited:
            edit.note_changes("object_replace", named.about, stored, edited, agent=wish.agent)
            _finish_deletion(edit, named)
        return _told(wish, written, stored)


def client_apply(
    *, cluster: int, wish: Wish, named: Named, wanted: Manifest, force: bool
) -> tuple[Manifest, bool]:
    """Apply a client's intent; return the object as it is stored and whether it was created.

    Raises ApplyConflict, Conflict, Invalid, BadRequest, NotFound (the namespace).
    """
    with _editing(cluster, wish) as edit:
        stored = edit.opened.find(named.kind, named.namespace, named.name)
        by = edit.manager(named.kind, APPLY, named.subresource)
        if stored is None:
            _, owners = apply(named.kind, None, wanted, by, force=force)
            edit.create(named.kind, wanted, owners=owners)
            edit.note("object_create", named.about, agent=wish.agent)
            return _told(wish, _as_stored(edit, named)), True
        _check_version(stored, wanted["metadata"].get("resourceVersion"))
        merged, owners = apply(named.kind, stored.manifest, wanted, by, force=force)
        if made := edit.replace(stored, merged, reason="applied", owners=owners):
            edit.note_changes("object_apply", named.about, stored, made, agent=wish.agent)
        return _told(wish, _as_stored(edit, named), stored), False


def client_delete(*, cluster: int, wish: Wish, named: Named, how: Deletion) -> Manifest | None:
    """Delete an object; return it as it stands if it takes time to go, else None.

    Raises NotFound, Conflict (a condition does not hold), Forbidden, BadRequest.
    """
    with _editing(cluster, wish) as edit:
        stored = edit.opened.standing(named.kind, named.namespace, named.name)
        _delete(edit, wish, stored, how)
        left = edit.opened.find(named.kind, named.namespace, named.name)
    return left.manifest if left else None


def client_delete_all(*, cluster: int, wish: Wish, chosen: Iterable[Named], how: Deletion) -> list[Manifest]:
    """Delete many objects at once; return them as they stood. One that is gone meanwhile is left out."""
    gone = []
    with _editing(cluster, wish) as edit:
        for named in chosen:
            stored = edit.opened.find(named.kind, named.namespace, named.name)
            if stored:
                _delete(edit, wish, stored, how)
                gone.append(stored.manifest)
    return gone


def client_bind(*, cluster: int, wish: Wish, named: Named, node: str) -> None:
    """Bind a pod to a node. Raises NotFound (pod or node), Conflict if it is bound already."""
    with _editing(cluster, wish) as edit:
        stored = edit.opened.standing("Pod", named.namespace, named.name)
        edit.opened.standing("Node", "", node)
        if stored.manifest["spec"].get("nodeName"):
            raise Conflict("pods", named.name, stored.manifest)
        bound = {**stored.manifest, "spec": {**stored.manifest["spec"], "nodeName": node}}
        edit.put(Verb.MODIFIED, Stored("Pod", bound, stored.timers), f"bound to {node}")
        edit.note("pod_bind", named.about, node=node, agent=wish.agent)


def _editing(cluster: int, wish: Wish) -> AbstractContextManager[Edit]:
    return editing(cluster=cluster, actor=wish.actor, manager=wish.manager, dry_run=wish.dry_run)


def _as_stored(edit: Edit, named: Named) -> Manifest:
    found = edit.opened.find(named.kind, named.namespace, named.name)
    if found is None:
        raise NotFound(KINDS[named.kind].resource, named.name)
    return found.manifest


def _told(wish: Wish, written: Manifest, before: Stored | None = None) -> Manifest:
    """Return what was written as the client is told of it: a dry run gives no new number."""
    if not wish.dry_run:
        return written
    meta = {key: value for key, value in written["metadata"].items() if key != "resourceVersion"}
    number = {"resourceVersion": before.manifest["metadata"]["resourceVersion"]} if before else {}
    return {**written, "metadata": meta | number}


def _check_version(stored: Stored, seen: str | None) -> None:
    meta = stored.manifest["metadata"]
    if seen and seen != meta["resourceVersion"]:
        raise Conflict(KINDS[stored.kind].resource, meta["name"], stored.manifest)


def _check_uid(stored: Stored, uid: str | None) -> None:
    meta = stored.manifest["metadata"]
    if uid and uid != meta["uid"]:
        raise Conflict(KINDS[stored.kind].resource, meta["name"], stored.manifest)


def _delete(edit: Edit, wish: Wish, stored: Stored, how: Deletion) -> None:
    if how.propagation not in objects.PROPAGATION:
        known = ", ".join(objects.PROPAGATION)
        raise BadRequest(f"propagationPolicy must be one of {known}, not {how.propagation!r}")
    _check_uid(stored, how.uid)
    _check_version(stored, how.version)
    if how.grace is not None and how.grace < 0:
        raise BadRequest("gracePeriodSeconds must not be negative")
    if stored.manifest["metadata"].get("finalizers") and stored.kind not in {"DaemonSet", "Pod", "Namespace"}:
        _mark_as_leaving(edit, stored)
    else:
        objects.delete(edit, stored, propagation=how.propagation, force=how.grace == 0, grace=how.grace)
    about = objects.about_of(stored.kind, stored.manifest["metadata"])
    facts = {"propagation": how.propagation, "force": how.grace == 0, "agent": wish.agent}
    edit.note("object_delete", about, **facts)


def _mark_as_leaving(edit: Edit, stored: Stored) -> None:
    """Note that an object shall go once whoever set its finalizers takes them away."""
    meta = stored.manifest["metadata"]
    if "deletionTimestamp" not in meta:
        leaving = {**meta, "deletionTimestamp": edit.moment.stamp, "deletionGracePeriodSeconds": 0}
        manifest = {**stored.manifest, "metadata": leaving}
        edit.put(Verb.MODIFIED, Stored(stored.kind, manifest, stored.timers), "is being deleted")


def _finish_deletion(edit: Edit, named: Named) -> None:
    """Remove an object that was only held by finalizers, now that the last is gone."""
    stored = edit.opened.find(named.kind, named.namespace, named.name)
    if stored is None or stored.kind in {"DaemonSet", "Pod"}:
        return
    meta = stored.manifest["metadata"]
    if meta.get("deletionTimestamp") and not meta.get("finalizers"):
        edit.put(Verb.DELETED, stored, "its last finalizer is gone")
