"""What holds of every pass over every world: found by generated stories, not by examples."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings

from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.pod_factory import CONTROLLER
from controller.engine.daemonset.rollout import strategy_of
from controller.engine.objects import Pod, condition
from tests.engine.play import Play
from tests.engine.stories import NODES, STRATEGIES, play_of, start, stories, tell


def watched_tick(play: Play, uid: str) -> None:
    """Run one pass and hold what it did against the rules of creation and budget."""
    before = {pod.uid: pod for pod in play.pods()}
    play.tick()
    ds = play.sets[uid].ds
    surge = strategy_of(ds).surges
    for name in NODES:
        born = [pod for pod in play.pods(name) if pod.uid not in before and not pod.finished]
        beside = [p for p in play.pods(name) if p.uid in before and not p.terminating and not p.finished]
        assert len(born) <= 1
        if born and not surge:
            assert not [pod for pod in before.values() if pod.node == name and still_counts(play, pod)]
        assert len(beside) + len(born) <= 2 or not born


def still_counts(play: Play, pod: Pod) -> bool:
    """Whether a pod that stood before the pass stands after it, unless it was finished and going."""
    return pod.key in play.world.pods and not (pod.finished and pod.terminating)


@settings(max_examples=150, deadline=None)
@given(start, stories)
def test_no_pod_is_created_beside_a_standing_one(begin: Any, story: list[Any]) -> None:
    """Only under surge does a new pod stand beside one old one, and never more than that."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        watched_tick(play, uid)


@settings(max_examples=100, deadline=None)
@given(start, stories)
def test_a_rollout_takes_no_more_ready_pods_than_its_budget_leaves(begin: Any, story: list[Any]) -> None:
    """What the controller takes from nodes that run it well fits into the budget, for whatever reason."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        standing = [p for p in play.pods() if not p.terminating]
        ready = {p.key: p for p in standing if p.ready}
        taken = set()
        for change in play.tick().changes:
            if change.key in ready and change.actor == CONTROLLER:
                taken.add(change.key)
            elif change.key in ready.keys() - taken and condition(change.manifest, "Ready") != "True":
                del ready[change.key]  # it failed or ended before the controller came to it
        coverage = play.sets[uid]
        wanted = {name for name, pair in coverage.pairs.items() if pair.may_stay}
        alone = Counter(p.node for p in standing)  # of several the oldest stays, ready or not
        from_nodes = {ready[key].node for key in taken if alone[ready[key].node] == 1} & wanted
        if not strategy_of(coverage.ds).surges:
            assert len(from_nodes) <= strategy_of(coverage.ds).budget(coverage.ds, coverage.desired)


@settings(max_examples=100, deadline=None)
@given(start, stories)
def test_a_world_without_trouble_converges_and_then_rests(begin: Any, story: list[Any]) -> None:
    """With all machines up and every behaviour ok the set ends as wanted, and then nothing moves."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
    for name in list(play.world.nodes):
        play.annotate_node(name, down="")
    play.set_image(uid, "agent:9", {})
    play.change_set(uid, updateStrategy=STRATEGIES[0])
    play.wait(4000)

    slots = play.sets[uid].slots
    assert {slot for slot in Slot if slots[slot]} <= {Slot.NEW_READY, Slot.IDLE}
    status = play.status(uid)
    assert status["desired"] == status["updated"] == status["available"]
    assert play.tick().changes == ()
