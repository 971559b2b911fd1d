"""How far a rollout is, who holds its slots, and why nothing moves."""

from __future__ import annotations

from typing import Any

import pytest

from controller.queries.explain import explain
from controller.queries.rollouts import Cause, Motion, Progress, rollout
from controller.services import clock, daemonsets, nodes, objects, pods, workloads
from tests.clusters import demo_text, looked
from tests.clusters import pods as pods_by_node
from tests.stepping import SET, by, rest, step, step_until, stepped_cluster, steps

pytestmark = pytest.mark.django_db


def seen(tried: int) -> Progress:
    """Return the rollout as it would be told if the clock ran."""
    clock.clock_resume(**by(tried))
    try:
        return looked(rollout, tried, **SET)
    finally:
        clock.clock_pause(**by(tried))


def new_image(tried: int, image: str = "nginx:2") -> None:
    """Ask for another image."""
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image=image)


def strategy(tried: int, name: str = "RollingUpdate", **bounds: Any) -> None:
    """Set how pods are replaced."""
    whole = {"max_unavailable": 1, "max_surge": 0, "min_ready_seconds": 0, **bounds}
    daemonsets.daemonset_strategy(**by(tried), **SET, strategy=name, **whole)


def holders(progress: Progress) -> list[tuple[str, Cause]]:
    """Return the nodes that hold a slot, and why."""
    return [(each.node, each.why.cause) for each in progress.waiting if each.holds_slot]


def test_at_rest() -> None:
    """A set that is as wanted is done, and holds no slot."""
    progress = seen(stepped_cluster(nodes=3))
    assert (progress.motion, progress.old, progress.used, progress.waiting) == (Motion.DONE, 0, 0, ())
    assert (progress.counts.desired, progress.waits_for) == (3, None)


def test_nowhere() -> None:
    """A set that should run nowhere is done as well."""
    progress = seen(stepped_cluster(nodes=0))
    assert (progress.motion, progress.counts.desired) == (Motion.DONE, 0)


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
        (Motion.MOVING, 0, 2, [("node-1", Cause.STOPPING)]),
        (Motion.MOVING, 1, 2, [("node-1", Cause.STARTING)]),
        (Motion.MOVING, 1, 1, [("node-2", Cause.STOPPING)]),
        (Motion.MOVING, 2, 1, [("node-2", Cause.STARTING)]),
        (Motion.MOVING, 2, 0, [("node-3", Cause.STOPPING)]),
        (Motion.MOVING, 3, 0, [("node-3", Cause.STARTING)]),
        (Motion.DONE, 3, 0, []),
    ]


def test_percentages() -> None:
    """The budget is the bound's share of the nodes that should run the set, rounded up."""
    tried = stepped_cluster(nodes=3)
    strategy(tried, max_unavailable="50%")
    progress = seen(tried)
    assert (progress.budget, progress.bound, progress.limit) == (2, "maxUnavailable", "50%")


def test_a_broken_image_takes_the_budget() -> None:
    """When all slots are held by pods that cannot start, the first is named with its reason."""
    tried = stepped_cluster(nodes=3)
    new_image(tried, "nginx:does-not-exist")
    step(tried, times=6)
    progress = seen(tried)
    assert (progress.motion, progress.budget, progress.used, progress.old) == (Motion.STUCK, 1, 1, 2)
    assert progress.waits_for
    assert progress.waits_for.takes_budget
    assert (progress.waits_for.first.node, progress.waits_for.first.why.cause) == ("node-1", Cause.FAILING)
    assert [each.stuck for each in progress.waiting] == [True]


def test_a_machine_that_is_down_takes_the_budget() -> None:
    """An old pod on a machine that does not answer stops for ever."""
    tried = stepped_cluster(nodes=3)
    nodes.node_power(**by(tried), nodes=["node-2"], up=False)
    rest(tried)
    new_image(tried)
    step(tried, times=4)
    progress = seen(tried)
    assert (progress.motion, holders(progress)) == (Motion.STUCK, [("node-2", Cause.NODE_DOWN)])


