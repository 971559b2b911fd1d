"""What is kept of the past, and what is forgotten. The log's own part: tests/store/test_log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from pytest_django.fixtures import Settings

from controller import models
from controller.engine.errors import NotFound, StorageFull
from controller.services import clusters, history, nodes
from controller.services.audit import audit_note
from controller.store import log
from controller.store.writes import writing
from dashboard.models import User
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
LATER = datetime.now(UTC) + timedelta(days=1)


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


def test_an_event_lives_from_when_it_was_written() -> None:
    """However long ago its writer saw what it tells."""
    tried = cluster(nodes=1)
    told = event("told-late", timedelta(0)) | {"lastTimestamp": "2020-01-01T00:00:00Z"}
    with writing(tried) as opened:
        opened.put([change(told)])
    history.log_keep(cluster=tried)

    assert ("Event", "default", "told-late") in everything(tried)


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
    assert not models.PendingPurge.objects.exists()


def grown(**facts: int) -> int:
    """Return a cluster whose log is long enough to be trimmed."""
    tried = cluster(nodes=facts.get("nodes", 40))
    with_daemonset(tried)
    settle(tried)
    return tried


def test_a_person_trims_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the last changes go, with their passes and snapshots; the moment they begin at stays."""
    monkeypatch.setattr(log, "EVERY", 50)
    tried = grown()
    history.log_keep(cluster=tried)
    last, whole = row_of(tried).number, everything(tried)
    then = folded_log(tried, last - 120)

    assert history.history_trim(cluster=tried, actor="ada", keep=120) == last - 120
    assert numbers(tried) == list(range(last - 119, last + 1))
    rebuilt = log.state_at(tried, last - 120)
    assert {key: stored.manifest for key, stored in rebuilt.items()} == then
    assert everything(tried) == whole
    assert not models.Snapshot.objects.filter(cluster=tried, number__lt=last - 120).exists()
    assert not models.Pass.objects.filter(cluster=tried, last__lte=last - 120).exists()
    entry = models.AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.facts) == ("history_trim", "ada", {"after": last - 120})


def test_what_is_needed_stays() -> None:
    """However little is to be kept, the last hundred changes stay, and those that no pass has seen."""
    tried = grown()
    last = row_of(tried).number
    models.Cluster.objects.filter(pk=tried).update(planned=last - 130)
    assert history.history_trim(cluster=tried, actor="ada") == last - 130
    models.Cluster.objects.filter(pk=tried).update(planned=last)
    assert history.history_trim(cluster=tried, actor="ada") == last - 100
    assert history.history_trim(cluster=tried, actor="ada", keep=9_000) == last - 100
    with pytest.raises(NotFound):
        history.history_trim(cluster=404, actor="ada")


def test_trimming_by_age() -> None:
    """What happened before a moment goes; what came later stays."""
    tried = grown()
    number = row_of(tried).number - 150
    old = datetime.now(UTC) - timedelta(hours=5)
    models.Change.objects.filter(cluster=tried, number__lte=number).update(at=old)
    assert history.history_trim(cluster=tried, actor="ada", since=old - timedelta(hours=1)) == 0
    assert history.history_trim(cluster=tried, actor="ada", since=old + timedelta(hours=1)) == number


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite can be told to be full")
def test_a_full_disk_is_told() -> None:
    """On a disk without room a write is refused in a sentence, and nothing is half written."""
    tried = cluster(nodes=3)
    before = everything(tried), row_of(tried).number
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        (free,) = cursor.fetchone()
        cursor.execute(f"CREATE TABLE filler AS SELECT zeroblob({free * 4096}) AS body")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.fetchall()
        try:
            with pytest.raises(StorageFull, match="full: nothing was changed"):
                nodes.nodes_add(cluster=tried, actor="ada", names=[f"machine-{at}" for at in range(500)])
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.fetchall()
    assert (everything(tried), row_of(tried).number) == before


def test_small_things_are_trimmed(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Turns of the clock beyond a number, tokens revoked long ago and old audit entries are forgotten."""
    monkeypatch.setattr(history, "SPANS", 2)
    settings.EVERYNODE_AUDIT_DAYS = 10
    tried, ago = cluster(), datetime.now(UTC) - timedelta(days=40)
    user = User.objects.create(username="ada")
    for at in range(5):
        models.ClockSpan.objects.create(cluster_id=tried, wall=at, time=at, speed=1, until=at)
    for name, revoked in (("used", None), ("old", ago), ("fresh", datetime.now(UTC))):
        models.Token.objects.create(
            cluster_id=tried, user=user, note=name, hash=name, revoked=revoked, expires=LATER
        )
    models.Token.objects.create(cluster_id=tried, user=user, note="over", hash="over", expires=ago)
    models.AuditEntry.objects.update(at=ago)
    audit_note(actor="ada", action="cluster_create", about="kept")
    history.log_keep(cluster=tried)

    assert list(models.ClockSpan.objects.values_list("until", flat=True)) == [3, 4]
    assert set(models.Token.objects.values_list("note", flat=True)) == {"used", "fresh"}
    assert list(models.AuditEntry.objects.values_list("about", flat=True)) == ["kept"]


def test_a_deleted_cluster_is_forgotten() -> None:
    """Once its history is cleared, no row of any table has the id of a deleted cluster."""
    tried = grown()
    log.snapshot_take(tried)
    user = User.objects.create(username="ada")
    models.Token.objects.create(cluster_id=tried, user=user, hash="x", expires=LATER)
    models.ClockSpan.objects.create(cluster_id=tried, wall=0, time=0, speed=1, until=0)
    clusters.cluster_delete(cluster=tried, actor="ada")
    history.history_clear(cluster=tried)

    for model in apps.get_models():
        if "cluster_id" in {field.attname for field in model._meta.concrete_fields}:
            assert not model._default_manager.filter(cluster_id=tried).exists(), model
