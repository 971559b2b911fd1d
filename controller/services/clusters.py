"""Clusters as a whole: make, rename, copy, reset and delete them, and set their delays."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from django.db import transaction

from controller import models, wakeups
from controller.engine.admission import field_errors, grammar
from controller.engine.changes import Verb
from controller.engine.edits.objects import CreateAll
from controller.engine.errors import Busy, Cause, Conflict, Invalid, NotFound
from controller.engine.objects import DaemonSet, Manifest, Node, Pod
from controller.engine.reasons import Reason
from controller.live import publish
from controller.modes import Capability, Mode
from controller.services import recipes, resets
from controller.services.audit import audit_entry
from controller.services.edits import acting, editing, in_turn
from controller.services.newclusters import made, made_ahead, name_free
from controller.services.recipes import Recipe
from controller.services.rehearsing import off_like_there, stand_ins, unmanaged
from controller.store import clocks, log, rows
from controller.store.snapshots import State

MOST_NODES = 10_000
"""The most nodes a cluster can be made with."""
LONGEST_DELAY = 86_400
"""Seconds: a day."""


def cluster_create(
    *,
    name: str,
    actor: str,
    nodes: int = 0,
    labels: Mapping[str, str] | None = None,
    start_delay: float = 1.0,
    stop_delay: float = 1.0,
    node_grace: float = 40.0,
    kubelet_events: bool | None = None,
    demo: bool = False,
) -> models.Cluster:
    """Make a simulated cluster: empty but for its namespaces, with equal nodes, or the demo.

    Delays are seconds of cluster time; ``kubelet_events``: whether kubelets tell of
    all that they do, None for as long as there are few machines.
    Raises AlreadyExists, Invalid (with all causes).
    """
    wrong = delay_faults(start_delay, stop_delay, node_grace)
    if not 0 <= nodes <= MOST_NODES:
        wrong.append(field_errors.invalid("nodes", nodes, grammar.outside(0, MOST_NODES)))
    recipe: Recipe = {"demo": True} if demo else {"nodes": nodes, "labels": dict(labels or {})}
    row = models.Cluster(name=name, recipe=recipe, anchor_wall=time.time(), start_delay=start_delay)
    row.stop_delay, row.node_grace, row.kubelet_events = stop_delay, node_grace, kubelet_events
    refuse(name, [*name_faults(name), *wrong])
    with made(row), editing(cluster=row.pk, actor=actor) as edit:
        recipes.play(edit, recipe)
        edit.note("cluster_create", name, **recipe)
    return models.Cluster.objects.get(pk=row.pk)


def cluster_rename(*, cluster: int, name: str, actor: str) -> None:
    """Give a cluster another name. Raises NotFound, AlreadyExists, Invalid."""
    refuse(name, name_faults(name))
    with name_free(name), acting(cluster=cluster, actor=actor) as act:
        act.note("cluster_rename", name, before=act.row.name, after=name)
        models.AuditEntry.objects.filter(cluster=cluster).update(cluster_name=name)
        act.row.name = name


def cluster_copy(*, cluster: int, name: str, actor: str) -> models.Cluster:
    """Make a simulated cluster with the same objects (under new uids), clock and delays.

    Of a real cluster that is a rehearsal: what pods need and is not mirrored is made beside them.
    Raises NotFound, AlreadyExists, Invalid, and Busy if it is being reset.
    """
    refuse(name, name_faults(name))
    row, number, state = _whole(cluster)
    is_real = Capability.RECONCILE not in Mode(row.mode).capabilities
    lacking = list(_lacking(state)) if is_real else []
    origin, row.pk = row.name, None
    clocks.anchor(row, time.time())
    row.name, row.number, row.planned, row.due = name, 0, 0, None
    row.mode = Mode.SIMULATED
    with made_ahead(row, actor) as edit:
        recipes.import_objects(edit, state)
        edit.put_all(Verb.MODIFIED, unmanaged(rows.all_of(row.pk, DaemonSet.KIND)), Reason.EDITED)
        if is_real:
            edit.put_all(Verb.MODIFIED, off_like_there(rows.all_of(row.pk, Node.KIND)), Reason.EDITED)
        if lacking:
            edit.commit(edit.decide(CreateAll(lacking)), noted=False)
        recipes.keep(edit)
        edit.note("cluster_copy", name, origin=origin, at=number)
    return models.Cluster.objects.get(pk=row.pk)


def _whole(cluster: int) -> tuple[models.Cluster, int, State]:
    """Return a cluster with all its objects at a number, of which none is half reset.

    Raises NotFound, and Busy if it was reset meanwhile.
    """
    before = rows.cluster_row(cluster)
    number, state = log.gather(cluster)
    row = rows.cluster_row(cluster)
    if before is None or row is None:
        raise NotFound("clusters", str(cluster))
    over = models.AuditEntry.objects.filter(cluster=row, action="cluster_reset", number__gt=before.number)
    if before.resetting or row.resetting or over.exists():
        raise Busy
    return row, number, state


def _lacking(state: State) -> Iterator[tuple[str, Manifest]]:
    """Yield what the sets of a real cluster name and nobody mirrors."""
    sets = [one.parsed(key[0]).manifest for key, one in state.items() if key[0] == DaemonSet.KIND]
    specs = (one.parsed(key[0]).manifest["spec"] for key, one in state.items() if key[0] == Pod.KIND)
    return stand_ins(sets, specs, state)


def cluster_reset(*, cluster: int, actor: str) -> None:
    """Take a cluster back to how it was made; its numbers and its clock go on.

    Raises NotFound, and Busy if it is being reset.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        edit.row.resetting = actor
    resets.reset_finish(cluster=cluster)


