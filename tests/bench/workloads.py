"""A Deployment of 1,000 pods on 100 nodes: from the commit of the edit to that of the last pod's Ready."""

from __future__ import annotations

from statistics import median

from controller.services import objects
from controller.store import rows
from tests.bench import statefulsets
from tests.bench.clusters import ACTOR, Fleet, committed
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

NODES, PODS, RUNS = 100, 1000, 3
LOOK = 0.002
"""Seconds between two looks at the database."""

DEPLOYMENT = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {PODS}
  selector: {{matchLabels: {{app: web}}}}
  strategy: {{rollingUpdate: {{maxSurge: 25%, maxUnavailable: 25%}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: main, image: "web:1"}}]}}
"""
KEY = ("Deployment", "default", "web")
READY = (
    "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND ready AND NOT terminating AND owner <> ?"
)
OWNER = "SELECT owner FROM controller_pod WHERE cluster_id = ? LIMIT 1"


def figures(running: Everynode) -> dict[str, float]:
    """Measure the creation in new clusters, and rolling updates of the last."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    runs = [_created(running, ledger, f"deployed-{run}") for run in range(RUNS)]
    created, fleet = [seconds for seconds, _ in runs], runs[-1][1]
    tell("deploy_1000_s", created)
    rolled = [_rolled(fleet) for _ in range(RUNS)]
    tell("deploy_roll_s", rolled)
    ordered = [statefulsets.ordered(running, ledger, f"ordered-{run}") for run in range(RUNS)]
    tell("statefulset_100_s", ordered)
    return {
        "deploy_1000_s": median(created),
        "deploy_roll_s": median(rolled),
        "statefulset_100_s": median(ordered),
    }


def _created(running: Everynode, ledger: Ledger, name: str) -> tuple[float, Fleet]:
    """Create the Deployment in a new cluster; return the seconds and the cluster."""
    fleet = Fleet.made(running, ledger, name, NODES)
    began = fleet.create(DEPLOYMENT)
    seconds = _all_ready(fleet, "") - began
    ledger.settled(fleet.pk)
    return seconds, fleet


def _rolled(fleet: Fleet) -> float:
    """Replace all pods; return the seconds until every pod is of the new template and ready."""
    fleet.ledger.settled(fleet.pk)
    old = fleet.ledger.text(OWNER, fleet.pk)
    found = rows.find(fleet.pk, KEY)
    assert found
    spec = found.manifest["spec"]
    containers = [{**spec["template"]["spec"]["containers"][0], "image": fleet.image()}]
    template = {**spec["template"], "spec": {**spec["template"]["spec"], "containers": containers}}
    newer = {**found.manifest, "spec": {**spec, "template": template}}
    began = committed(
        lambda: objects.object_replace(cluster=fleet.pk, actor=ACTOR, kind="Deployment", manifest=newer)
    )
    return _all_ready(fleet, old) - began


def _all_ready(fleet: Fleet, old: str) -> float:
    """Return the moment at which all pods are ready, those of the set ``old`` not counted."""
    return fleet.ledger.until(lambda: fleet.ledger.one(READY, fleet.pk, old) == PODS, pause=LOOK)
