"""What a simulation of a real cluster needs beside what is mirrored of it.

Nobody mirrors ServiceAccounts and PriorityClasses. Without those that pods name, every new pod of a copy
would be refused, as it never would where it was copied from.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from controller.engine.builtin import SYSTEM_CLASSES
from controller.engine.daemonset.staged.status import MANAGER_ANNOTATION
from controller.engine.newpod import BUILTIN, PRIORITY_CLASS
from controller.engine.objects import DOWN_ANNOTATION, Key, Manifest, condition
from controller.engine.workloads.pods import account_of
from controller.store.rows import Stored

ACCOUNT = "ServiceAccount"
BORN = "default"
"""The account that each namespace has by itself."""


def stand_ins(
    sets: Iterable[Manifest], specs: Iterable[Manifest], known: Container[Key]
) -> Iterator[tuple[str, Manifest]]:
    """Yield the kinds and manifests of what ``sets`` name and is not known.

    ``specs`` are those of pods, read once and only if a PriorityClass is missing.
    """
    templates = [(one["metadata"]["namespace"], one["spec"]["template"]) for one in sets]
    for namespace, name in sorted({(namespace, account_of(one)) for namespace, one in templates}):
        is_missing = (ACCOUNT, namespace, name) not in known and name != BORN
        if is_missing and ("Namespace", "", namespace) in known:
            meta = {"name": name, "namespace": namespace}
            yield ACCOUNT, {"apiVersion": "v1", "kind": ACCOUNT, "metadata": meta}
    names = {one["spec"].get("priorityClassName") or "" for _, one in templates} - BUILTIN.keys() - {""}
    if missing := sorted(name for name in names if (PRIORITY_CLASS, "", name) not in known):
        seen = {one["priorityClassName"]: one for one in specs if one.get("priorityClassName")}
        for name in missing:
            yield PRIORITY_CLASS, _class_as_seen(name, seen.get(name, {}))


def unmanaged(sets: Iterable[Stored]) -> Iterator[Stored]:
    """Yield the sets whose plans somebody carries out there, without that name: here the cluster does it."""
    for one in sets:
        if (manifest := disowned(one.manifest)) is not one.manifest:
            yield Stored(one.kind, manifest, one.timers)


def disowned(daemonset: Manifest) -> Manifest:
    """Return a set without the name of who carries out its plan."""
    meta = daemonset["metadata"]
    annotations = meta.get("annotations") or {}
    if MANAGER_ANNOTATION not in annotations:
        return daemonset
    kept = {name: text for name, text in annotations.items() if name != MANAGER_ANNOTATION}
    return {**daemonset, "metadata": {**meta, "annotations": kept}}


def off_like_there(nodes: Iterable[Stored]) -> Iterator[Stored]:
    """Yield the nodes that do not answer there, switched off."""
    for one in nodes:
        if (manifest := silenced(one.manifest)) is not one.manifest:
            yield Stored(one.kind, manifest, one.timers)


def silenced(node: Manifest) -> Manifest:
    """Return a node with its machine switched off if it does not answer there: else it came back at once."""
    if condition(node, "Ready") == "True":
        return node
    meta = node["metadata"]
    annotations = {**(meta.get("annotations") or {}), DOWN_ANNOTATION: "true"}
    return {**node, "metadata": {**meta, "annotations": annotations}}


def _class_as_seen(name: str, seen: Manifest) -> Manifest:
    """Return a PriorityClass with the value that the pods that name it were given; 0 if there is none."""
    return {
        "apiVersion": SYSTEM_CLASSES[0]["apiVersion"],
        "kind": PRIORITY_CLASS,
        "metadata": {"name": name},
        "value": seen.get("priority", 0),
        "preemptionPolicy": seen.get("preemptionPolicy", "PreemptLowerPriority"),
    }
