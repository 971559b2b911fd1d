"""More workers, more passes: rolling updates in eight clusters on PostgreSQL, by one worker and by two."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.telling import tell
from tests.chaos.kubectl import Clusters
from tests.production import Production, command, production_running
from tests.servers import wait_until

CLUSTERS, NODES = 8, 50
TIMEOUT = 300.0  # seconds


def figures() -> dict[str, float]:
    """Measure passes a second."""
    with (
        tempfile.TemporaryDirectory(prefix="everynode-bench-") as name,
        production_running(Path(name), webs=1, workers=1, clocks=1) as production,
    ):
        clusters = Clusters.made(production, [f"cluster-{number}" for number in range(CLUSTERS)], NODES)
        for cluster in clusters.secrets:
            clusters.create(0, cluster)
        _settled(clusters)
        one = _rate(clusters, "agent:2")
        tell("passes a second, one worker", [one])
        _second(production)
        _rate(clusters, "agent:3")  # the worlds of the second worker get warm
        two = _rate(clusters, "agent:4")
        tell("passes a second, two workers", [two])
    return {"passes_per_s_1_worker": one, "passes_per_s_2_workers": two}


def _second(production: Production) -> None:
    """Start another worker, and return once it answers."""
    production.start("worker-1", command("worker", hostname="1@%h"))
    asked = "from dashboard.celery import app; print(json.dumps(len(app.control.ping(timeout=2) or ())))"
    wait_until(lambda: production.python(asked) == 2, within=TIMEOUT, what="the second worker")


def _rate(clusters: Clusters, image: str) -> float:
    """Let all clusters roll at once; return how many passes a second were made until the last ended."""
    before, began = _settled(clusters), time.perf_counter()
    for cluster in clusters.secrets:
        assert clusters.image(0, cluster, image)[0] == 200
    return (_settled(clusters) - before) / (time.perf_counter() - began)


def _settled(clusters: Clusters) -> int:
    return clusters.settled(NODES, within=TIMEOUT)
