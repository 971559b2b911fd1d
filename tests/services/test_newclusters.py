"""Large clusters are written a portion at a time: others go on meanwhile, and a half is never a cluster."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import orjson
import pytest
from django.contrib.admin import site
from django.db import OperationalError, connection
from django.test import RequestFactory

from controller import models
from controller.admin import NodeAdmin
from controller.engine.changes import Verb
from controller.engine.errors import AlreadyExists, Busy, Refused
from controller.engine.reasons import Reason
from controller.manifests.dumps import File
from controller.mirror.dumps import dump_import
from controller.services import clusters, history, nodes
from controller.services.edits import Edit
from controller.services.newclusters import made_ahead
from controller.store import rows, writes
from tests.clusters import PERSON, cluster, everything, numbers, with_daemonset
from tests.services.between import Between, stepped

EVERY: tuple[Any, ...] = (
    models.Cluster, models.Change, models.Snapshot, models.Pass, models.Dictionary, models.AuditEntry,
    models.Node, models.Pod, models.DaemonSet, models.ControllerRevision, models.Event, models.Resource,
)  # fmt: skip


@pytest.fixture(name="tried")
def _tried(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a cluster that is written in a dozen portions."""
    monkeypatch.setattr(writes, "PORTION", 5)
    made = cluster(nodes=10)
    with_daemonset(made)
    return made


def copied(tried: int) -> None:
    """Copy the cluster."""
    clusters.cluster_copy(cluster=tried, name="again", actor=PERSON)


def brought(tried: int) -> None:
    """Make a cluster of a dump of the cluster."""
    items = [one for key, one in everything(tried).items() if key[0] in {"Node", "DaemonSet", "Pod"}]
    text = orjson.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    dump_import(files=[File("dump.json", io.BytesIO(text))], actor=PERSON, name="again")


WAYS = [pytest.param(copied, id="copy"), pytest.param(brought, id="dump")]


def counts() -> dict[Any, int]:
    """Return how many rows there are of everything."""
    return {model: model._default_manager.count() for model in EVERY}


@stepped
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_others_write_between_portions(tried: int, way: Callable[[int], None]) -> None:
    """Between any two portions another cluster is edited as ever, and nobody sees a half of the new one."""
    other = cluster("other", nodes=1)
    seen: list[tuple[int, object]] = []

    def edit() -> None:
        try:
            label = {"n": str(len(seen))}
            nodes.node_labels(cluster=other, actor=PERSON, node="node-1", labels=label)
            ahead = models.Change.objects.exclude(cluster__in=models.Cluster.objects.all()).count()
            seen.append((ahead, set(models.Cluster.objects.values_list("name", flat=True))))
        except Refused as refused:
            seen.append((0, refused))
        finally:
            connection.close()

    def act() -> None:
        thread = Thread(target=edit)
        thread.start()
        thread.join()

    with connection.execute_wrapper(Between(act)):
        way(tried)
    assert [names for _ahead, names in seen] == [{"tried", "other"}] * len(seen)
    written = [ahead for ahead, _names in seen]
    assert written == sorted(written)
    assert len(set(written)) > 3, "it was written in portions"

    again = models.Cluster.objects.get(name="again").pk
    assert {key for key in everything(again) if key[0] == "Pod"} == {
        key for key in everything(tried) if key[0] == "Pod"
    }
    assert numbers(again) == list(range(1, len(numbers(again)) + 1))
    assert not models.PendingPurge.objects.exists()


@stepped
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_a_portion_that_gets_no_turn(tried: int, way: Callable[[int], None]) -> None:
    """If the database refuses one portion, the whole is refused and nothing is left of it."""
    before, turns = counts(), iter(range(100))

    def act() -> None:
        if next(turns) == 4:
            raise OperationalError("database is locked")

    with connection.execute_wrapper(Between(act)), pytest.raises(Busy):
        way(tried)
    assert counts() == before
    assert not models.PendingPurge.objects.exists()


@pytest.fixture(name="half")
def _half(tried: int) -> Iterator[tuple[models.Cluster, Edit]]:
    """Yield a cluster of which a part is written ahead, and the edit that does so."""
    row = models.Cluster(name="half", anchor_wall=0.0)
    ahead = made_ahead(row, PERSON)
    edit = ahead.__enter__()
    for kind in ("Node", "Pod"):
        edit.put_all(Verb.ADDED, rows.all_of(tried, kind), Reason.COPIED)
    yield row, edit
    assert not ahead.__exit__(Busy, Busy(), None), "what it ends with is raised again"


@pytest.mark.django_db
def test_whoever_dies_between_portions(tried: int, half: tuple[models.Cluster, Edit]) -> None:
    """What a process wrote ahead that died is no cluster, and is cleared once it was silent for long."""
    row, edit = half
    assert not models.Cluster.objects.filter(pk=row.pk).exists()
    assert models.Pod.objects.filter(cluster=row.pk).count() == 10
    listed = NodeAdmin(models.Node, site).get_queryset(RequestFactory().get("/"))
    assert set(listed.values_list("cluster", flat=True)) == {tried}
    history.history_clear(cluster=row.pk)
    assert models.Pod.objects.filter(cluster=row.pk).count() == 10, "it may be at work"

    models.PendingPurge.objects.update(after=1)
    history.history_clear(cluster=row.pk)
    for model in set(EVERY) - {models.Cluster}:
        assert not model._default_manager.filter(cluster=row.pk).exists()
    with pytest.raises(Busy):
        edit.put_all(Verb.ADDED, rows.all_of(tried, "Node"), Reason.COPIED)
    assert not models.Node.objects.filter(cluster=row.pk).exists(), "what was given up stays so"


@pytest.mark.django_db
def test_a_name_that_is_taken_meanwhile(tried: int) -> None:
    """The name is looked at again in the end; who comes second is refused, and nothing is left of it."""
    row = models.Cluster(name="again", anchor_wall=0.0)
    ahead = made_ahead(row, PERSON)
    ahead.__enter__().put_all(Verb.ADDED, rows.all_of(tried, "Pod"), Reason.COPIED)
    cluster("again")
    with pytest.raises(AlreadyExists):
        ahead.__exit__(None, None, None)
    assert not models.Pod.objects.filter(cluster=row.pk).exists()
    assert not models.PendingPurge.objects.exists()
