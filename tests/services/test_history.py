"""What is kept of the past, and what is forgotten. The log's own part: tests/store/test_log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from controller import models
from controller.services import history
from controller.store import log
from controller.store.writes import writing
from tests.clusters import (
    change,
    cluster,
    everything,
    folded_log,
    numbers,
    row_of,
    settle,
    with_daemonset,
)

pytestmark = pytest.mark.django_db


def event(name: str, age: timedelta) -> dict[str, object]:
    """Return an event that happened last so long ago."""
    last = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "default", "uid": name, "creationTimestamp": last},
        "involvedObject": {"kind": "Node", "name": "node-1", "uid": "u"},
        "lastTimestamp": last,
        "message": name,
    }


def test_old_events_go() -> None:
    """An event that has not happened again for an hour goes, by an ordinary change that passes see."""
    tried = cluster(nodes=1)
    settle(tried)
    fresh = set(everything(tried))
    with writing(tried) as opened:
        opened.put(
            [change(event("old", timedelta(minutes=61))), change(event("young", timedelta(minutes=59)))]
        )
    history.log_keep(cluster=tried)

    assert set(everything(tried)) == {*fresh, ("Event", "default", "young")}
    assert everything(tried) == folded_log(tried)
    entry = models.Change.objects.filter(cluster=tried).latest("number")
    assert (entry.name, entry.verb, entry.actor) == ("old", "DELETED", "event-expiry")
    settle(tried)
    assert row_of(tried).planned == row_of(tried).number


def test_snapshots_and_horizon(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The log is cut off at a snapshot, and every number that is kept can be rebuilt."""
    monkeypatch.setattr(log, "EVERY", 20)
    settings.EVERYNODE_LOG_KEEP = 10
    tried = cluster(nodes=5)
    with_daemonset(tried)
    history.log_keep(cluster=tried)
    first = models.Snapshot.objects.get(cluster=tried).number
    assert (first, numbers(tried)[0]) == (row_of(tried).number, 1)
    with_daemonset(tried, "fluentd-elasticsearch")
    history.log_keep(cluster=tried)

    assert numbers(tried)[0] == first + 1
    assert row_of(tried).number - first >= 10
    rebuilt = log.state_at(tried, row_of(tried).number)
    assert {key: stored.manifest for key, stored in rebuilt.items()} == everything(tried)


def test_old_passes_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest passes of each cluster are kept."""
    monkeypatch.setattr(history, "PASSES", 2)
    tried, other = cluster(nodes=2), cluster("other", nodes=1)
    with_daemonset(tried)
    settle(other)
    newest = list(models.Pass.objects.filter(cluster=tried).order_by("-pk").values_list("pk", flat=True)[:2])
    history.log_keep(cluster=tried)

    assert set(models.Pass.objects.filter(cluster=tried).values_list("pk", flat=True)) == set(newest)
    assert models.Pass.objects.filter(cluster=other).exists()


def test_a_cluster_that_is_gone() -> None:
    """Housekeeping of a cluster that is gone is no error."""
    history.log_keep(cluster=404)
    history.history_clear(cluster=404)
    assert not models.Remains.objects.exists()
