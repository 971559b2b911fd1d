"""Views follow the log at the cost of what changed, and are shared by a process's readers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from operator import attrgetter

import pytest
from django.db.models import F

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.row import PROJECTED, new_world
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.status import Counts
from controller.engine.edits.deletion import Delete
from controller.engine.edits.workloads import SetImage
from controller.engine.errors import BadRequest, Gone
from controller.engine.objects import Key, Moment
from controller.services import nodes, objects
from controller.services.edits import submit
from controller.store import log, projection, rows, views
from controller.store.details import EventFilter, LoggedDetails
from controller.store.log import snapshot_take
from controller.store.rows import Packed
from controller.store.views import ClusterView, PastViews, ViewCache
from controller.store.worlds import settings_of
from controller.store.writes import writing
from tests.builders import daemonset_manifest, node_manifest, pod_manifest, uid_of
from tests.clusters import PERSON, bare_cluster, change, row_of, settle, with_daemonset
from tests.clusters import cluster as a_cluster

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


def test_what_is_written_while_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view is of one number, though its rows are read one after the other while others write."""
    cluster = covered()
    read = rows.all_packed

    def overtaken(pk: int, kinds: Collection[str] | None = None) -> Iterator[tuple[Key, Packed]]:
        reading = read(pk, kinds)
        yield next(reading)  # the nodes are read, the other tables are not
        with writing(cluster) as opened:
            opened.put([change(node_manifest("first", labels={"moved": "yes"}), Verb.MODIFIED)])
            opened.put([change(node_manifest("second"), Verb.DELETED), change(node_manifest("third"))])
            opened.put([change(pod_manifest("agent-x", node="first"), Verb.DELETED)])
            opened.put([change(pod_manifest("agent-y", node="third"))])
            opened.put([change(daemonset_manifest("agent"), Verb.MODIFIED)])
        yield from reading

    monkeypatch.setattr(rows, "all_packed", overtaken)
    view = views.present(row_of(cluster))
    assert view.number == row_of(cluster).number
    assert {name: node.labels.get("moved") for name, node in view.world.nodes.items()} == {
        "first": "yes",
        "third": None,
    }
    assert view.cells == {AGENT: {"first": CellState.MISSING, "third": CellState.OLD}}


def test_what_is_forgotten_while_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is missing from a view though the log was cut off behind what its rows are of."""
    cluster = covered()
    read, late = rows.all_packed, iter([True])

    def overtaken(pk: int, kinds: Collection[str] | None = None) -> Iterator[tuple[Key, Packed]]:
        yield from list(read(pk, kinds))
        if next(late, False):
            with writing(cluster) as opened:
                opened.put([change(node_manifest("second"), Verb.DELETED)])
                number = opened.number
                opened.put([change(node_manifest("third"))])
            log.clear(cluster, upto=number)

    monkeypatch.setattr(rows, "all_packed", overtaken)
    view = views.present(row_of(cluster))
    assert (view.number, set(view.world.nodes)) == (row_of(cluster).number, {"first", "third"})


def test_what_moved() -> None:
    """Following tells which cells are different, and which nodes, sets and pods were touched."""
    cluster = covered()
    view = views.present(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(pod_manifest("agent-y", node="second", ready=False, phase="Pending"), due=1.0)])
        opened.put([change(node_manifest("third"))])
    moved = view.noted()
    view.follow(row_of(cluster))
    assert view.cells[AGENT] == {
        "first": CellState.OLD,
        "second": CellState.UPDATING,
        "third": CellState.MISSING,
    }
    assert moved.pairs == {(AGENT, "second"), (AGENT, "third")}
    assert (moved.nodes, moved.sets, moved.pods) == ({"third"}, set(), {("default", "agent-y")})


def test_who_notes_what_moved() -> None:
    """It is noted for everybody who asked before, in their own way, and in the view that they asked."""
    cluster = covered()
    view = views.present(row_of(cluster))
    early, late = view.noted(), view.noted()
    with writing(cluster) as opened:
        opened.put([change(node_manifest("third"))])
    view.follow(row_of(cluster))
    late.nodes.clear()
    assert early.nodes == {"third"}
    assert (view.notes(early), views.present(row_of(cluster)).notes(early)) == (True, False)
    del early, late
    assert not view.is_followed


def test_what_is_gone_takes_its_cells_along() -> None:
    """Cells of a node or a set that is gone go with it."""
    cluster = covered()
    view = views.present(row_of(cluster))
    with writing(cluster) as opened:
        opened.put([change(node_manifest("second"), Verb.DELETED)])
    view.follow(row_of(cluster))
    assert view.cells == {AGENT: {"first": CellState.OLD}}
    with writing(cluster) as opened:
        opened.put([change(daemonset_manifest("agent"), Verb.DELETED)])
    view.follow(row_of(cluster))
    assert view.cells == {}


def test_pods_alike_share() -> None:
    """Pods of a set share what they have in common: labels, owners and equal timers."""
    cluster = covered()
    with writing(cluster) as opened:
        opened.put(change(pod_manifest(f"agent-{at}", node="first"), ready=1.0) for at in range(3))
    view = views.present(row_of(cluster))
    pods = [pod for pod in view.world.pods.values() if pod.timers]
    assert len(pods) == 3
    for part in ("held.alike", "labels", "timers"):
        assert len({id(attrgetter(part)(pod)) for pod in pods}) == 1, part


def test_it_stays_small() -> None:
    """A view keeps of pods' manifests what a packet meets, and no reminders, however long it follows."""
    cluster = covered()
    view = views.present(row_of(cluster))
    for moment in range(20):
        with writing(cluster) as opened:
            opened.put([change(pod_manifest("agent-x", node="first"), Verb.MODIFIED, due=float(moment))])
        view.follow(row_of(cluster))
    (pod,) = view.world.pods.values()
    kept = {"dnsPolicy": "ClusterFirst", "containers": [{"name": "main", "image": "agent:1"}]}
    assert pod.manifest == {"metadata": {}, "spec": kept, "status": {"containerStatuses": []}}
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


