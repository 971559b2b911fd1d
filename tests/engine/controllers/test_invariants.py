"""What holds of every pass over every world: found by generated stories, not by examples."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import Any

from hypothesis import given, settings

from controller.engine.changes import Change, Verb
from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.pod_factory import CONTROLLER
from controller.engine.daemonset.rollout import strategy_of
from controller.engine.objects import Key, Pod, condition
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


def standing_at_its_turn(before: list[Pod], changes: tuple[Change, ...]) -> dict[Key, tuple[str, bool]]:
    """Return node and readiness of the pods that the DaemonSet controller found: kubelets come before it."""
    found = {pod.key: (pod.node, pod.ready) for pod in before if not pod.terminating}
    for change in takewhile(lambda change: change.actor != CONTROLLER, changes):
        if change.key in found:
            if change.verb is Verb.DELETED or "deletionTimestamp" in change.manifest["metadata"]:
                del found[change.key]
            else:
                found[change.key] = (found[change.key][0], condition(change.manifest, "Ready") == "True")
    return found


@settings(max_examples=100, deadline=None)
@given(start, stories)
def test_a_rollout_takes_no_more_ready_pods_than_its_budget_leaves(begin: Any, story: list[Any]) -> None:
    """Nodes that run it well are taken it from only while those without it are fewer than the budget."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        before = play.pods()
        changes = play.tick().changes
        found, coverage = standing_at_its_turn(before, changes), play.sets[uid]
        taken = {change.key for change in changes if change.actor == CONTROLLER} & found.keys()
        alone = Counter(node for node, _ in found.values())  # of several the oldest stays, ready or not
        may_stay = {name for name, pair in coverage.pairs.items() if pair.may_stay}
        from_nodes = {found[key][0] for key in taken if found[key][1] and alone[found[key][0]] == 1}
        should_run = {name for name, pair in coverage.pairs.items() if pair.should_run}
        without = should_run - {node for node, ready in found.values() if ready}
        if from_nodes & may_stay and not strategy_of(coverage.ds).surges:
            budget = strategy_of(coverage.ds).budget(coverage.ds, coverage.desired)
            assert len(from_nodes & may_stay) + len(without) <= budget


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
