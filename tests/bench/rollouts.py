"""A DaemonSet on 1,000 nodes: from the commit of the edit to that of the last pod's Ready."""

from __future__ import annotations

from controller.services import daemonsets, workloads
from tests.bench.clusters import ACTOR, EVERYWHERE, Fleet, committed
from tests.bench.ledger import Ledger
from tests.servers import Everynode

NODES = 1000
PLACE = {"namespace": "default", "name": "agent"}
LOOK = 0.002
"""Seconds between two looks at the database."""

CHANGES = "SELECT count(*) FROM controller_change WHERE cluster_id = ? AND kind = 'Pod'"
READY = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND ready AND NOT terminating AND hash <> ?"


def created(running: Everynode, ledger: Ledger, name: str) -> tuple[float, Fleet]:
    """Create the set in a new cluster, and return the seconds and the cluster."""
    fleet = Fleet.made(running, ledger, name, NODES)
    began = fleet.create(EVERYWHERE)
    seconds = _all_ready(fleet, "") - began
    ledger.settled(fleet.pk)
    assert ledger.one(CHANGES, fleet.pk) == 4 * NODES, "a pod is four changes"
    return seconds, fleet


def rolled(fleet: Fleet, *, at_once: int | str, runs: int) -> list[float]:
    """Replace all pods as often, ``at_once`` (maxUnavailable) at a time; return the seconds of each."""
    daemonsets.daemonset_strategy(
        cluster=fleet.pk,
        actor=ACTOR,
        **PLACE,
        strategy="RollingUpdate",
        max_unavailable=at_once,
        max_surge=0,
        min_ready_seconds=0,
    )
    return [_rolled_once(fleet) for _ in range(runs)]


def _rolled_once(fleet: Fleet) -> float:
    fleet.ledger.settled(fleet.pk)
    old = fleet.ledger.text("SELECT hash FROM controller_pod WHERE cluster_id = ? LIMIT 1", fleet.pk)
    image = fleet.image()
    began = committed(
        lambda: workloads.workload_image(
            kind="DaemonSet", cluster=fleet.pk, actor=ACTOR, **PLACE, container="main", image=image
        )
    )
    return _all_ready(fleet, old) - began


def _all_ready(fleet: Fleet, old: str) -> float:
    return fleet.ledger.until(lambda: fleet.ledger.one(READY, fleet.pk, old) == fleet.nodes, pause=LOOK)
