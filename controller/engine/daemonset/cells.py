"""What one cell of the map says: the state of a set on a node, in one word of a closed list."""

from __future__ import annotations

from controller.engine.daemonset.pairs import Pair
from controller.engine.objects import Node, Pod
from controller.engine.values import Code


class CellState(Code):
    """The states a cell can be in; each has a colour and a mark of its own on the page."""

    NEW = "new"
    OLD = "old"
    UPDATING = "updating"
    FAILING = "failing"
    MISSING = "missing"
    PENDING = "pending"
    MISSCHEDULED = "misscheduled"
    DOWN = "down"
    SURGE = "surge"
    NONE = "none"


WORST_FIRST = (
    CellState.DOWN,
    CellState.FAILING,
    CellState.MISSING,
    CellState.MISSCHEDULED,
    CellState.PENDING,
    CellState.UPDATING,
    CellState.SURGE,
    CellState.OLD,
    CellState.NEW,
    CellState.NONE,
)
"""How bad states are: of several the first is what is looked at first."""

FAILING_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff"})


def cell_of(pair: Pair | None, node: Node | None) -> CellState:
    """Say what the map shows of a pair; trouble is shown before progress."""
    if pair is None or not (pair.pods or pair.should_run):
        return CellState.NONE
    if node is not None and (node.down or node.ready == "Unknown"):
        return CellState.DOWN
    if not pair.pods:
        return CellState.MISSING
    return _standing(pair, [pod for pod in pair.pods if not pod.terminating])


def _standing(pair: Pair, pods: list[Pod]) -> CellState:
    if any(is_failing(pod) for pod in pods):
        return CellState.FAILING
    if pods and not pair.should_run:
        return CellState.MISSCHEDULED
    if len(pods) != 1:
        return CellState.SURGE if pods else CellState.UPDATING
    return _single(pods[0], updated=pair.new is not None)


def _single(pod: Pod, *, updated: bool) -> CellState:
    if not pod.bound:
        return CellState.PENDING
    if not pod.ready:
        return CellState.UPDATING
    return CellState.NEW if updated else CellState.OLD


def is_failing(pod: Pod) -> bool:
    """Whether the pod is in trouble that waiting will not end: it runs, is not ready, and nothing is due."""
    if pod.phase == "Failed" or pod.waiting in FAILING_REASONS:
        return True
    return pod.phase == "Running" and not pod.ready and not pod.waiting and "due" not in pod.timers
