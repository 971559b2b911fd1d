"""Objects of any kind: create, replace, delete, and everything that a pasted text holds."""

from __future__ import annotations

from dataclasses import dataclass

from controller import manifests
from controller.engine.changes import Verb
from controller.engine.deletion import delete_pod
from controller.engine.errors import BadRequest, Forbidden, Refused
from controller.engine.kinds import KINDS, Kind
from controller.engine.objects import Manifest, Pod
from controller.services.edits import Edit, editing
from controller.store import rows
from controller.store.rows import Stored
from controller.store.worlds import settings_of

PROPAGATION = {"Background": "", "Foreground": "foregroundDeletion", "Orphan": "orphan"}
"""The finalizer that each propagation policy of a deletion sets."""

BORN_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
"""The namespaces that every cluster is born with, and that cannot be deleted."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one object."""

    verb: str
    kind: str
    namespace: str
    name: str


def object_create(*, cluster: int, actor: str, kind: str, manifest: Manifest) -> Manifest:
    """Create an object and return it as it was admitted.

    Raises Invalid, AlreadyExists, NotFound (its namespace), BadRequest (an unknown kind).
    """
    with editing(cluster=cluster, actor=actor) as edit:
        return create(edit, kind, manifest)


def object_replace(
    *, cluster: int, actor: str, kind: str, manifest: Manifest, seen: str | None = None
) -> Manifest:
    """Write an object anew; its status stays. ``seen``: the resourceVersion it was made from.

    Without ``seen`` that of the manifest counts, if it has one. Raises NotFound, Conflict, Invalid.
    """
    meta = manifest.get("metadata") or {}
    namespace = namespace_in(_known(kind), meta)
    if not meta.get("name"):
        raise BadRequest("metadata.name: Required value: it says which object is meant")
    with editing(cluster=cluster, actor=actor) as edit:
        based_on = seen or meta.get("resourceVersion")
        stored = edit.opened.standing(kind, namespace, meta["name"], seen=based_on)
        if made := edit.replace(stored, manifest, reason="edited"):
            edit.note_changes("object_replace", about_of(kind, meta), stored, made)
        return edit.opened.standing(kind, namespace, meta["name"]).manifest


def object_delete(
    *,
    cluster: int,
    actor: str,
    kind: str,
    namespace: str,
    name: str,
    propagation: str = "Background",
    force: bool = False,
) -> None:
    """Delete an object. ``propagation`` says what becomes of the pods of a DaemonSet.

    A running pod is stopped within its grace period unless ``force``. Raises NotFound, Forbidden (a
    namespace of the system), BadRequest (an unknown kind or propagation).
    """
    if propagation not in PROPAGATION:
        raise BadRequest(f"propagationPolicy must be one of {', '.join(PROPAGATION)}, not {propagation!r}")
    with editing(cluster=cluster, actor=actor) as edit:
        place = namespace if _known(kind).namespaced else ""
        stored = edit.opened.standing(kind, place, name)
        delete(edit, stored, propagation=propagation, force=force)
        about = about_of(kind, stored.manifest["metadata"])
        edit.note("object_delete", about, propagation=propagation, force=force)


def manifests_create(*, cluster: int, actor: str, text: str) -> list[Done]:
    """Create every object of a YAML text, or none of them.

    Raises what reading the text raises, and what ``object_create`` raises; the faults of several
    objects come as one BadRequest, a line each.
    """
    documents = manifests.read_documents(text)
    done, faults = [], []
    with editing(cluster=cluster, actor=actor) as edit:
        for document in documents:
            try:
                meta = create(edit, document.kind, document.manifest)["metadata"]
                done.append(Done("created", document.kind, meta.get("namespace") or "", meta["name"]))
            except Refused as refused:
                faults.append(refused)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise BadRequest("\n".join(fault.sentence for fault in faults))
    return done


def create(edit: Edit, kind: str, manifest: Manifest) -> Manifest:
    """Create an object within a use case. A namespace is born with its default account."""
    _known(kind)
    made = edit.create(kind, manifest)
    if kind == "Namespace":
        furnish(edit, made["metadata"]["name"])
    about = about_of(kind, made["metadata"])
    edit.note("object_create", about)
    return made


def furnish(edit: Edit, namespace: str) -> None:
    """Give a new namespace what Kubernetes gives it: the default account, and the root certificates."""
    account = {"name": "default", "namespace": namespace}
    edit.create("ServiceAccount", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    roots = {"name": "kube-root-ca.crt", "namespace": namespace}
    edit.create(
        "ConfigMap", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": roots, "data": {"ca.crt": ""}}
    )


def delete(
    edit: Edit,
    stored: Stored,
    *,
    propagation: str = "Background",
    force: bool = False,
    grace: int | None = None,
) -> None:
    """Delete an object within a use case, in the way of its kind.

    ``grace`` is how many seconds a pod has to stop, if not those of its spec; ``force`` gives it none.
    """
    if stored.kind == "Pod" and not force:
        _stop(edit, stored, grace)
    elif stored.kind == "DaemonSet":
        _delete_set(edit, stored, PROPAGATION[propagation])
    elif stored.kind == "Namespace":
        _delete_namespace(edit, stored)
    else:
        edit.put(Verb.DELETED, stored, "deleted by force" if force else "deleted")


def _stop(edit: Edit, stored: Stored, grace: int | None) -> None:
    pod = Pod.read(stored.manifest, stored.timers)
    if not pod.terminating:
        delays = settings_of(edit.row)
        leaving = delete_pod(pod, edit.moment, delays, actor=edit.actor, reason="deleted", grace=grace)
        edit.opened.put([leaving])


def _delete_set(edit: Edit, stored: Stored, finalizer: str) -> None:
    """Without finalizers the set goes at once; else the pass' garbage collector finishes it."""
    meta = stored.manifest["metadata"]
    others = [one for one in meta.get("finalizers") or () if one not in PROPAGATION.values()]
    finalizers = [*others, *filter(None, [finalizer])]
    if not finalizers:
        edit.put(Verb.DELETED, stored, "deleted")
        return
    leaving = {
        **meta,
        "finalizers": finalizers,
        "generation": meta["generation"] + 1,
        "deletionTimestamp": meta.get("deletionTimestamp") or edit.moment.stamp,
        "deletionGracePeriodSeconds": 0,
    }
    manifest = {**stored.manifest, "metadata": leaving}
    edit.put(Verb.MODIFIED, Stored(stored.kind, manifest, stored.timers), "is being deleted")


def _delete_namespace(edit: Edit, stored: Stored) -> None:
    name = stored.manifest["metadata"]["name"]
    if name in BORN_NAMESPACES:
        raise Forbidden(f'namespaces "{name}" is forbidden: this namespace may not be deleted')
    held = [(kind, text) for (kind, place, _), text in rows.all_packed(edit.row.pk) if place == name]
    edit.put_all(Verb.DELETED, (text.parsed(kind) for kind, text in held), "its namespace was deleted")
    edit.put(Verb.DELETED, stored, "deleted")


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise BadRequest(f'no matches for kind "{kind}"')
    return KINDS[kind]


def namespace_in(kind: Kind, meta: Manifest) -> str:
    """Return the namespace of an object; one that it does not name is default."""
    return (meta.get("namespace") or "default") if kind.namespaced else ""


def about_of(kind: str, meta: Manifest) -> str:
    """Return how an object is named in the audit list."""
    place = f"{meta['namespace']}/" if meta.get("namespace") else ""
    return f"{kind} {place}{meta['name']}"
