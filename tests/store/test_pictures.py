"""Pictures follow the log at the cost of what changed, and are shared by a process's readers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from controller.engine.changes import Verb
from controller.engine.daemonset.cells import CellState
from controller.engine.errors import Gone
from controller.store import lean, log
from controller.store.pictures import Picture, Shelf
from controller.store.writes import writing
from tests.builders import daemonset_manifest, node_manifest, pod_manifest, uid_of
from tests.clusters import bare_cluster, change, row_of

pytestmark = pytest.mark.django_db

AGENT = uid_of("agent")


def covered(name: str = "covered") -> int:
    """Return a cluster with two nodes and a set that has a pod on the first."""
    cluster = bare_cluster(name)
    with writing(cluster) as opened:
        opened.put([change(node_manifest("first")), change(node_manifest("second"))])
        opened.put([change(daemonset_manifest("agent"))])
        opened.put([change(pod_manifest("agent-x", node="first"))])
    return cluster


def test_a_picture() -> None:
    """Every cell that is not empty is in the picture, and every set."""
    picture = Picture(row_of(covered()))
    assert picture.cells == {AGENT: {"first": CellState.OLD, "second": CellState.MISSING}}
    assert picture.cell(AGENT, "elsewhere") is CellState.NONE


def test_what_moved() -> None:
    """Following tells which cells are different, and which nodes, sets and pods were touched."""
    cluster = covered()
    picture = Picture(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(pod_manifest("agent-y", node="second", ready=False, phase="Pending"), due=1.0)])
        opened.put([change(node_manifest("third"))])
    moved = picture.follow(row_of(cluster))
    assert moved.cells == {AGENT: {"second": CellState.UPDATING, "third": CellState.MISSING}}
    assert (moved.nodes, moved.sets, moved.pods) == ({"third"}, set(), {("default", "agent-y")})


def test_what_is_gone_takes_its_cells_along() -> None:
    """Cells of a node or a set that is gone are not told one by one."""
    cluster = covered()
    picture = Picture(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(node_manifest("second"), Verb.DELETED)])
    assert (picture.follow(row_of(cluster)).cells, picture.cells) == ({}, {AGENT: {"first": CellState.OLD}})
    with writing(cluster) as opened:
        opened.put([change(daemonset_manifest("agent"), Verb.DELETED)])
    assert (picture.follow(row_of(cluster)).cells, picture.cells) == ({}, {})


def test_it_stays_small() -> None:
    """A picture keeps no templates of pods and no reminders, however long it follows."""
    cluster = covered()
    picture = Picture(row_of(cluster))
    for moment in range(20):
        with writing(cluster) as opened:
            opened.put([change(pod_manifest("agent-x", node="first"), Verb.MODIFIED, due=float(moment))])
        picture.follow(row_of(cluster))
    (pod,) = picture.world.pods.values()
    assert "containers" not in pod.manifest["spec"]
    assert picture.world._deadlines == []


def test_a_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed is read in portions, events included, up to the number of the row."""
    monkeypatch.setattr(lean, "CHUNK", 3)
    cluster = covered()
    picture = Picture(row_of(cluster))
    with writing(cluster) as opened:
        opened.put(change(node_manifest(f"node-{number}")) for number in range(8))
    picture.follow(row_of(cluster))
    assert (len(picture.world.nodes), picture.number) == (10, row_of(cluster).number)


@pytest.mark.parametrize("far", [True, False])
def test_too_far_behind(monkeypatch: pytest.MonkeyPatch, *, far: bool) -> None:
    """A picture that cannot follow says so; the shelf makes a new one."""
    cluster = covered()
    shelf = Shelf()
    with shelf.looking(row_of(cluster)) as old:
        pass
    with writing(cluster) as opened:
        opened.put([change(node_manifest("third")), change(node_manifest("fourth"))])
    if far:
        monkeypatch.setattr(lean, "MAX_LAG", 1)
    else:
        log.clear(cluster, upto=row_of(cluster).number)
    with pytest.raises(Gone):
        old.follow(row_of(cluster))
    with shelf.looking(row_of(cluster)) as new:
        assert new is not old
        assert sorted(new.world.nodes) == ["first", "fourth", "second", "third"]


def test_the_shelf() -> None:
    """Readers share one picture of a cluster, which follows; those least used make room for others."""
    shelf = Shelf(room=1)
    cluster = covered()
    with shelf.looking(row_of(cluster)) as first:
        pass
    with writing(cluster) as opened:
        opened.put([change(node_manifest("third"))])
    with shelf.looking(row_of(cluster)) as again:
        assert again is first
        assert "third" in again.world.nodes
    with shelf.looking(row_of(covered("other"))):
        pass
    with shelf.looking(row_of(cluster)) as anew:
        assert anew is not first


def test_an_error_of_a_reader_harms_nobody() -> None:
    """A picture goes back on the shelf when its reader fails."""
    shelf = Shelf()
    row = row_of(covered())
    with pytest.raises(KeyError), shelf.looking(row) as picture:
        raise KeyError
    with shelf.looking(row) as again:
        assert again is picture


def test_one_reader_at_a_time() -> None:
    """A second reader of the same cluster waits for the first."""
    shelf = Shelf()
    row = row_of(covered())
    order = []

    def read() -> None:
        with shelf.looking(row):
            order.append("second")

    with ThreadPoolExecutor(1) as threads:
        with shelf.looking(row):
            waiting = threads.submit(read)
            order.append("first")
        waiting.result(timeout=5)
    assert order == ["first", "second"]
