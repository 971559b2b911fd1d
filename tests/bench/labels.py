"""One label edited: until the pod's row is committed, and until the map at a socket shows the edit."""

from __future__ import annotations

import time
from collections.abc import Sequence

from websockets.sync.client import ClientConnection

from controller.services import nodes
from tests.bench.browser import Browser, next_frame
from tests.bench.clusters import ACTOR, Fleet, committed

LOOK = 0.0002
"""Seconds between two looks at the database."""

QUIET = 0.2
"""Seconds between two edits: a person's second edit does not come within the first one's frames."""

POD = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND node = ? AND name LIKE 'ssd-monitor-%'"


def commit_ms(fleets: Sequence[Fleet], *, edits: int) -> dict[int, list[float]]:
    """Label as many nodes of each fleet in turn; return the milliseconds by the fleet's size."""
    spent: dict[int, list[float]] = {fleet.nodes: [] for fleet in fleets}
    for edit in range(edits):
        for fleet in fleets:
            spent[fleet.nodes].append(_labelled(fleet, fleet.names[edit]))
    return spent


def _labelled(fleet: Fleet, node: str) -> float:
    fleet.ledger.settled(fleet.pk)
    time.sleep(QUIET)
    began = label(fleet, node)
    seen = fleet.ledger.until(lambda: bool(fleet.ledger.one(POD, fleet.pk, node)), pause=LOOK)
    return (seen - began) * 1000


def socket_ms(fleet: Fleet, browser: Browser, name: str, *, edits: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds until the delta with the edit, and until the one with the running pod.

    The nodes are the last ones: ``commit_ms`` takes the first.
    """
    edit, pod = [], []
    with browser.socket(name) as socket:
        next_frame(socket, "snapshot")
        for number in range(edits):
            fleet.ledger.settled(fleet.pk)
            time.sleep(QUIET)
            node = fleet.names[-1 - number]
            began = label(fleet, node)
            seen = _seen(socket, node)
            edit.append((seen[0] - began) * 1000)
            pod.append((seen[1] - began) * 1000)
    return edit, pod


def _seen(socket: ClientConnection, node: str) -> tuple[float, float]:
    """Return the moments of the delta with the node's row, and of the one in which its pod is ready."""
    edit = 0.0
    while True:
        delta = next_frame(socket, "delta")
        now = time.perf_counter()
        if not edit and any(row["name"] == node for row in delta["nodes"]):
            edit = now
        if any(cells.get(node) == "new" for cells in delta["cells"].values()):
            return edit, now


def label(fleet: Fleet, node: str) -> float:
    """Give a node the label that the second set waits for; return the moment of the commit."""
    return committed(
        lambda: nodes.node_label_patch(
            cluster=fleet.pk, actor=ACTOR, nodes=[node], set={"disk": "ssd"}, remove=()
        )
    )
