"""Whatever people and passes do, the frames that were told add up to what a fresh map would show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.engine.controllers.daemonset.controller import cell, coverages, revision_number
from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Taint
from controller.live import columns
from controller.live.columns import rows_of
from controller.live.delta_source import DeltaSource, cluster_row
from controller.live.fold import Wire, fold
from controller.live.frames import encode
from controller.live.mapview import node_row, placed, set_row, workload_row
from controller.services import clock, clusters, daemonsets, nodes, objects, pods, workloads
from controller.store import views, worlds
from tests.clusters import demo_text, row_of
from tests.clusters import pods as pods_by_node
from tests.servers import BASE
from tests.stepping import SET, Place, by, rest, stepped_cluster, steps

pytestmark = pytest.mark.django_db

EXAMPLES = Path(BASE) / "dashboard" / "examples"
Story = Callable[[int], Iterator[None]]


class Which(Place):
    """Which object of any kind."""

    kind: str


class Client:
    """A client that hears all that is told of a cluster and folds it."""

    def __init__(self, cluster: int) -> None:
        self.cluster, self.teller = cluster, DeltaSource(cluster)
        (snapshot,) = self.teller.snapshot().frames
        self.state = fold(None, json.loads(snapshot))

    def hear(self) -> None:
        """Take what is news."""
        for frame in self.teller.news(row_of(self.cluster)).frames:
            self.state = fold(self.state, json.loads(frame))

    @property
    def map(self) -> Wire:
        """Return the map as it is known, but for the moment at which it was told."""
        assert self.state
        return timeless(self.state)


def timeless(state: Wire) -> Wire:
    """Return a map without the moment at which it was told."""
    return {**state, "cluster": {**state["cluster"], "time": None, "wall": None}}


def fresh_map(cluster: int) -> Wire:
    """Return the map of a world that is read anew and whole, without any short cut."""
    row = row_of(cluster)
    world = worlds.load(cluster, worlds.settings_of(row))
    view = views.present(row)
    cells = {uid: {name: cell(world, uid, name) for name in world.nodes} for uid in coverages(world)}
    snapshot = columns.snapshot(
        n=world.number,
        cluster=cluster_row(row),
        nodes={name: node_row(node) for name, node in world.nodes.items()},
        sets=[set_row(each, revision_number(world, uid)) for uid, each in coverages(world).items()],
        cells=cells,
        workloads=[workload_row(view, uid) for uid in view.loads],
        loads={uid: placed(view, uid) for uid in view.loads},
    )
    return timeless(rows_of(json.loads(encode(snapshot))))


def labels(tried: int) -> Iterator[None]:
    """Labels decide; a new value of an old label, too."""
    name = "ssd-monitor"
    objects.manifests_create(**by(tried), text=demo_text(name))
    yield
    nodes.node_label_patch(**by(tried), nodes=["node-1", "node-2"], set={"disk": "ssd"}, remove=[])
    yield
    nodes.node_label_patch(**by(tried), nodes=["node-1"], set={"disk": "hdd"}, remove=[])
    yield
    nodes.node_labels(**by(tried), node="node-2", labels={})
    yield


def taints(tried: int) -> Iterator[None]:
    """A taint may keep pods away, send them away, or be taken away."""
    for effect in ("NoSchedule", "NoExecute", "PreferNoSchedule"):
        mark = Taint("held", "", effect)
        nodes.node_taints(**by(tried), node="node-1", taints=[mark])
        yield
    nodes.node_cordon(**by(tried), nodes=["node-2"], cordoned=True)
    yield
    nodes.node_cordon(**by(tried), nodes=["node-2"], cordoned=False)
    yield


def machines(tried: int) -> Iterator[None]:
    """Machines come, fall silent, come back and go."""
    nodes.nodes_add(**by(tried), names=["added"], labels={"zone": "a"})
    yield
    nodes.node_power(**by(tried), nodes=["node-1"], up=False)
    yield
    nodes.node_power(**by(tried), nodes=["node-1"], up=True)
    yield
    nodes.nodes_remove(**by(tried), names=["node-2", "added"])
    yield
    nodes.nodes_add(**by(tried), names=["node-2"])
    yield


def node_born_again(tried: int) -> Iterator[None]:
    """A node goes and another of its name comes before anybody looks."""
    nodes.nodes_remove(**by(tried), names=["node-1"])
    nodes.nodes_add(**by(tried), names=["node-1"])
    yield


def rollouts(tried: int) -> Iterator[None]:
    """A rollout in place, one with surge, a restart and a way back."""
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    yield
    daemonsets.daemonset_strategy(
        **by(tried), **SET, strategy="RollingUpdate", max_unavailable=0, max_surge=2,
        min_ready_seconds=3,
    )  # fmt: skip
    yield
    workloads.workload_restart(kind="DaemonSet", **by(tried), **SET)
    yield
    workloads.workload_rollback(kind="DaemonSet", **by(tried), **SET, revision=1)
    yield


def held_rollouts(tried: int) -> Iterator[None]:
    """A paused rollout, and one that waits for people to delete pods."""
    daemonsets.daemonset_pause(**by(tried), **SET, paused=True)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    yield
    daemonsets.daemonset_strategy(
        **by(tried), **SET, strategy="OnDelete", max_unavailable=1, max_surge=0,
        min_ready_seconds=0,
    )  # fmt: skip
    daemonsets.daemonset_pause(**by(tried), **SET, paused=False)
    yield
    pods.pod_delete(**by(tried), **_pod(tried, "node-1"))
    yield
    pods.pod_delete(**by(tried), **_pod(tried, "node-2"), force=True)
    yield


def trouble(tried: int) -> Iterator[None]:
    """Pods fail in every way there is, one by one and all of a set."""
    for behaviour in ("crash-loop", "image-pull-error", "never-ready", "exit-1", "exit-0"):
        pods.pod_behaviour(**by(tried), **_pod(tried, "node-1"), behaviour=behaviour)
        yield
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **SET, behaviour="crash-loop")
    yield
    workloads.workload_image(
        kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:non-existent"
    )
    yield


def pending(tried: int) -> Iterator[None]:
    """A pod waits for room on its node until the room is there."""
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    yield
    nodes.nodes_remove(**by(tried), names=["small"])
    yield


def deletions(tried: int) -> Iterator[None]:
    """A set goes with its pods, before them and without them, and takes them in again."""
    for propagation in ("Orphan", "Foreground", "Background"):
        objects.object_delete(**by(tried), **SET, kind="DaemonSet", propagation=propagation)
        yield
        objects.manifests_create(**by(tried), text=demo_text("nginx-ds"))
        yield


def whole_clusters(tried: int) -> Iterator[None]:
    """What is done to a cluster as a whole, and to its clock."""
    clusters.cluster_rename(**by(tried), name="renamed")
    yield
    clock.clock_speed(**by(tried), speed=2.0)
    yield
    clusters.cluster_settings(**by(tried), start_delay=3.0, stop_delay=2.0, node_grace=5.0)
    yield
    clusters.cluster_copy(**by(tried), name="copied")
    yield
    clusters.cluster_reset(**by(tried))
    yield


def other_workloads(tried: int) -> Iterator[None]:
    """Deployments, their parts and bare pods come, are scaled, rolled, orphaned, stranded, and go."""
    web: Which = {"kind": "Deployment", "namespace": "default", "name": "web"}
    for example in ("deployment", "pod"):
        objects.manifests_create(**by(tried), text=(EXAMPLES / f"{example}.yaml").read_text())
        yield
    workloads.workload_scale(**by(tried), **web, replicas=5)
    yield
    workloads.workload_image(**by(tried), **web, container="nginx", image="nginx:non-existent")
    yield
    nodes.node_cordon(**by(tried), nodes=["node-1", "node-2", "node-3"], cordoned=True)
    workloads.workload_scale(**by(tried), **web, replicas=7)
    yield
    nodes.nodes_remove(**by(tried), names=["node-2"])
    yield
    nodes.nodes_add(**by(tried), names=["node-2"])
    yield
    objects.object_delete(**by(tried), **web, propagation="Orphan")
    yield


STORIES: tuple[Story, ...] = (
    labels,
    taints,
    machines,
    node_born_again,
    rollouts,
    held_rollouts,
    trouble,
    pending,
    deletions,
    other_workloads,
    whole_clusters,
)


def _pod(tried: int, node: str) -> Place:
    pod = pods_by_node(tried)[node]
    return {"namespace": pod.namespace, "name": pod.name}


@pytest.mark.parametrize("story", [pytest.param(story, id=story.__name__) for story in STORIES])
def test_frames_add_up(story: Story) -> None:
    """After every edit and every pass the folded frames equal a map that is read anew."""
    tried = stepped_cluster()
    client = Client(tried)
    for _ in story(tried):
        client.hear()
        assert client.map == fresh_map(tried)
        for _ in steps(tried):
            client.hear()
            assert client.map == fresh_map(tried)


@pytest.mark.parametrize("story", [pytest.param(story, id=story.__name__) for story in STORIES])
def test_a_long_silence_adds_up_too(story: Story) -> None:
    """One delta over everything that happened meanwhile leads to the same map."""
    tried = stepped_cluster()
    client = Client(tried)
    for _ in story(tried):
        rest(tried)
    client.hear()
    assert client.map == fresh_map(tried)


def test_the_stories_show_every_state() -> None:
    """No state that a cell can be in is left out by the stories above."""
    seen: set[str] = set()
    for story in STORIES:
        tried = stepped_cluster()
        client = Client(tried)
        for _ in story(tried):
            for _ in steps(tried):
                client.hear()
                seen.update(*(line.values() for line in client.map["cells"].values()))
        clusters.cluster_delete(**by(tried))
    assert seen == set(CellState) - {CellState.NONE}
