"""What one cell of the map says: the state of a set on a node, in one word of a closed list."""

from __future__ import annotations

from enum import StrEnum

from controller.engine.daemonset.pairs import Pair
from controller.engine.objects import Node, Pod


class CellState(StrEnum):
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


FAILING_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff"})


def cell_of(pair: Pair | None, node: Node | None) -> CellState:
    """Say what the map shows of a pair; trouble is shown before progress."""
    if pair is None:
        return CellState.NONE
    if node is not None and (node.down or node.ready == "Unknown") and (pair.pods or pair.should_run):
        return CellState.DOWN
    if not pair.pods:
        return CellState.MISSING if pair.should_run else CellState.NONE
    standing = [pod for pod in pair.pods if not pod.terminating]
    if not standing:
        return CellState.UPDATING
    if any(is_failing(pod) for pod in standing):
        return CellState.FAILING
    if not pair.should_run:
        return CellState.MISSCHEDULED
    if len(standing) > 1:
        return CellState.SURGE
    return _single(standing[0], updated=pair.new is not None)


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
