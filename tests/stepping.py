"""Clusters whose clock stands still, moved by single passes: every state in between can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypedDict

from controller.engine.objects import Moment
from controller.services import clock, objects, passes
from controller.store import leases
from tests.clusters import PERSON, cluster, demo_text, row_of

MOST_PASSES = 25


class By(TypedDict):
    """Where and by whom something is done."""

    cluster: int
    actor: str


class Place(TypedDict):
    """Which object it is done to."""

    namespace: str
    name: str


SET: Place = {"namespace": "default", "name": "nginx-ds"}
"""The set that ``stepped_cluster`` runs: one container, nginx, on every node."""


def by(tried: int) -> By:
    """Return what every service is told."""
    return {"cluster": tried, "actor": PERSON}


def stepped_cluster(*, nodes: int = 3) -> int:
    """Return a cluster whose clock stands still; ``SET`` is at rest on all of its nodes."""
    tried = cluster(nodes=nodes, delay=1.0)
    clock.clock_pause(**by(tried))
    objects.manifests_create(**by(tried), text=demo_text("nginx-ds"))
    rest(tried)
    return tried


def steps(tried: int) -> Iterator[None]:
    """Make single passes until nothing is ever due again, or long enough for a crash loop."""
    for _ in range(MOST_PASSES):
        clock.clock_step(**by(tried))
        yield
        if row_of(tried).due is None:
            return


def rest(tried: int) -> None:
    """Make all of these passes."""
    for _ in steps(tried):
        pass


def step_until(tried: int, condition: Callable[[], bool]) -> None:
    """Make passes until ``condition()`` holds; fail the test if it never does."""
    for _ in steps(tried):
        if condition():
            return
    assert condition()


def step(tried: int, times: int = 1) -> None:
    """Make so many passes."""
    for _ in range(times):
        clock.clock_step(**by(tried))


def step_at(tried: int, wall: datetime) -> None:
    """Make the pass that is due next, as if it were made at a wall time."""
    row, held = row_of(tried), leases.acquire(tried, PERSON)
    assert held
    due = row.anchor_cluster if row.due is None or row.number > row.planned else row.due
    with leases.kept(held):
        passes.one_pass(row, held, Moment(wall, due), step=True)
