"""How far a rollout is, who holds its slots, and why nothing moves."""

from __future__ import annotations

from typing import Any

import pytest

from controller.queries.rollouts import Motion, Progress, rollout
from controller.services import clock, daemonsets, nodes, objects, pods
from tests.clusters import pods as pods_by_node
from tests.stepping import SET, by, rest, step, step_until, stepped_cluster, steps

pytestmark = pytest.mark.django_db


def seen(tried: int) -> Progress:
    """Return the rollout as it would be told if the clock ran."""
    clock.clock_resume(**by(tried))
    try:
        return rollout(cluster=tried, **SET)
    finally:
        clock.clock_pause(**by(tried))


def new_image(tried: int, image: str = "nginx:2") -> None:
    """Ask for another image."""
    daemonsets.daemonset_image(**by(tried), **SET, container="nginx", image=image)


def strategy(tried: int, name: str = "RollingUpdate", **bounds: Any) -> None:
    """Set how pods are replaced."""
    whole = {"max_unavailable": 1, "max_surge": 0, "min_ready_seconds": 0, **bounds}
    daemonsets.daemonset_strategy(**by(tried), **SET, strategy=name, **whole)


def holders(progress: Progress) -> list[tuple[str, str]]:
    """Return the nodes that hold a slot, and why."""
    return [(each.node, each.why) for each in progress.waiting if each.holds_slot]


def test_at_rest() -> None:
    """A set that is as wanted is done, and holds no slot."""
    progress = seen(stepped_cluster(nodes=3))
    assert (progress.motion, progress.old, progress.used, progress.waiting) == (Motion.DONE, 0, 0, ())
    assert progress.sentence == "All 3 nodes that should run it have an available pod of this revision."


def test_nowhere() -> None:
    """A set that should run nowhere is done as well, and says so."""
    assert seen(stepped_cluster(nodes=0)).sentence == "No node should run this set."


def test_one_after_the_other() -> None:
    """The slot goes from node to node: the old pod stops, the new one starts, then it is free again."""
    tried = stepped_cluster(nodes=3)
    new_image(tried)
    told = []
    for _ in steps(tried):
        progress = seen(tried)
        line = (progress.motion, progress.counts.updated, progress.old, holders(progress))
        if line not in told:
            told.append(line)
    assert told == [
        (Motion.MOVING, 0, 2, [("node-1", "its pod is stopping")]),
        (Motion.MOVING, 1, 2, [("node-1", "its new pod is starting")]),
        (Motion.MOVING, 1, 1, [("node-2", "its pod is stopping")]),
        (Motion.MOVING, 2, 1, [("node-2", "its new pod is starting")]),
        (Motion.MOVING, 2, 0, [("node-3", "its pod is stopping")]),
        (Motion.MOVING, 3, 0, [("node-3", "its new pod is starting")]),
        (Motion.DONE, 3, 0, []),
    ]


def test_percentages() -> None:
    """The budget is the bound's share of the nodes that should run the set, rounded up."""
    tried = stepped_cluster(nodes=3)
    strategy(tried, max_unavailable="50%")
    progress = seen(tried)
    assert (progress.budget, progress.max_unavailable, progress.surge) == (2, "50%", False)


def test_a_broken_image_takes_the_budget() -> None:
    """When all slots are held by pods that cannot start, the first is named with its reason."""
    tried = stepped_cluster(nodes=3)
    new_image(tried, "nginx:does-not-exist")
    step(tried, times=6)
    progress = seen(tried)
    assert (progress.motion, progress.budget, progress.used, progress.old) == (Motion.STUCK, 1, 1, 2)
    assert progress.sentence.startswith(
        "The only slot of the budget is held by node-1: its new pod is in trouble"
    )
    assert [each.stuck for each in progress.waiting] == [True]


