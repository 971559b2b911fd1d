"""A StatefulSet of 100 pods, one after the other: from the commit of its creation to the last pod's Ready."""

from __future__ import annotations

from tests.bench.clusters import Fleet
from tests.bench.ledger import Ledger
from tests.servers import Everynode

NODES, PODS = 10, 100
LOOK = 0.002
"""Seconds between two looks at the database."""

ORDERED = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 100
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
READY = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND ready"


def ordered(running: Everynode, ledger: Ledger, name: str) -> float:
    """Create the set in a new cluster, and return the seconds."""
    fleet = Fleet.made(running, ledger, name, NODES)
    began = fleet.create(ORDERED)
    return ledger.until(lambda: ledger.one(READY, fleet.pk) == PODS, pause=LOOK) - began
