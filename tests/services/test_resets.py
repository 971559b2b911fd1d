"""Resets are written a portion at a time: others go on meanwhile, and what is begun is brought to its end."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection
from django.test import Client

from controller import models
from controller.engine.errors import Busy, Refused
from controller.queries.archives import cluster_archive
from controller.services import clock, clusters, history, nodes, passes
from controller.store import clocks, leases, log, writes
from controller.store.snapshots import State
from tests.clusters import (
    NOW,
    OWNER,
    PERSON,
    audited,
    cluster,
    everything,
    folded_log,
    numbers,
    row_of,
    settle,
    with_daemonset,
)
from tests.services.between import Between, stepped


@pytest.fixture(name="tried")
def _tried(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a cluster that is emptied and filled in a dozen portions."""
    monkeypatch.setattr(writes, "PORTION", 5)
    made = cluster(nodes=10)
    with_daemonset(made)
    nodes.nodes_remove(cluster=made, actor=PERSON, names=["node-01"])
    return made


class Died(BaseException):
    """The end of a process."""


def dying(cluster: int, turns: int) -> None:
    """Begin a reset in a process that is killed before its so-manieth transaction."""
    left = iter(range(turns))

    def act() -> None:
        if next(left, None) is None:
            raise Died

    with connection.execute_wrapper(Between(act)), pytest.raises(Died):
        clusters.cluster_reset(cluster=cluster, actor=PERSON)
    models.Lease.objects.update(expires=0)  # what the clock does for a holder that is dead


def held_by(cluster: int) -> tuple[set[str], set[str]]:
    """Return the names of the nodes of a cluster and of its sets."""
    keys = everything(cluster)
    return {key[2] for key in keys if key[0] == "Node"}, {key[2] for key in keys if key[0] == "DaemonSet"}


BORN = ({f"node-{number:02}" for number in range(1, 11)}, set[str]())


@stepped
@pytest.mark.django_db(transaction=True)
def test_others_write_between_portions(tried: int) -> None:
    """Between any two portions another cluster is edited as ever; edits of the one are refused as busy."""
    other = cluster("other", nodes=1)
    seen: list[tuple[int, str, object]] = []

    def edited(which: int, node: str) -> object:
        try:
            nodes.node_labels(cluster=which, actor=PERSON, node=node, labels={"n": str(len(seen))})
        except Refused as refused:
            return type(refused)
        return None

    def look() -> None:
        try:
            row = row_of(tried)
            refused = edited(tried, "node-02") if row.resetting else None
            seen.append((row.number, row.resetting, (edited(other, "node-1"), refused)))
        finally:
            connection.close()

    def act() -> None:
        thread = Thread(target=look)
        thread.start()
        thread.join()

    before = row_of(tried).number
    with connection.execute_wrapper(Between(act)):
        clusters.cluster_reset(cluster=tried, actor=PERSON)
    assert seen[0] == (before, "", (None, None))
    assert {told for _number, _by, told in seen[1:]} == {(None, Busy)}
    assert {by for _number, by, _told in seen[1:]} == {PERSON}
    assert len({number for number, _by, _told in seen}) > 10, "it was written in portions"
    assert held_by(tried) == BORN
    assert audited().count("Reset cluster tried to how it was made") == 1
    noted = models.AuditEntry.objects.get(action="cluster_reset")
    assert (noted.actor, noted.number) == (PERSON, row_of(tried).number)


@stepped
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turns", [1, 4, 9, 18])
def test_whoever_dies_between_portions(tried: int, turns: int) -> None:
    """A reset whose process died is waiting for a worker, also while time is paused, who does it whole."""
    clock.clock_pause(cluster=tried, actor=PERSON)
    dying(tried, turns)
    assert row_of(tried).resetting == PERSON
    assert clocks.waiting(NOW) == [tried]
    with pytest.raises(Busy):
        nodes.nodes_add(cluster=tried, actor=PERSON, names=["more"])
    with pytest.raises(Busy):
        clusters.cluster_reset(cluster=tried, actor=PERSON)
    history.log_keep(cluster=tried)

    passes.cluster_pass(cluster=tried, owner=OWNER)
    assert row_of(tried).resetting == ""
    assert clocks.waiting(NOW) == []
    assert held_by(tried) == BORN
    assert everything(tried) == folded_log(tried)
    assert numbers(tried) == list(range(1, row_of(tried).number + 1))
    assert audited().count("Reset cluster tried to how it was made") == 1
    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    assert models.Node.objects.filter(cluster=tried, ready="True").count() == 10


@pytest.mark.django_db(transaction=True)
def test_no_pass_is_made_meanwhile(tried: int) -> None:
    """While somebody resets a cluster, workers let it be."""
    assert leases.acquire(tried, "another")
    models.Cluster.objects.filter(pk=tried).update(resetting=PERSON)
    before = row_of(tried).number
    passes.cluster_pass(cluster=tried, owner=OWNER)
    assert row_of(tried).number == before
    assert clocks.waiting(NOW) == []


@stepped
@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_is_deleted_meanwhile(tried: int) -> None:
    """A cluster that is being reset can be deleted; nothing is done to what it leaves."""
    dying(tried, 4)
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    passes.cluster_pass(cluster=tried, owner=OWNER)
    history.history_clear(cluster=tried)
    assert not models.Pod.objects.exists()


@stepped
@pytest.mark.django_db(transaction=True)
def test_nothing_is_made_of_a_half(tried: int) -> None:
    """Neither a copy nor a file is made of a cluster that is being reset."""
    dying(tried, 4)
    with pytest.raises(Busy):
        clusters.cluster_copy(cluster=tried, name="copy", actor=PERSON)
    with pytest.raises(Busy):
        cluster_archive(cluster=tried)
    passes.cluster_pass(cluster=tried, owner=OWNER)
    assert list(cluster_archive(cluster=tried))
    assert clusters.cluster_copy(cluster=tried, name="copy", actor=PERSON).resetting == ""


@pytest.mark.django_db
@pytest.mark.parametrize("whole", [True, False])
def test_a_reset_while_a_cluster_is_copied(
    tried: int, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    """What was read for a copy while a reset began, or came and went, is not used."""
    read = log.gather

    def gather(cluster: int) -> tuple[int, State]:
        if whole:
            clusters.cluster_reset(cluster=cluster, actor=PERSON)
        else:
            models.Cluster.objects.filter(pk=cluster).update(resetting=PERSON)
        return read(cluster)

    monkeypatch.setattr(log, "gather", gather)
    with pytest.raises(Busy):
        clusters.cluster_copy(cluster=tried, name="copy", actor=PERSON)
    assert not models.Cluster.objects.filter(name="copy").exists()


@pytest.mark.django_db
def test_its_pages_say_so(tried: int, admin_client: Client) -> None:
    """Whoever looks at a cluster that is being reset is told that it is not whole."""
    pages = ("/clusters/tried/table/", "/clusters/")
    words = ("ada is resetting this cluster", "being reset")
    before = [admin_client.get(page).content.decode() for page in pages]
    models.Cluster.objects.filter(pk=tried).update(resetting=PERSON)
    now = [admin_client.get(page).content.decode() for page in pages]
    for word, then, shown in zip(words, before, now, strict=True):
        assert word not in then
        assert word in shown
