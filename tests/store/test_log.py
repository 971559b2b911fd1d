"""The log: reading on, rebuilding a moment, snapshots, forgetting. Writing it: test_writes."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.changes import Verb
from controller.engine.errors import BadRequest, Gone, NotFound
from controller.engine.objects import Key, Manifest
from controller.store import log, rows, snapshots
from controller.store.writes import writing
from tests.builders import node_manifest, pod_manifest
from tests.clusters import bare_cluster, change, everything, folded_log, numbers

pytestmark = pytest.mark.django_db


def story(cluster: int) -> None:
    """Write ten changes: objects come, change and go."""
    with writing(cluster) as opened:
        opened.put(change(node_manifest(f"node-{number}")) for number in range(4))
    with writing(cluster) as opened:
        opened.put([change(node_manifest("node-1", labels={"disk": "ssd"}), Verb.MODIFIED)])
        opened.put([change(node_manifest("node-2"), Verb.DELETED)])
        opened.put([change(pod_manifest("agent-x", node="node-1"), due=1.0)])
    with writing(cluster) as opened:
        opened.put([change(node_manifest("node-2"))])
        opened.put([change(pod_manifest("agent-x", node="node-1"), Verb.DELETED)])
        opened.put([change(node_manifest("node-1"), Verb.MODIFIED)])


def manifests_at(cluster: int, number: int) -> dict[Key, Manifest]:
    """Return what a rebuilt moment holds."""
    return {key: stored.manifest for key, stored in log.state_at(cluster, number).items()}


def test_reading_on() -> None:
    """A reader gets what it has not seen, oldest first, with who did it and why."""
    cluster = bare_cluster()
    story(cluster)

    entries = log.since(cluster, 6)
    assert [entry.number for entry in entries] == [7, 8, 9, 10]
    assert (entries[0].change.verb, entries[0].change.timers) == (Verb.ADDED, {"due": 1.0})
    assert (entries[0].change.actor, entries[0].change.reason) == ("ada", "a test")
    assert entries[0].change.manifest["metadata"]["resourceVersion"] == "7"
    assert [entry.number for entry in log.since(cluster, 6, upto=8)] == [7, 8]
    assert log.since(cluster, 10) == []


def test_any_moment() -> None:
    """Whatever the snapshots, a moment that is rebuilt is the fold of the log up to it."""
    cluster = bare_cluster()
    story(cluster)
    body = snapshots.packed(log.gather(cluster)[1])
    models.Snapshot.objects.create(cluster_id=cluster, number=10, body=body)
    with writing(cluster) as opened:
        opened.put([change(node_manifest("node-9"))])

    for number in range(12):
        assert manifests_at(cluster, number) == folded_log(cluster, number)
    assert manifests_at(cluster, 11) == everything(cluster)


def test_gather_equals_the_rows() -> None:
    """What is gathered without a lock is what the rows hold, and bears the last number."""
    cluster = bare_cluster()
    story(cluster)
    number, state = log.gather(cluster)

    assert number == 10
    assert {key: text.parsed(key[0]).manifest for key, text in state.items()} == everything(cluster)


def test_gather_some_kinds() -> None:
    """Who wants some kinds gets all objects of these, at the same number."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        config = {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default", "uid": "c"}}
        opened.put([change(node_manifest("n")), change(pod_manifest("p", node="n")), change(config)])
    number, state = log.gather(cluster, {"Node", "ConfigMap"})
    assert (number, {key[0] for key in state}) == (3, {"Node", "ConfigMap"})
    assert {key[0] for key in log.gather(cluster, {"Pod"})[1]} == {"Pod"}


def test_gather_while_others_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes that are written while the rows are read are in what is gathered, each once and in order."""
    cluster = bare_cluster()
    story(cluster)
    read = rows.all_packed

    def read_and_be_overtaken(
        cluster: int, _kinds: object = None, **_few: object
    ) -> list[tuple[Key, rows.Packed]]:
        found = list(read(cluster))
        with writing(cluster) as opened:
            opened.put([change(node_manifest("node-0"), Verb.DELETED), change(node_manifest("node-late"))])
        return [*found, *(row for row in read(cluster) if row[0][2] == "node-late")]

    monkeypatch.setattr(rows, "all_packed", read_and_be_overtaken)
    number, state = log.gather(cluster)
    monkeypatch.undo()

    assert number == 12
    assert {key: text.parsed(key[0]).manifest for key, text in state.items()} == everything(cluster)


def test_gather_while_the_log_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while the rows are read, and forgotten at once, is not missing: it is begun anew."""
    cluster = bare_cluster()
    story(cluster)
    read, late = rows.all_packed, iter([True])

    def read_and_be_overtaken(
        cluster: int, _kinds: object = None, **_few: object
    ) -> list[tuple[Key, rows.Packed]]:
        found = list(read(cluster))
        if next(late, False):
            with writing(cluster) as opened:
                opened.put(
                    [change(node_manifest("node-0"), Verb.DELETED), change(node_manifest("node-late"))]
                )
                opened.put([change(node_manifest("node-1", labels={"kept": "yes"}), Verb.MODIFIED)])
            log.clear(cluster, upto=12)
        return found

    monkeypatch.setattr(rows, "all_packed", read_and_be_overtaken)
    number, state = log.gather(cluster)
    monkeypatch.undo()

    assert number == 13
    assert {key: text.parsed(key[0]).manifest for key, text in state.items()} == everything(cluster)


def test_snapshots_are_taken_when_the_log_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot is due after so many changes, and not again right after it was taken."""
    cluster = bare_cluster()
    monkeypatch.setattr(log, "EVERY", 10)
    assert not log.snapshot_due(cluster)
    story(cluster)
    assert log.snapshot_due(cluster)
    assert log.snapshot_take(cluster) == 10
    assert not log.snapshot_due(cluster)


def test_forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what no kept number needs is forgotten; who asks for older moments is told they are gone."""
    cluster = bare_cluster()
    monkeypatch.setattr(log, "CHUNK", 3)
    story(cluster)
    log.snapshot_take(cluster)
    with writing(cluster) as opened:
        opened.put(change(node_manifest(f"late-{number}")) for number in range(5))

    log.trim(cluster, keep=6, spare=0)
    assert numbers(cluster)[0] == 1
    log.trim(cluster, keep=5, spare=0)
    assert numbers(cluster) == [11, 12, 13, 14, 15]
    assert [len(log.since(cluster, number)) for number in (10, 14)] == [5, 1]
    assert len(manifests_at(cluster, 10)) == 4
    assert manifests_at(cluster, 15) == everything(cluster)
    with pytest.raises(Gone):
        log.since(cluster, 9)
    for number in (1, 9):
        with pytest.raises(Gone):
            log.state_at(cluster, number)


def test_the_spared_snapshot_stays() -> None:
    """The snapshot that a cluster was made from outlives the log around it."""
    cluster = bare_cluster()
    story(cluster)
    for number in (3, 7, 10):
        models.Snapshot.objects.create(cluster_id=cluster, number=number, body=snapshots.packed({}))

    log.trim(cluster, keep=0, spare=3)
    assert sorted(models.Snapshot.objects.values_list("number", flat=True)) == [3, 10]


def test_moments_that_cannot_be() -> None:
    """The future is no moment, and neither is anything of a cluster that is not there."""
    cluster = bare_cluster()
    story(cluster)
    with pytest.raises(BadRequest, match="too large resource version: 11, current: 10"):
        log.state_at(cluster, 11)
    with pytest.raises(NotFound):
        log.since(404, 0)
    with pytest.raises(NotFound):
        log.gather(404)