def test_a_machine_that_is_down_takes_the_budget() -> None:
    """An old pod on a machine that does not answer stops for ever."""
    tried = stepped_cluster(nodes=3)
    nodes.node_power(**by(tried), nodes=["node-2"], up=False)
    rest(tried)
    new_image(tried)
    step(tried, times=4)
    progress = seen(tried)
    assert (progress.motion, holders(progress)) == (Motion.STUCK, [("node-2", "the node does not answer")])


def test_surge() -> None:
    """With surge the slots are held by nodes on which two pods stand."""
    tried = stepped_cluster(nodes=3)
    strategy(tried, max_unavailable=0, max_surge=2)
    new_image(tried)
    step(tried)
    progress = seen(tried)
    assert (progress.surge, progress.budget, progress.used, progress.old) == (True, 2, 2, 3)
    assert holders(progress) == [
        ("node-1", "its new pod is starting"),
        ("node-2", "its new pod is starting"),
    ]


def test_min_ready_seconds() -> None:
    """A pod that is ready is not available yet; time alone makes it so."""
    tried = stepped_cluster(nodes=2)
    strategy(tried, min_ready_seconds=60)
    rest(tried)
    new_image(tried)
    ready = "its new pod is ready, and available in 60 s"
    step_until(tried, lambda: ready in [each.why for each in seen(tried).waiting])
    assert seen(tried).counts.available == 1
    step_until(tried, lambda: not seen(tried).waiting)
    assert seen(tried).counts.available == 2


def test_paused() -> None:
    """A paused rollout says how many old pods stay."""
    tried = stepped_cluster(nodes=2)
    daemonsets.daemonset_pause(**by(tried), **SET, paused=True)
    new_image(tried)
    rest(tried)
    progress = seen(tried)
    assert (progress.motion, progress.paused) == (Motion.PAUSED, True)
    assert progress.sentence == "The rollout is paused: 2 old pods stay until it is resumed."


def test_on_delete() -> None:
    """OnDelete waits for people, has no budget, and is done when the last old pod was deleted."""
    tried = stepped_cluster(nodes=1)
    strategy(tried, "OnDelete")
    new_image(tried)
    rest(tried)
    progress = seen(tried)
    assert (progress.motion, progress.budget, progress.strategy) == (Motion.ON_DELETE, 0, "OnDelete")
    assert progress.sentence == "OnDelete: 1 old pod stays until somebody deletes it."
    pod = pods_by_node(tried)["node-1"]
    pods.pod_delete(**by(tried), namespace=pod.namespace, name=pod.name)
    rest(tried)
    assert seen(tried).motion is Motion.DONE


def test_the_clock_stands() -> None:
    """While the clock stands nothing follows, whatever else is the case."""
    tried = stepped_cluster(nodes=2)
    new_image(tried)
    progress = rollout(cluster=tried, **SET)
    assert (progress.motion, progress.old) == (Motion.CLOCK, 2)


def test_no_room() -> None:
    """A pod for which there is no room holds a slot, and waiting does not help."""
    tried = stepped_cluster(nodes=1)
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    rest(tried)
    progress = seen(tried)
    assert progress.motion is Motion.STUCK
    assert progress.sentence == "It waits for small: the scheduler finds no room for its new pod."


def test_back_off() -> None:
    """Where pods fail again and again it is told for how long the last one is left alone."""
    tried = stepped_cluster(nodes=1)
    daemonsets.daemonset_trouble(**by(tried), **SET, behaviour="exit-1")
    alone = "its pod has ended (Failed) and is left alone for"
    step_until(tried, lambda: any(alone in each.why for each in seen(tried).waiting))
    assert seen(tried).motion is Motion.STUCK


def test_while_it_is_deleted() -> None:
    """A set whose pods go first says so."""
    tried = stepped_cluster(nodes=1)
    objects.object_delete(**by(tried), **SET, kind="DaemonSet", propagation="Foreground")
    assert seen(tried).motion is Motion.DELETING
