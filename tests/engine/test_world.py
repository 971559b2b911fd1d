"""A world: its indexes, its forks, and that what it keeps by change is what a fresh one finds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from controller.engine.changes import Verb
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.scheduler.controller import Scheduler
from controller.engine.differences import differences
from controller.engine.objects import Key, Pod
from controller.engine.reasons import Reason
from controller.engine.settings import Settings
from controller.engine.world import World
from tests.engine.bare import add_pod
from tests.engine.play import Play, Text, set_manifest
from tests.engine.stories import play_of, start, stories, tell

State = tuple[dict[str, dict[Key, Any]], object, object, object, float | None]


def state_of(play: Play, world: World) -> State:
    """Return everything that a world knows, in a form of its own."""
    objects = {kind: dict(found) for kind, found in world.objects.items()}
    facts = {each.name: each.facts(world.fork(), play.now) for each in world.fork().controllers}
    nodes = {node: dict(pods) for node, pods in world.on_node.items()}
    queues = {each.name: set(each.queue) for each in world.controllers}
    return objects, facts, nodes, queues, world.due(0.0)


@settings(max_examples=40, deadline=None)
@given(start, stories, stories)
def test_a_fork_and_its_world_do_not_notice_each_other(begin: Any, story: list[Any], more: list[Any]) -> None:
    """Edits and passes in one leave the other as it was, down to queues and deadlines."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
    twin, world = play.world.fork(), play.world
    before = state_of(play, world)
    assert state_of(play, twin) == before
    play.world = twin
    for edit in more:
        tell(play, uid, edit)
        play.tick()
    assert state_of(play, world) == before
    after = state_of(play, twin)
    play.world = world
    play.tick()
    for edit in more[:3]:
        tell(play, uid, edit)
    assert state_of(play, twin) == after


@settings(max_examples=50, deadline=None)
@given(start, stories)
def test_the_touched_plan_is_the_full_plan(begin: Any, story: list[Any]) -> None:
    """A world that is kept up to date by change decides what one that is made from scratch decides."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        assert play.differences() == []
        play.tick()
        assert play.differences() == []


def lose_pod(world: World) -> None:
    """Let a world forget a pod behind the back of its indexes."""
    world.objects.drop("Pod", next(iter(world.pods)))


def wrong_manifest(world: World) -> None:
    """Let a world hold another manifest of a pod than the one that was read."""
    pod = next(iter(world.pods.values()))
    pod.pack(Text(json.dumps({**pod.manifest, "spec": {}})))


def lose_node(world: World) -> None:
    """Let a world forget which pods stand on a node."""
    world.on_node.drop("a", next(iter(world.on_node["a"])))


def lose_queue(world: World) -> None:
    """Let a world forget what its controllers have to look at."""
    for controller in world.controllers:
        controller.queue.clear()


def wrong_tally(world: World) -> None:
    """Let a set count one node too many."""
    for coverage in coverages(world).values():
        coverage.tally[0] += 1


def wrong_load(world: World) -> None:
    """Let the scheduler think that a node is empty."""
    scheduler = world.controller(Scheduler)
    scheduler.loads["a"] = type(scheduler.loads["a"])()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lose_pod, "Pod: Pod/default/agent-"),
        (wrong_manifest, "Pod: Pod/default/agent-"),
        (lose_node, "pods on: "),
        (lose_queue, "decided only by the fresh world: MODIFIED Node"),
        (wrong_tally, "daemonset-controller: "),
        (wrong_load, "scheduler: a is not the same"),
    ],
)
def test_a_world_that_went_wrong_is_found(fault: Any, said: str) -> None:
    """Objects, indexes, tallies, queues and deadlines are compared with a world made from scratch."""
    play = Play("a", "b")
    play.add_set(set_manifest(minReadySeconds=30))
    play.settle()
    play.cordon("a")
    assert play.differences() == []
    kept = play.world.fork()
    fault(kept)
    assert any(said in difference for difference in differences(kept, play.reloaded(), play.now))


def test_a_world_that_forgot_when_to_look_again_is_found() -> None:
    """It would wait for ever for what time alone brings."""
    play = Play("a")
    play.add_set(set_manifest(minReadySeconds=30))
    play.settle()
    kept = play.world.fork()
    kept._deadlines.clear()
    found = differences(kept, play.reloaded(), play.now)
    assert found == ["the kept world waits until None, the fresh one until 30.0"]


def test_a_world_that_decides_otherwise_is_found() -> None:
    """For instance because it has missed that a delay was changed."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    play.taint("a", "spot", "NoExecute")
    kept = play.world.fork()
    kept.settings = Settings(stop_delay=5)
    found = differences(kept, play.reloaded(), play.now)
    assert [line.partition(":")[0] for line in found if "'stop': 5.0" in line] == [
        "decided only by the kept world"
    ]


