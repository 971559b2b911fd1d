"""Edits are taken back: the log knows how things were before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.edits.draft import Decision
from controller.engine.edits.undo import Undo, Undone
from controller.engine.errors import Gone, NotFound
from controller.engine.objects import Key, Manifest
from controller.services.edits import submit
from controller.store import log, log_reader

UNDOABLE = frozenset(
    {
        "cure_node",
        "cure_nodes",
        "cure_set",
        "daemonset_pause",
        "daemonset_resume",
        "daemonset_strategy",
        "edit_undo",
        "node_cordon",
        "node_drain",
        "node_label_patch",
        "node_labels",
        "node_power_off",
        "node_power_on",
        "node_pressure",
        "node_pressure_end",
        "node_taint_patch",
        "node_taints",
        "node_uncordon",
        "nodes_add",
        "nodes_remove",
        "object_apply",
        "object_create",
        "object_delete",
        "object_edit",
        "object_replace",
        "object_scale",
        "pod_evict",
        "rollout_plan",
        "rollout_plan_end",
        "static_pod_put",
        "static_pod_remove",
        "workload_behaviour",
        "workload_image",
        "workload_pause",
        "workload_restart",
        "workload_resume",
        "workload_rollback",
    }
)
"""The actions that can be taken back, unless something stands in the way."""


def is_undoable(action: str, number: int | None) -> bool:
    """Whether what an entry of the audit list tells of may be taken back, if nothing stands in the way."""
    return number is not None and action in UNDOABLE


def edit_undo(*, cluster: int, actor: str, entry: int) -> Decision:
    """Take back what an entry of the audit list tells of.

    Raises NotFound (no such entry, or one that is not taken back), Gone (it is older than what is kept),
    Conflict, AlreadyExists, NotRestorable, Invalid.
    """
    row = models.AuditEntry.objects.filter(pk=entry, cluster=cluster, action__in=UNDOABLE).first()
    if row is None or row.number is None:
        raise NotFound("edits", str(entry))
    fact = {"action": row.action, "about": row.about, "facts": row.facts}
    echo = row.facts.get("echo")
    changed = _echoed(cluster, echo) if echo else _objects(cluster, row.at, row.number)
    return submit(Undo(changed, row.about, fact), cluster=cluster, actor=actor)


def _objects(cluster: int, at: datetime, number: int) -> tuple[Undone, ...]:
    """Return the objects that an edit changed, in the order in which it was done with them."""
    first = log_reader.number_before(cluster, number, at)
    last: dict[Key, Change] = {}
    added: set[Key] = set()
    for entry in log.since(cluster, first, upto=number):
        change = entry.change
        if change.verb is Verb.ADDED and change.key not in last:
            added.add(change.key)
        last.pop(change.key, None)
        last[change.key] = change
    before = _before(cluster, first, last.keys() - added)
    return tuple(
        Undone(key, before.get(key), None if change.verb is Verb.DELETED else change.manifest)
        for key, change in last.items()
    )


def _echoed(cluster: int, echo: Sequence[tuple[str, str, str, int]]) -> tuple[Undone, ...]:
    """Return the objects of a real cluster that an edit changed, by the changes in which that was seen."""
    found = []
    for kind, namespace, name, number in echo:
        key, change = (kind, namespace, name), log.since(cluster, number - 1, upto=number)[0].change
        if change.key != key:
            raise Gone(f"too old resource version: {number}")
        before = {} if change.verb is Verb.ADDED else _before(cluster, number - 1, {key})
        found.append(Undone(key, before.get(key), None if change.verb is Verb.DELETED else change.manifest))
    return tuple(found)


def _before(cluster: int, number: int, keys: set[Key]) -> dict[Key, Manifest]:
    """Return objects as they were after a change. Raises Gone if that is no longer known of one."""
    found: dict[Key, Manifest] = {}
    for kind in {key[0] for key in keys}:
        places = [key[1:] for key in keys if key[0] == kind]
        texts = log_reader.objects_at(cluster, kind, places, number)
        found |= {(kind, *place): orjson.loads(text) for place, text in texts.items()}
    if keys - found.keys():
        raise Gone(f"too old resource version: {number}")
    return found