def test_surge() -> None:
    """With surge the slots are held by nodes on which two pods stand."""
    tried = stepped_cluster(nodes=3)
    strategy(tried, max_unavailable=0, max_surge=2)
    new_image(tried)
    step(tried)
    progress = seen(tried)
    assert (progress.bound, progress.budget, progress.used, progress.old) == ("maxSurge", 2, 2, 3)
    assert holders(progress) == [
        ("node-1", Cause.STARTING),
        ("node-2", Cause.STARTING),
    ]


def test_min_ready_seconds() -> None:
    """A pod that is ready is not available yet; time alone makes it so."""
    tried = stepped_cluster(nodes=2)
    strategy(tried, min_ready_seconds=60)
    rest(tried)
    new_image(tried)
    step_until(tried, lambda: Cause.READY in [each.why.cause for each in seen(tried).waiting])
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
    assert progress.old == 2


def test_on_delete() -> None:
    """OnDelete waits for people, has no budget, and is done when the last old pod was deleted."""
    tried = stepped_cluster(nodes=1)
    strategy(tried, "OnDelete")
    new_image(tried)
    rest(tried)
    progress = seen(tried)
    assert (progress.motion, progress.budget, progress.bound) == (Motion.ON_DELETE, 0, "")
    assert progress.old == 1
    pod = pods_by_node(tried)["node-1"]
    pods.pod_delete(**by(tried), namespace=pod.namespace, name=pod.name)
    rest(tried)
    assert seen(tried).motion is Motion.DONE


def test_the_clock_stands() -> None:
    """While the clock stands nothing follows, whatever else is the case."""
    tried = stepped_cluster(nodes=2)
    new_image(tried)
    progress = looked(rollout, tried, **SET)
    assert (progress.motion, progress.old) == (Motion.CLOCK, 2)


def test_no_room() -> None:
    """A pod for which there is no room holds a slot, and waiting does not help."""
    tried = stepped_cluster(nodes=1)
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    rest(tried)
    progress = seen(tried)
    assert progress.motion is Motion.STUCK
    assert progress.waits_for
    assert (progress.waits_for.count, progress.waits_for.first.node) == (1, "small")
    assert progress.waits_for.first.why.cause is Cause.UNSCHEDULED


def test_a_refused_creation() -> None:
    """Where the API server refuses the pods, the rollout is stuck and says in whose words."""
    tried = stepped_cluster(nodes=2)
    text = demo_text("nginx-ds").replace("nginx-ds", "refused")
    text = text.replace("      containers:", "      serviceAccountName: nope\n      containers:")
    objects.manifests_create(**by(tried), text=text)
    rest(tried)
    clock.clock_resume(**by(tried))
    progress = looked(rollout, tried, namespace="default", name="refused")
    assert progress.motion is Motion.STUCK
    assert progress.waits_for
    assert (progress.waits_for.count, progress.waits_for.first.why.cause) == (2, Cause.REFUSED)
    assert 'serviceaccount "nope" not found' in progress.waits_for.first.why.reason
    said = looked(explain, tried, namespace="default", name="refused", node="node-1")
    assert said.steps[1].message == progress.waits_for.first.why.reason


def test_back_off() -> None:
    """Where pods fail again and again it is told for how long the last one is left alone."""
    tried = stepped_cluster(nodes=1)
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **SET, behaviour="exit-1")
    step_until(tried, lambda: any(each.why.seconds > 0 for each in seen(tried).waiting))
    assert [(each.why.cause, each.why.reason) for each in seen(tried).waiting] == [(Cause.ENDED, "Failed")]
    assert seen(tried).motion is Motion.STUCK


def test_while_it_is_deleted() -> None:
    """A set whose pods go first says so."""
    tried = stepped_cluster(nodes=1)
    objects.object_delete(**by(tried), **SET, kind="DaemonSet", propagation="Foreground")
    assert seen(tried).motion is Motion.DELETING
