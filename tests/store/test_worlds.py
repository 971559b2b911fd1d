"""Worlds from rows and log: loaded, followed, kept warm, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller import models
from controller.engine.changes import Verb
from controller.engine.cluster.eventbook import EventBook, Telling
from controller.engine.objects import Moment
from controller.services import workloads
from controller.services.names import NAMES
from controller.store import log, worlds
from controller.store.writes import writing
from tests.builders import node_manifest, pod_manifest
from tests.clusters import bare_cluster, change, cluster, everything, row_of, settle, with_daemonset

pytestmark = pytest.mark.django_db
ACTOR = "somebody"
MOMENT = Moment(datetime(2026, 1, 1, tzinfo=UTC), 0.0)


def cluster_with(*names: str) -> int:
    """Return a cluster with nodes of these names, and a pod on the first."""
    cluster = bare_cluster("-".join(names))
    with writing(cluster) as opened:
        opened.put(change(node_manifest(name)) for name in names)
        opened.put([change(pod_manifest("agent-x", node=names[0]), due=7.0)])
    return cluster


def test_loaded() -> None:
    """A loaded world holds what the rows hold, timers included, and knows its number and delays."""
    cluster = cluster_with("first", "second")
    world = worlds.load(cluster, worlds.settings_of(row_of(cluster)))

    assert sorted(world.nodes) == ["first", "second"]
    assert world.pods["Pod", "default", "agent-x"].timers == {"due": 7.0}
    assert (world.number, world.settings.node_grace) == (3, 40.0)


def test_old_events_are_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the events a world is loaded with the latest alone, however they lie in the rows."""
    monkeypatch.setattr(worlds, "REMEMBERED", 1)
    cluster = bare_cluster()
    book, told = EventBook(), []
    for reason in ("Pulled", "Created"):
        book.tell("Node", node_manifest("first"), Telling("kubelet", "Normal", reason, "x"), MOMENT, NAMES)
        told += book.flush()
    with writing(cluster) as opened:
        opened.put(reversed(told))
    world = worlds.load(cluster, worlds.settings_of(row_of(cluster)))

    assert [reason for *_, reason in world.events._standing] == ["Pulled"]
    assert world.number == 2


def test_equal_parts_are_shared() -> None:
    """Pods that are loaded share what is equal in them, and nothing else; each is what its row holds."""
    cluster = bare_cluster()
    with writing(cluster) as opened:
        opened.put(change(pod_manifest(f"agent-{node}", node=node)) for node in ("first", "second"))
    world = worlds.load(cluster, worlds.settings_of(row_of(cluster)))
    first, second = (world.pods["Pod", "default", f"agent-{node}"].manifest for node in ("first", "second"))

    assert first["spec"]["containers"] is second["spec"]["containers"]
    assert first["metadata"] is not second["metadata"]
    assert {"agent-first": first, "agent-second": second} == {
        key[2]: manifest for key, manifest in everything(cluster).items()
    }


def test_pods_that_rest_are_kept_packed() -> None:
    """The world that made pods Ready, and one that is loaded, keep them as their rows do until they move."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    kept = worlds.warm.take(row_of(tried))
    fresh = worlds.load(tried, kept.settings)
    rows = {key: manifest for key, manifest in everything(tried).items() if key[0] == "Pod"}
    models.Pod.objects.update(resting="")  # as rows are that an older version wrote
    older = worlds.load(tried, kept.settings)
    for world in (kept, fresh, older):
        assert {key: pod.manifest for key, pod in world.pods.items()} == rows
        assert world.pods == kept.pods
        assert {pod.is_packed for pod in world.pods.values()} == {True}
    assert len({id(pod.labels) for pod in fresh.pods.values()}) == 1

    worlds.warm.put(tried, kept)
    made = {"namespace": "default", "name": "nginx-ds", "container": "nginx", "image": "nginx:non-existent"}
    workloads.workload_image(kind="DaemonSet", cluster=tried, actor=ACTOR, **made)
    settle(tried)
    world = worlds.warm.take(row_of(tried))
    assert not all(pod.is_packed for pod in world.pods.values())


def test_clusters_that_are_gone() -> None:
    """The worlds of deleted clusters are forgotten, those of others are not."""
    gone, stays = cluster_with("first"), cluster_with("second")
    kept = worlds.warm.take(row_of(stays))
    worlds.warm.put(stays, kept)
    worlds.warm.put(gone, worlds.warm.take(row_of(gone)))
    worlds.warm.forget_all_but({stays})

    assert gone not in worlds.warm
    assert worlds.warm.take(row_of(stays)) is kept


def test_warm() -> None:
    """A warm world is the same one, brought up to date from the log, with the delays of today."""
    cluster = cluster_with("first")
    world = worlds.warm.take(row_of(cluster))
    worlds.warm.put(cluster, world)
    with writing(cluster) as opened:
        opened.put([change(node_manifest("second")), change(node_manifest("first"), Verb.DELETED)])
        opened.row.start_delay = 9.0

    again = worlds.warm.take(row_of(cluster))
    assert again is world
    assert (list(again.nodes), again.number, again.settings.start_delay) == (["second"], 4, 9.0)


def test_taken_is_taken() -> None:
    """A world that was taken and not put back is forgotten, so a failure leaves no half truth."""
    cluster = cluster_with("first")
    world = worlds.warm.take(row_of(cluster))
    assert worlds.warm.take(row_of(cluster)) is not world


def test_too_far_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world is loaded anew when the log begins later than it ends, or when that is quicker."""
    cluster = cluster_with("first")
    worlds.warm.put(cluster, old := worlds.warm.take(row_of(cluster)))
    with writing(cluster) as opened:
        opened.put(change(node_manifest(f"late-{number}")) for number in range(3))
    log.clear(cluster, upto=4)
    assert worlds.warm.take(row_of(cluster)) is not old

    worlds.warm.put(cluster, old)
    monkeypatch.setattr(worlds, "MAX_LAG", 1)
    assert len(worlds.warm.take(row_of(cluster)).nodes) == 4


def test_room_for_a_few() -> None:
    """When there are too many warm worlds the one that was not used for longest goes."""
    first, second, third = (cluster_with(name) for name in ("one", "two", "three"))
    warm = worlds.Warm(room=2)
    kept = {cluster: warm.take(row_of(cluster)) for cluster in (first, second, third)}
    warm.put(first, kept[first])
    warm.put(second, kept[second])
    warm.put(first, warm.take(row_of(first)))
    warm.put(third, kept[third])

    assert warm.take(row_of(first)) is kept[first]
    assert warm.take(row_of(third)) is kept[third]
    assert warm.take(row_of(second)) is not kept[second]