def test_objects_are_found_by_name_by_owner_and_by_node() -> None:
    """The three indexes hold for every kind, and keep no names of what is gone."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    assert play.world.find("Pod", "default", pod.name) is pod
    assert play.world.find("Pod", "default", "nobody") is None
    assert play.world.find("Gadget", "default", "nobody") is None
    assert [view.key[0] for view in play.world.dependants(uid)] == ["ControllerRevision", "Pod"]
    assert play.world.owned(uid, Pod) == {pod.key: pod}
    assert len(play.world.on_node) == 1
    assert dict(play.world.on_node) == {"a": {pod.key: pod}}
    assert len(play.world.on_node) == 1
    play.mark_set(uid, Verb.DELETED)
    play.settle()
    assert (play.world.dependants(uid), dict(play.world.on_node), dict(play.world.owned_by_uid())) == (
        [],
        {},
        {},
    )
    assert play.world.controller(Scheduler).blocked == {}


def test_a_deletion_of_what_is_not_there_changes_nothing() -> None:
    """A log may be read twice."""
    play = Play("a")
    meta = {"name": "x", "namespace": "default"}
    play.edit("ConfigMap", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}, Verb.DELETED)
    play.settle()
    assert play.differences() == []


def test_a_status_belongs_to_the_program_that_writes_it_in_a_real_cluster() -> None:
    """Where the fields of an object have owners; no others are given any."""
    play = Play("a")
    owned = {
        "manager": "kubectl",
        "operation": "Update",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {}},
    }
    manifest = set_manifest()
    uid = play.add_set({**manifest, "metadata": {**manifest["metadata"], "managedFields": [owned]}})
    play.settle()
    play.wait(30)
    entries = play.sets[uid].ds.manifest["metadata"]["managedFields"]
    assert [(one["manager"], one.get("subresource")) for one in entries] == [
        ("kubectl", None),
        ("kube-controller-manager", "status"),
    ]
    assert "f:numberReady" in entries[1]["fieldsV1"]["f:status"]
    assert "managedFields" not in play.pod("a").manifest["metadata"]


def test_a_controller_that_writes_no_status_owns_nothing() -> None:
    """Such as the one that lets a taint follow a cordon."""
    play = Play("a")
    play.settle()
    owned = {
        "manager": "kubectl",
        "operation": "Update",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {}},
    }
    node = play.node("a")
    meta = {**node.manifest["metadata"], "managedFields": [owned]}
    play.edit("Node", {**node.manifest, "metadata": meta}, timers=node.timers)
    play.cordon("a")
    play.settle()
    assert play.node("a").manifest["spec"]["taints"]
    assert play.node("a").manifest["metadata"]["managedFields"] == [owned]


def test_steps_that_nobody_can_come_between_are_all_told_and_all_owned() -> None:
    """A pod that is ready as it starts is written twice and taken in once, its fields' owners included."""
    play = Play("a")
    play.settle()
    owned = {
        "manager": "kubectl",
        "operation": "Update",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {}},
    }
    add_pod(play, meta={"managedFields": [owned]})
    play.settle()
    last = [change for change in play.history if change.kind == "Pod"][-2:]
    assert [change.reason for change in last] == [Reason.CONTAINERS_STARTED, Reason.CONTAINERS_READY]
    assert [pod.ready for pod in (Pod.read(change.manifest, change.timers) for change in last)] == [
        False,
        True,
    ]
    for change in last:
        entries = change.manifest["metadata"]["managedFields"]
        assert [(one["manager"], one.get("subresource")) for one in entries] == [
            ("kubectl", None),
            ("kubelet", "status"),
        ]
    assert play.world.pods["Pod", "default", "bare"].manifest == last[-1].manifest


@settings(max_examples=30, deadline=None)
@given(start, stories)
def test_a_pod_that_is_read_again_is_as_if_read_for_the_first_time(begin: Any, story: list[Any]) -> None:
    """Whatever parts of its manifest are the same objects as before."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        play.tick()
    before: dict[Key, Pod] = {}
    for change in play.history:
        if change.kind == Pod.KIND:
            read = Pod.read(change.manifest, change.timers)
            if change.key in before:
                later = before[change.key].later(change.manifest, change.timers)
                assert later == read
                assert later.manifest is change.manifest
            before[change.key] = read