def cluster_delete(*, cluster: int, actor: str) -> None:
    """Delete a cluster. Its objects and its log are cleared afterwards, in small steps. Raises NotFound."""
    with in_turn(), transaction.atomic():
        row = models.Cluster.objects.select_for_update().filter(pk=cluster).first()
        if row is None:
            raise NotFound("clusters", str(cluster))
        models.Cluster.objects.filter(pk=cluster).delete()
        models.PendingPurge.objects.create(cluster_id=cluster)
        entry = audit_entry(actor=actor, action="cluster_delete", about=row.name, cluster=None, facts={})
        entry.cluster_name = row.name
        entry.save()
        transaction.on_commit(lambda: publish.nudge(cluster, gone=True))
        transaction.on_commit(lambda: wakeups.ask(wakeups.CLEAR, cluster))


def cluster_settings(
    *,
    cluster: int,
    actor: str,
    start_delay: float,
    stop_delay: float,
    node_grace: float,
    kubelet_events: bool | None = None,
    seen: Mapping[str, object] | None = None,
) -> None:
    """Set how a cluster's machines are, for what begins from now on; see ``cluster_create``.

    ``seen`` are the settings that the form was made from. Raises NotFound, Conflict, Invalid.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        refuse(edit.row.name, delay_faults(start_delay, stop_delay, node_grace))
        wanted: dict[str, float | bool | None] = {
            "start_delay": start_delay,
            "stop_delay": stop_delay,
            "node_grace": node_grace,
            "kubelet_events": kubelet_events,
        }
        standing = {field: getattr(edit.row, field) for field in wanted}
        if seen not in (None, standing):
            raise Conflict("clusters", edit.row.name, dict(standing))
        changes = [
            (field, standing[field], value) for field, value in wanted.items() if standing[field] != value
        ]
        for field, value in wanted.items():
            setattr(edit.row, field, value)
        edit.note("cluster_settings", edit.row.name, changes=changes)


def name_faults(name: str) -> list[Cause]:
    """Return what is wrong with the name of a cluster."""
    return field_errors.each_invalid("metadata.name", name, grammar.label(name))


def delay_faults(start_delay: float, stop_delay: float, node_grace: float) -> list[Cause]:
    """Return what is wrong with the delays of a cluster's machines."""
    delays = {"startDelay": start_delay, "stopDelay": stop_delay, "nodeGrace": node_grace}
    return [
        field_errors.invalid(field, value, grammar.outside(0, LONGEST_DELAY))
        for field, value in delays.items()
        if not 0 <= value <= LONGEST_DELAY
    ]


def refuse(name: str, wrong: list[Cause]) -> None:
    """Raise Invalid if anything is wrong."""
    if wrong:
        raise Invalid("Cluster", name, wrong)
