"""What people do to a DaemonSet and to no other workload: its pause, its strategy, its plan, its cures.

``seen`` is always the resourceVersion that the page or form was made from: if people changed the set
since, the edit is refused with a Conflict that knows both sides. Status alone is no such change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from controller.engine.admission import field_errors
from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.edits import cures, daemonsets, rollouts
from controller.engine.edits.draft import Fact
from controller.engine.errors import Invalid
from controller.engine.objects import Key
from controller.services.edits import submit
from controller.store import rows
from controller.store.worlds import manager_of


def daemonset_pause(
    *, cluster: int, actor: str, namespace: str, name: str, paused: bool, seen: str | None = None
) -> None:
    """Pause a rollout or let it go on. Missing pods are created meanwhile. Raises NotFound, Conflict."""
    request = daemonsets.PauseRollout(_key(namespace, name), paused, seen or "")
    submit(request, cluster=cluster, actor=actor)


def daemonset_strategy(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    strategy: str | None = None,
    max_unavailable: int | str | None = None,
    max_surge: int | str | None = None,
    min_ready_seconds: int | None = None,
    seen: str | None = None,
) -> None:
    """Set how pods are replaced; what is not given stays as it is.

    The two bounds are numbers or percentages, unused by OnDelete. Raises NotFound, Conflict, Invalid.
    """
    request = daemonsets.SetStrategy(
        _key(namespace, name), strategy, max_unavailable, max_surge, min_ready_seconds, seen or ""
    )
    submit(request, cluster=cluster, actor=actor)


def daemonset_plan(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    fields: Mapping[str, Any],
    seen: str | None = None,
) -> None:
    """Give a set a plan by which it is rolled out from now on. Raises NotFound, Conflict, Invalid."""
    row = rows.cluster_row(cluster)
    manager = manager_of(row) if row else ""
    request = rollouts.SetPlan(_key(namespace, name), fields, seen or "", manager)
    submit(request, cluster=cluster, actor=actor)


def daemonset_promote(*, cluster: int, actor: str, namespace: str, name: str, wave: str) -> None:
    """Let the plan of a set go on after a wave at which it waits. Raises NotFound, NotAwaiting, Conflict."""
    submit(rollouts.Promote(_key(namespace, name), wave), cluster=cluster, actor=actor)


def daemonset_plan_end(
    *, cluster: int, actor: str, namespace: str, name: str, seen: str | None = None
) -> None:
    """Take the plan away: the set's own strategy does the rest. Raises NotFound, Conflict."""
    submit(rollouts.EndPlan(_key(namespace, name), seen or ""), cluster=cluster, actor=actor)


def daemonset_plan_undo(
    *, cluster: int, actor: str, namespace: str, name: str, seen: str | None = None
) -> None:
    """Go back to the revision of before the plan. Raises NotFound (the set or a revision), Conflict."""
    submit(rollouts.UndoRollout(_key(namespace, name), seen or ""), cluster=cluster, actor=actor)


def daemonset_cure(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    node: str,
    side: str,
    seen: str | None = None,
    node_seen: str | None = None,
) -> Fact:
    """Make the smallest edit of the set, or of the node, after which a pod of the set should run there.

    ``side`` is ``set`` or ``node``; the versions are those from which the cure was chosen. Returns what
    was done, as the audit list has it. Raises NothingToCure, NotFound, Conflict (of either), Invalid.
    """
    if side not in CURES:
        raise Invalid("DaemonSet", name, [field_errors.unsupported("side", side, CURES)])
    request = CURES[side](_key(namespace, name), node, seen or "", node_seen or "")
    (made,) = submit(request, cluster=cluster, actor=actor).facts
    return made


def daemonset_cure_nodes(
    *, cluster: int, actor: str, namespace: str, name: str, nodes: Sequence[str], seen: str | None = None
) -> Fact:
    """Make the smallest edit of each of some nodes after which a pod of the set should run there.

    Returns what was done. Raises NothingToCure, NotFound, Conflict (of the set), Invalid.
    """
    request = cures.CureNodes(_key(namespace, name), nodes, seen or "")
    (made,) = submit(request, cluster=cluster, actor=actor).facts
    return made


def daemonset_fit(
    *,
    cluster: int,
    actor: str,
    namespace: str,
    name: str,
    edit: RequestEdit | PortEdit,
    seen: str | None = None,
) -> Fact:
    """Let the pods of a set ask less of their machines, or another port.

    Returns what was done. Raises NothingToCure, NotFound, Conflict, BadRequest, Invalid.
    """
    request = cures.FitSet(_key(namespace, name), edit, seen or "")
    (made,) = submit(request, cluster=cluster, actor=actor).facts
    return made


CURES: dict[str, type[cures.CureNode | cures.CureSet]] = {
    "node": cures.CureNode,
    "set": cures.CureSet,
}


def _key(namespace: str, name: str) -> Key:
    return ("DaemonSet", namespace, name)
