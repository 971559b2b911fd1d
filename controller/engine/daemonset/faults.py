"""Whose fault it is that a node has no available pod of a set: the node's, the revision's, or nobody's yet.

A set's status says only how many are unavailable. What a person does about it differs: a broken machine
is for those who run machines, a broken revision is undone. Moments that only manifests carry are compared
as those carry them, in whole seconds of wall time.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from controller.engine.daemonset.cells import is_failing
from controller.engine.daemonset.pairs import Pair, Slot
from controller.engine.objects import Moment, Node, Pod

DOUBTFUL = 600.0
"""A machine that fails within so many seconds of getting a new pod may have failed because of it."""

JOINED = 120.0
"""For so many seconds after it joined nobody wonders that a node has no available pod."""

DEADLINE = 600.0
"""Seconds after which a new pod that is not ready is in trouble, where nobody says otherwise."""


class Fault(StrEnum):
    """Whose fault it is."""

    NODE = "node"
    DOUBTFUL = "doubtful"
    REVISION = "revision"
    OLD_POD = "old-pod"
    DRAINING = "draining"
    JOINED = "joined"
    UNDER_WAY = "under-way"


REVISIONS = frozenset({Fault.REVISION, Fault.DOUBTFUL})
"""What speaks against the revision that is being rolled out."""


def fault_of(
    pair: Pair, node: Node, now: Moment, *, refused: bool, deadline: float = DEADLINE
) -> Fault | None:
    """Say whose fault it is, or None if nobody misses a pod there, or it is available.

    A machine that does not answer is no longer one that should run the set; what stands there counts.
    ``refused``: the API server refuses pods of the present template. ``deadline``: after so many seconds a
    new pod that is not ready is in trouble, 0 for never.
    """
    concerns = pair.should_run or (bool(pair.pods) and is_cut_off(node))
    if not concerns or pair.slot(now.cluster) in {Slot.NEW_READY, Slot.OLD_READY}:
        return None
    if is_cut_off(node) or node.ready != "True":
        return _of_unwell(node, pair.new, now)
    if _is_in_trouble(pair, now, refused=refused, deadline=deadline):
        return Fault.REVISION
    if node.unschedulable:
        return Fault.DRAINING
    if _has_just_joined(node, now):
        return Fault.JOINED
    return Fault.OLD_POD if pair.old and not pair.new else Fault.UNDER_WAY


def _of_unwell(node: Node, new: Pod | None, now: Moment) -> Fault:
    if _failed_after(node, new):
        return Fault.DOUBTFUL
    return Fault.JOINED if _has_just_joined(node, now) and not is_cut_off(node) else Fault.NODE


def _has_just_joined(node: Node, now: Moment) -> bool:
    return age(node.manifest["metadata"].get("creationTimestamp") or "", now) < JOINED


def is_cut_off(node: Node) -> bool:
    """Whether a machine does not answer, so that no pod there comes or goes."""
    return node.down or node.ready == "Unknown"


def _is_in_trouble(pair: Pair, now: Moment, *, refused: bool, deadline: float) -> bool:
    if pair.new is None:
        return refused and not pair.pods
    if pair.new.ready:
        return False
    waited = now.cluster - pair.new.timers.get("born", now.cluster)
    return is_failing(pair.new) or (0 < deadline <= waited)


def _failed_after(node: Node, pod: Pod | None) -> bool:
    """Whether a machine went silent, or unwell, soon after the new pod had begun to run there."""
    if pod is None or pod.phase != "Running" or node.ready not in {"Unknown", "False"}:
        return False
    lost, born = when(silent_since(node)), when(pod.created)
    return lost is not None and born is not None and 0 <= (lost - born).total_seconds() <= DOUBTFUL


def silent_since(node: Node) -> str:
    """Return when the condition Ready of a node changed last, as it is written, or ""."""
    conditions = (node.manifest.get("status") or {}).get("conditions") or ()
    return next((str(one.get("lastTransitionTime")) for one in conditions if one.get("type") == "Ready"), "")


def age(stamp: str, now: Moment) -> float:
    """Return how many seconds of wall time ago something was stamped; without a stamp for ever."""
    at = when(stamp)
    return (now.wall - at).total_seconds() if at else float("inf")


def when(stamp: str) -> datetime | None:
    """Read a moment as Kubernetes writes it, or None: nodes may be written by anybody."""
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return at if at.tzinfo else None
