"""Cluster time, and who is waiting for a pass."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.timeline import Span
from controller.store import clocks, leases, writes
from tests.clusters import NOW, bare_cluster, row_of


def test_cluster_time() -> None:
    """Cluster time passes at its speed from its anchor on, and stands still while paused."""
    row = models.Cluster(anchor_wall=NOW, anchor_cluster=100.0, speed=10.0)
    assert clocks.cluster_time(row, NOW + 2) == 120.0
    row.paused = True
    assert clocks.cluster_time(row, NOW + 2) == 100.0


def test_no_jump() -> None:
    """Whoever changes the speed anchors first, and no cluster second is lost or repeated."""
    row = models.Cluster(anchor_wall=NOW, speed=10.0)
    clocks.anchor(row, NOW + 3)
    row.speed = 0.5
    assert clocks.cluster_time(row, NOW + 3) == 30.0
    assert clocks.cluster_time(row, NOW + 5) == 31.0


def test_both_clocks() -> None:
    """A moment carries wall time for manifests and cluster time for deadlines."""
    moment = clocks.moment_of(models.Cluster(anchor_wall=NOW - 5), NOW)
    assert (moment.stamp, moment.cluster) == ("2027-01-15T08:00:00Z", 5.0)


WAITING = [
    pytest.param({}, False, id="nothing to do"),
    pytest.param({"number": 2, "planned": 1}, True, id="a change that no pass has seen"),
    pytest.param({"due": 10.0}, True, id="a deadline that is reached"),
    pytest.param({"due": 10.1}, False, id="a deadline that is not reached"),
    pytest.param({"due": 20.0, "speed": 2.0}, True, id="a deadline in quick time"),
    pytest.param({"number": 2, "planned": 1, "due": 1.0, "paused": True}, False, id="paused"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("facts", "waits"), WAITING)
def test_waiting(*, facts: dict[str, object], waits: bool) -> None:
    """The clock finds what has something to do and nobody to do it, in one query."""
    cluster = bare_cluster()
    models.Cluster.objects.filter(pk=cluster).update(**facts)
    wall = NOW + 10

    assert clocks.waiting(wall) == ([cluster] if waits else [])
    row = row_of(cluster)
    assert (clocks.needs_reconcile(row, wall) and not row.paused) is waits
    assert leases.acquire(cluster, "worker")
    assert clocks.waiting(wall) == []


@pytest.mark.django_db
def test_how_the_clock_went_is_remembered() -> None:
    """Each time it goes in another way; a write that leaves it alone adds nothing."""
    pk = bare_cluster()
    for paused, wall, time in ((False, NOW, 0.0), (True, NOW + 10, 10.0), (True, NOW + 20, 50.0)):
        with writes.writing(pk) as opened:
            opened.row.paused, opened.row.anchor_wall, opened.row.anchor_cluster = paused, wall, time

    spans = clocks.timeline(row_of(pk), 0).spans

    assert spans == (Span(NOW, 0, 1), Span(NOW + 10, 10, 0), Span(NOW + 20, 50, 0))
    assert str(models.ClockSpan.objects.first()).startswith(f"{pk}: x1 until")


@pytest.mark.django_db
def test_what_was_over_before_does_not_matter() -> None:
    """Only how the clock went since then is asked for."""
    pk = bare_cluster()
    row = row_of(pk)
    before = clocks.running(row)
    row.paused = True
    clocks.turned(row, before, NOW + 10)

    assert len(clocks.timeline(row, NOW + 10).spans) == 2
    assert clocks.timeline(row, NOW + 11).spans == (Span(NOW, 0, 0),)
