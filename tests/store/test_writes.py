"""Numbered writes: rows and log of one transaction. Reading the log again: test_log."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection

from controller import models
from controller.engine.changes import Verb
from controller.engine.errors import NotFound
from controller.store import rows
from controller.store.writes import writing
from tests.builders import node_manifest, pod_manifest
from tests.clusters import NOW, bare_cluster, change, everything, folded_log, node, numbers, row_of

pytestmark = pytest.mark.django_db


def test_numbers() -> None:
    """Changes are numbered from 1 in their order, and an object's number is its resourceVersion."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        opened.put(change(node_manifest(name)) for name in ("first", "second"))
        opened.put([change(node_manifest("first", labels={"disk": "ssd"}), Verb.MODIFIED)])

    assert numbers(cluster) == [1, 2, 3]
    assert row_of(cluster).number == 3
    assert node(cluster, "first")["metadata"]["resourceVersion"] == "3"
    assert node(cluster, "second")["metadata"]["resourceVersion"] == "2"
    assert everything(cluster) == folded_log(cluster)


def test_the_writer_keeps_what_it_wrote() -> None:
    """A manifest that is handed over is not edited: the number stands in a copy."""
    manifest = node_manifest("kept")
    with writing(bare_cluster()) as opened:
        opened.put([change(manifest)])

    assert "resourceVersion" not in manifest["metadata"]


def test_last_state_counts() -> None:
    """Of an object that changes several times at once the rows hold the last state, the log all of them."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        opened.put(
            [
                change(node_manifest("stays")),
                change(node_manifest("stays", unschedulable=True), Verb.MODIFIED),
                change(node_manifest("leaves")),
                change(node_manifest("leaves"), Verb.DELETED),
            ]
        )
        opened.put(
            [
                change(node_manifest("stays"), Verb.DELETED),
                change({**node_manifest("stays"), "reborn": True}),
            ]
        )

    assert set(everything(cluster)) == {("Node", "", "stays")}
    assert node(cluster, "stays")["reborn"]
    assert numbers(cluster) == [1, 2, 3, 4, 5, 6]


def test_born_twice() -> None:
    """An object that stands already cannot be added: the whole transaction is refused, numbers included."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        opened.put([change(node_manifest("first"))])

    with pytest.raises(IntegrityError), writing(cluster) as opened:
        opened.put(change(node_manifest(name)) for name in ("second", "first"))

    assert numbers(cluster) == [1]
    assert row_of(cluster).number == 1


def test_columns() -> None:
    """The columns of a row are what the engine's view of the manifest says."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        opened.put(
            [
                change(node_manifest("asleep", ready="Unknown", unschedulable=True)),
                change(pod_manifest("agent-x", node="asleep", ready=False, revision="abc"), due=3.5),
            ]
        )

    machine = models.Node.objects.get(cluster=cluster)
    pod = models.Pod.objects.get(cluster=cluster)
    assert (machine.ready, machine.unschedulable) == ("Unknown", True)
    assert (pod.node, pod.owner, pod.phase, pod.ready) == ("asleep", "uid-agent", "Running", False)
    assert (pod.hash, pod.terminating, pod.timers, pod.version) == ("abc", False, {"due": 3.5}, 2)


def test_kinds_without_a_table_share_one() -> None:
    """Objects of other kinds may have equal names: their kind tells them apart."""
    cluster = bare_cluster()
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "same", "uid": "a"}}
    other = {"apiVersion": "v1", "kind": "Another", "metadata": {"name": "same", "uid": "b"}}
    with writing(cluster) as opened:
        opened.put([change(space), change(other)])
        opened.put([change(space, Verb.DELETED)])

    assert set(everything(cluster)) == {("Another", "", "same")}
    assert rows.find(cluster, ("Namespace", "", "same")) is None


def test_what_is_not_there() -> None:
    """A cluster that is not there is named in the refusal."""
    with pytest.raises(NotFound, match='clusters "404" not found'), writing(404):
        pass


@pytest.mark.django_db(transaction=True)
def test_writers_take_turns() -> None:
    """However many write at once, numbers have no gaps and no change is lost."""
    cluster = bare_cluster()

    def write(person: int) -> None:
        for turn in range(10):
            with writing(cluster) as opened:
                opened.put([change(node_manifest(f"node-{person}-{turn}"))])
        connection.close()

    threads = [threading.Thread(target=write, args=(person,)) for person in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers(cluster) == list(range(1, 41))
    assert everything(cluster) == folded_log(cluster)
    assert row_of(cluster).anchor_wall == NOW
