"""The rules of ``metadata``, the same for every kind."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    each_invalid,
    forbidden,
    invalid,
    required,
    shown,
    too_long,
)
from controller.engine.errors import Cause
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest

ANNOTATIONS_LIMIT = 256 * 1024
IMMUTABLE = "field is immutable"
FIXED = ("name", "namespace", "uid")
STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})
"""Finalizers that need no domain before their name."""


def name_checker(kind: str) -> grammar.Checker:
    """Return the grammar of a kind's names."""
    return NAMES.get(kind, grammar.subdomain)


NAMES: dict[str, grammar.Checker] = {
    **dict.fromkeys(("Namespace", "Service", "StatefulSet"), grammar.label),
    **dict.fromkeys(("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"), grammar.path_segment),
}
"""The grammar of names, where it is not that of subdomains."""


def metadata_faults(kind: str, meta: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the metadata of a new object, in the order of the API server."""
    check = name_checker(kind)
    if prefix := meta.get("generateName"):
        yield from each_invalid("metadata.generateName", prefix, grammar.prefix_of(check)(prefix))
    if name := meta.get("name"):
        yield from each_invalid("metadata.name", name, check(name))
    else:
        yield required("metadata.name", "name or generateName is required")
    yield from namespace_faults(kind, meta)
    yield from content_faults(meta)


def namespace_faults(kind: str, meta: Manifest) -> Iterator[Cause]:
    """Yield whether the namespace is malformed or out of place; a default stands for a missing one."""
    namespace = meta.get("namespace", "")
    if not KINDS[kind].namespaced:
        if namespace:
            yield forbidden("metadata.namespace", "not allowed on this type")
    else:
        yield from each_invalid("metadata.namespace", namespace, grammar.label(namespace))


def content_faults(meta: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with labels, annotations, owners and finalizers."""
    yield from labels_faults(meta.get("labels"), "metadata.labels")
    yield from annotations_faults(meta.get("annotations"), "metadata.annotations")
    yield from owners_faults(meta.get("ownerReferences") or [])
    yield from finalizers_faults(meta.get("finalizers") or [])


def key_faults(key: str, path: str) -> list[Cause]:
    """Return what is wrong with a label's key."""
    return each_invalid(path, key, grammar.qualified_name(key))


def labels_faults(labels: dict[str, str] | None, path: str) -> Iterator[Cause]:
    """Yield what is wrong with keys and values of a map of labels."""
    for key, value in (labels or {}).items():
        yield from key_faults(key, path)
        yield from each_invalid(path, value, grammar.label_value(value))


def annotations_faults(annotations: dict[str, str] | None, path: str) -> Iterator[Cause]:
    """Yield what is wrong with keys of annotations (whose case is free) and with their size."""
    annotations = annotations or {}
    for key in annotations:
        yield from each_invalid(path, key, grammar.qualified_name(key.lower()))
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > ANNOTATIONS_LIMIT:
        yield too_long(path, ANNOTATIONS_LIMIT)


def owners_faults(owners: list[Manifest]) -> Iterator[Cause]:
    """Yield what is wrong with owner references: incomplete ones, and more than one controller."""
    path = "metadata.ownerReferences"
    for owner in owners:
        version = owner.get("apiVersion", "")
        if not version.rpartition("/")[2]:
            yield invalid(f"{path}.apiVersion", version, "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not owner.get(field):
                yield invalid(f"{path}.{field}", "", "must not be empty")
        if (version, owner.get("kind")) == ("v1", "Event"):
            yield invalid(path, _whole(owner), "/v1, Kind=Event is disallowed from being an owner")
    controllers = [
        f"{owner.get('kind', '')}/{owner.get('name', '')}" for owner in owners if owner.get("controller")
    ]
    for later in controllers[1:]:
        found = f"{controllers[0]} and {later}"
        yield invalid(
            path,
            [_whole(owner) for owner in owners],
            f'Only one reference can have Controller set to true. Found "true" in references for {found}',
        )


def _whole(owner: Manifest) -> Manifest:
    """Return an owner reference with the fields that the API server always shows, in its order."""
    return {**dict.fromkeys(("apiVersion", "kind", "name", "uid"), ""), **owner}


def finalizers_faults(finalizers: list[str]) -> Iterator[Cause]:
    """Yield what is wrong with finalizers: their grammar, and both ways of collection at once."""
    path = "metadata.finalizers"
    for finalizer in finalizers:
        yield from key_faults(finalizer, path)
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        yield invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set")
    for index, finalizer in enumerate(finalizers):
        if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
            said = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"{path}[{index}]", finalizer, said)


def metadata_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what an update may not do to metadata, then what is wrong with its content."""
    if "deletionTimestamp" in old:
        added = sorted(set(new.get("finalizers") or ()) - set(old.get("finalizers") or ()))
        if added:
            listed = "[]string{" + ", ".join(shown(one) for one in added) + "}"
            said = "no new finalizers can be added if the object is being deleted, found new finalizers "
            yield forbidden("metadata.finalizers", said + listed)
    for field in FIXED:
        if new.get(field) != old.get(field):
            yield invalid(f"metadata.{field}", new.get(field, ""), IMMUTABLE)
    yield from content_faults(new)
