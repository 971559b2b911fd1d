"""What a simulation of a real cluster needs beside what is mirrored of it.

Nobody mirrors ServiceAccounts and PriorityClasses. Without those that pods name, every new pod of a copy
would be refused, as it never would where it was copied from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.engine.builtin import SYSTEM_CLASSES
from controller.engine.daemonset.staged.status import MANAGER_ANNOTATION
from controller.engine.newpod import BUILTIN, PRIORITY_CLASS
from controller.engine.objects import Manifest
from controller.engine.workloads.pods import account_of
from controller.store.rows import Stored
from controller.store.snapshots import State

ACCOUNT = "ServiceAccount"
BORN = "default"
"""The account that each namespace has by itself."""


def stand_ins(state: State) -> Iterator[tuple[str, Manifest]]:
    """Yield the kinds and manifests of what the sets of a state name and is not in it."""
    held = [one.parsed(key[0]).manifest for key, one in state.items() if key[0] in {"DaemonSet", "Pod"}]
    pods = [one["spec"] for one in held if one["kind"] == "Pod"]
    sets = [one for one in held if one["kind"] == "DaemonSet"]
    for namespace, name in sorted(
        {(one["metadata"]["namespace"], account_of(one["spec"]["template"])) for one in sets}
    ):
        is_missing = (ACCOUNT, namespace, name) not in state and name != BORN
        if is_missing and ("Namespace", "", namespace) in state:
            yield (
                ACCOUNT,
                {
                    "apiVersion": "v1",
                    "kind": ACCOUNT,
                    "metadata": {"name": name, "namespace": namespace},
                },
            )
    names = {one["spec"]["template"]["spec"].get("priorityClassName") or "" for one in sets}
    for name in sorted(names - BUILTIN.keys() - {""}):
        if (PRIORITY_CLASS, "", name) not in state:
            yield PRIORITY_CLASS, _class_as_seen(name, pods)


def unmanaged(sets: Iterable[Stored]) -> Iterator[Stored]:
    """Yield the sets whose plans somebody carries out there, without that name: here the cluster does it."""
    for one in sets:
        meta = one.manifest["metadata"]
        annotations = meta.get("annotations") or {}
        if MANAGER_ANNOTATION in annotations:
            kept = {name: text for name, text in annotations.items() if name != MANAGER_ANNOTATION}
            manifest = {**one.manifest, "metadata": {**meta, "annotations": kept}}
            yield Stored(one.kind, manifest, one.timers)


def _class_as_seen(name: str, specs: list[Manifest]) -> Manifest:
    """Return a PriorityClass with the value that the pods that name it were given; 0 if there is none."""
    seen = next((one for one in specs if one.get("priorityClassName") == name), {})
    return {
        "apiVersion": SYSTEM_CLASSES[0]["apiVersion"],
        "kind": PRIORITY_CLASS,
        "metadata": {"name": name},
        "value": seen.get("priority", 0),
        "preemptionPolicy": seen.get("preemptionPolicy", "PreemptLowerPriority"),
    }