def test_what_is_followed_stays() -> None:
    """A view whose moves somebody waits for is kept, whatever else is looked at."""
    cache = ViewCache(room=1)
    row, others = row_of(covered()), [row_of(covered(name)) for name in ("second", "third")]
    with cache.present(row) as first:
        moved = first.noted()
    for other in others:
        with cache.present(other):
            pass
    with cache.present(row) as again:
        assert again is first
        assert again.notes(moved)


def test_a_cluster_that_is_forgotten() -> None:
    """A deleted cluster leaves at once, also while somebody looks at it."""
    cache = ViewCache()
    row = row_of(covered())
    with cache.present(row) as view:
        cache.forget(row.pk)
        assert view.number == row.number
    with cache.present(row) as anew:
        assert anew is not view


def test_a_cluster_that_is_forgotten_while_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view of a cluster that is deleted while somebody loads it is not kept; nor are its moments."""
    cache, past, row, read = ViewCache(), PastViews(), row_of(covered()), rows.all_packed

    def overtaken(pk: int, kinds: Collection[str] | None = None) -> Iterator[tuple[Key, Packed]]:
        yield from read(pk, kinds)
        cache.forget(row.pk)

    with past.lend(row, row.number):
        past.forget(row.pk)
    assert not past._views
    monkeypatch.setattr(rows, "all_packed", overtaken)
    with cache.present(row) as view:
        assert view.number == row.number
    assert not cache._views


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
        waiting.result(timeout=30)
    assert order == ["first", "second"]


def test_one_reader_at_a_time_whatever_makes_room() -> None:
    """Who waits for a view gets it after the others, also where it had to make room meanwhile."""
    cache = ViewCache(room=1)
    row, other = row_of(covered()), row_of(covered("other"))
    with cache.present(row):
        lock = cache._locks[row.pk]
        with cache.present(other):
            pass
        assert row.pk not in cache._views
        assert cache._locks.get(row.pk) is lock
        cache.forget(row.pk)
        assert cache._locks.get(row.pk) is lock
    del lock
    assert row.pk not in cache._locks


# ------------------------------------------------------------------------------------- the past
STORY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""


@pytest.fixture(name="storied")
def _storied() -> int:
    """Return a cluster to which all kinds of things happened: what is gone came again under its name."""
    tried = a_cluster(nodes=3)
    with_daemonset(tried)
    objects.manifests_create(cluster=tried, actor=PERSON, text=STORY)
    settle(tried)
    snapshot_take(tried)
    log.cut(tried, row_of(tried).number, spare=0)
    place = ("DaemonSet", "default", "nginx-ds")
    request = SetImage(place, "nginx", "nginx:2", "")
    submit(request, cluster=tried, actor=PERSON)
    settle(tried)
    nodes.nodes_remove(cluster=tried, actor=PERSON, names=["node-2"])
    submit(Delete(place), cluster=tried, actor=PERSON)
    settle(tried)
    with_daemonset(tried)
    nodes.nodes_add(cluster=tried, actor=PERSON, names=["node-2"])
    settle(tried)
    return tried


def rebuilt(tried: int, number: int) -> ClusterView:
    """Return a moment as the log tells it from its beginning on."""
    world = new_world(settings_of(row_of(tried)), PROJECTED, projection.projected)
    world.number = number
    for (kind, _namespace, _name), stored in log.state_at(tried, number).items():
        if kind in projection.SHOWN:
            world.apply(Change(Verb.ADDED, kind, stored.manifest, "", "", stored.timers))
    return ClusterView(world, Moment(row_of(tried).created, 0.0), LoggedDetails(tried), clock_stands=False)


def shown(view: ClusterView) -> tuple[object, ...]:
    """Return what of a view shows."""
    world = view.world
    pods = {key: (pod.uid, pod.node, pod.phase, pod.ready, pod.timers) for key, pod in world.pods.items()}
    counts = {uid: Counts.shown(coverage) for uid, coverage in coverages(world).items()}
    manifests = {key: one.manifest for key, one in world.objects.of("Node").items()}
    return view.number, view.cells, dict(view.loads), pods, counts, manifests, sorted(world.nodes)


def test_any_moment_is_what_the_log_tells(storied: int) -> None:
    """From now, and from a moment before or after it, one comes to the same moment."""
    past, first, last = PastViews(room=2), log.first(storied), row_of(storied).number
    for number in (*range(first, last, 7), *range(last, first, -5), first):
        wanted = shown(rebuilt(storied, number))
        assert shown(views.at(row_of(storied), number)) == wanted, number
        with past.lend(row_of(storied), number) as view:
            assert shown(view) == wanted, number
    with views.cache.present(row_of(storied)) as view:
        assert shown(view) == shown(rebuilt(storied, last)), "now is as it was"


def test_what_a_moment_does_not_hold(storied: int) -> None:
    """Whole pods and events are those of the moment, not of now."""
    number = log.first(storied)
    state = log.state_at(storied, number)
    view = views.at(row_of(storied), number)
    pods = {key[1:]: one.manifest for key, one in state.items() if key[0] == "Pod"}
    assert view.pods(list(pods)) == pods
    events = [one.manifest for key, one in state.items() if key[0] == "Event"]
    uids = [one["metadata"]["uid"] for one in view.events(EventFilter())]
    assert sorted(uids) == sorted(one["metadata"]["uid"] for one in events)
    (pod, *_) = pods.values()
    told = view.events(EventFilter(uid=pod["metadata"]["uid"]))
    assert told
    assert all(one["involvedObject"]["name"] == pod["metadata"]["name"] for one in told)


def test_when_the_oldest_moment_was(storied: int) -> None:
    """The entry of the oldest number is no longer kept; it is not as old as the cluster."""
    models.Cluster.objects.filter(pk=storied).update(created=F("created") - timedelta(days=1))
    first = log.first(storied)
    oldest, next_one = (views.at(row_of(storied), number).moment for number in (first, first + 1))
    assert oldest == next_one
    change = models.Change.objects.get(cluster=storied, number=first + 1)
    assert oldest.wall == change.at


def test_no_such_moment(storied: int) -> None:
    """What is no longer kept, and what has not happened, are told apart."""
    with pytest.raises(Gone):
        views.at(row_of(storied), log.first(storied) - 1)
    with pytest.raises(BadRequest, match="too large resource version"):
        views.at(row_of(storied), row_of(storied).number + 1)
