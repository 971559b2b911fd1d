"""What the processes of Everynode count for Prometheus: passes, requests of clients, open sockets.

What clusters hold is read from the rows when somebody scrapes (``queries.metrics``); here is only what
leaves no rows. Where PROMETHEUS_MULTIPROC_DIR names a folder, all processes of a machine count into files
there, and whichever of them is asked tells the sum.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library is told where processes meet; it reads it when it is imported."""

_PASSES = Histogram(
    "everynode_pass_seconds",
    "Wall seconds that a pass over a cluster took, from planning until it is committed.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_ENDS = Counter(
    "everynode_passes_total",
    "Passes over clusters by how they ended: committed, stale (planned anew) or failed.",
    ("outcome",),
)
_REQUESTS = Counter(
    "everynode_api_requests_total",
    "Requests to the Kubernetes API of clusters that are simulated here.",
    ("verb", "resource", "code"),
)
_SOCKETS = Gauge(
    "everynode_sockets",
    "Sockets of browsers that are open.",
    ("kind",),
    multiprocess_mode="livesum",
)


def count_pass(outcome: str, seconds: float) -> None:
    """Count a pass: ``outcome`` is committed, stale or failed."""
    _PASSES.observe(seconds)
    _ENDS.labels(outcome).inc()


def count_request(verb: str, resource: str, code: int) -> None:
    """Count a request of a client; ``verb`` and ``resource`` are "" for what is about no resource."""
    _REQUESTS.labels(verb, resource, str(code)).inc()


@contextmanager
def open_socket(kind: str) -> Iterator[None]:
    """Count a socket for as long as it is open."""
    gauge = _SOCKETS.labels(kind)
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


def counted() -> bytes:
    """Return what was counted, in Prometheus' text format: by all processes of the machine if they meet."""
    if not os.environ.get(FOLDER):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it registers itself
    return generate_latest(registry)
