"""Objects of any kind: create, replace, delete, and everything that a pasted text holds."""

from __future__ import annotations

from dataclasses import dataclass

from controller import manifests
from controller.engine.admission import field_errors
from controller.engine.edits.deletion import Delete, Options
from controller.engine.edits.objects import Create, Replace, key_of
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from controller.services.edits import submit


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one object."""

    verb: str
    kind: str
    namespace: str
    name: str


def object_create(*, cluster: int, actor: str, kind: str, manifest: Manifest) -> Manifest:
    """Create an object and return it as it is stored.

    Raises Invalid, AlreadyExists, NotFound (its namespace), BadRequest (an unknown kind).
    """
    (made,) = submit(Create(kind, manifest), cluster=cluster, actor=actor).results
    return made.manifest


def object_replace(
    *, cluster: int, actor: str, kind: str, manifest: Manifest, seen: str | None = None
) -> Manifest:
    """Write an object anew and return it as it is stored; its status stays.

    ``seen`` is the resourceVersion it was made from; one in the manifest is a condition as well.
    Raises NotFound, Conflict, Invalid.
    """
    key = key_of(kind, manifest.get("metadata") or {})
    if not key[2]:
        raise Invalid(kind, "", [field_errors.required("metadata.name")])
    request = Replace(key, manifest, seen=seen or "")
    (standing,) = submit(request, cluster=cluster, actor=actor).results
    return standing.manifest


def object_edit(
    *, cluster: int, actor: str, kind: str, namespace: str, name: str, text: str, seen: str | None
) -> None:
    """Write an object anew from YAML text.

    Raises BadRequest unless the text holds that object and nothing else; NotFound, Conflict, Invalid.
    """
    request = manifests.replacement(text, (kind, namespace, name), seen or "")
    submit(request, cluster=cluster, actor=actor)


def object_delete(
    *,
    cluster: int,
    actor: str,
    kind: str,
    namespace: str,
    name: str,
    propagation: str = "Background",
    force: bool = False,
    uid: str = "",
) -> None:
    """Delete an object. ``propagation`` says what becomes of what it owns.

    With a ``uid`` only the object that bears it, none that came in its place. A running pod is stopped
    within its grace period unless ``force``. Raises NotFound, Conflict, Forbidden (a namespace of the
    system), BadRequest (an unknown kind or propagation).
    """
    key = key_of(kind, {"namespace": namespace, "name": name})
    submit(Delete(key, Options(propagation, 0 if force else None, uid)), cluster=cluster, actor=actor)


def manifests_create(*, cluster: int, actor: str, text: str) -> list[Done]:
    """Create every object of a YAML text, or none of them.

    Raises what reading the text raises, and what ``object_create`` raises; the refusals of several
    objects come as one, Several.
    """
    request = manifests.creation(manifests.read_documents(text))
    made = submit(request, cluster=cluster, actor=actor).results
    return [Done("created", *one.key) for one in made]
