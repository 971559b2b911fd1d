"""Views follow the log at the cost of what changed, and are shared by a process's readers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from controller.engine.changes import Verb
from controller.engine.daemonset.cells import CellState
from controller.engine.errors import Gone
from controller.store import log, projection, views
from controller.store.views import ViewCache
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


def test_a_view() -> None:
    """Every cell that is not empty is in the view, and every set."""
    view = views.present(row_of(covered()))
    assert view.cells == {AGENT: {"first": CellState.OLD, "second": CellState.MISSING}}
    assert view.cell(AGENT, "elsewhere") is CellState.NONE


def test_what_moved() -> None:
    """Following tells which cells are different, and which nodes, sets and pods were touched."""
    cluster = covered()
    view = views.present(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(pod_manifest("agent-y", node="second", ready=False, phase="Pending"), due=1.0)])
        opened.put([change(node_manifest("third"))])
    moved = view.follow(row_of(cluster))
    assert moved.cells == {AGENT: {"second": CellState.UPDATING, "third": CellState.MISSING}}
    assert (moved.nodes, moved.sets, moved.pods) == ({"third"}, set(), {("default", "agent-y")})


def test_what_is_gone_takes_its_cells_along() -> None:
    """Cells of a node or a set that is gone are not told one by one."""
    cluster = covered()
    view = views.present(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(node_manifest("second"), Verb.DELETED)])
    assert (view.follow(row_of(cluster)).cells, view.cells) == ({}, {AGENT: {"first": CellState.OLD}})
    with writing(cluster) as opened:
        opened.put([change(daemonset_manifest("agent"), Verb.DELETED)])
    assert (view.follow(row_of(cluster)).cells, view.cells) == ({}, {})


def test_pods_alike_share() -> None:
    """Pods of a set share what they have in common: labels, owners and equal timers."""
    cluster = covered()
    with writing(cluster) as opened:
        opened.put(change(pod_manifest(f"agent-{at}", node="first"), ready=1.0) for at in range(3))
    view = views.present(row_of(cluster))
    pods = [pod for pod in view.world.pods.values() if pod.timers]
    assert len(pods) == 3
    for part in ("manifest", "labels", "timers"):
        assert len({id(getattr(pod, part)) for pod in pods}) == 1, part


def test_it_stays_small() -> None:
    """A view keeps no templates of pods and no reminders, however long it follows."""
    cluster = covered()
    view = views.present(row_of(cluster))
    for moment in range(20):
        with writing(cluster) as opened:
            opened.put([change(pod_manifest("agent-x", node="first"), Verb.MODIFIED, due=float(moment))])
        view.follow(row_of(cluster))
    (pod,) = view.world.pods.values()
    assert pod.manifest.keys() == {"metadata"}
    assert view.world._deadlines == []


def test_a_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed is read in portions, events included, up to the number of the row."""
    monkeypatch.setattr(projection, "CHUNK", 3)
    cluster = covered()
    view = views.present(row_of(cluster))
    with writing(cluster) as opened:
        opened.put(change(node_manifest(f"node-{number}")) for number in range(8))
    view.follow(row_of(cluster))
    assert (len(view.world.nodes), view.number) == (10, row_of(cluster).number)


@pytest.mark.parametrize("far", [True, False])
def test_too_far_behind(monkeypatch: pytest.MonkeyPatch, *, far: bool) -> None:
    """A view that cannot follow says so; the cache makes a new one."""
    cluster = covered()
    cache = ViewCache()
    with cache.present(row_of(cluster)) as old:
        pass
    with writing(cluster) as opened:
        opened.put([change(node_manifest("third")), change(node_manifest("fourth"))])
    if far:
        monkeypatch.setattr(projection, "MAX_LAG", 1)
    else:
        log.clear(cluster, upto=row_of(cluster).number)
    with pytest.raises(Gone):
        old.follow(row_of(cluster))
    with cache.present(row_of(cluster)) as new:
        assert new is not old
        assert sorted(new.world.nodes) == ["first", "fourth", "second", "third"]


def test_the_cache() -> None:
    """Readers share one view of a cluster, which follows; those least used make room for others."""
    cache = ViewCache(room=1)
    cluster = covered()
    with cache.present(row_of(cluster)) as first:
        pass
    with writing(cluster) as opened:
        opened.put([change(node_manifest("third"))])
    with cache.present(row_of(cluster)) as again:
        assert again is first
        assert "third" in again.world.nodes
    with cache.present(row_of(covered("other"))):
        pass
    with cache.present(row_of(cluster)) as anew:
        assert anew is not first


def test_an_error_of_a_reader_harms_nobody() -> None:
    """A view goes back on the cache when its reader fails."""
    cache = ViewCache()
    row = row_of(covered())
    with pytest.raises(KeyError), cache.present(row) as view:
        raise KeyError
    with cache.present(row) as again:
        assert again is view


def test_one_reader_at_a_time() -> None:
    """A second reader of the same cluster waits for the first."""
    cache = ViewCache()
    row = row_of(covered())
    order = []

    def read() -> None:
        with cache.present(row):
            order.append("second")

    with ThreadPoolExecutor(1) as threads:
        with cache.present(row):
            waiting = threads.submit(read)
            order.append("first")
        waiting.result(timeout=5)
    assert order == ["first", "second"]
