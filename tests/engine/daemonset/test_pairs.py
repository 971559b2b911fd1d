"""One set on one node: its slot in a rollout, and what it adds to the status."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.pairs import Slot, make_pair
from tests.engine.play import Play, set_manifest


def grown(**spec: Any) -> tuple[Play, str]:
    """Return a cluster of one node, settled, with one set."""
    play = Play("a")
    uid = play.add_set(set_manifest(strategy={"type": "OnDelete"}, **spec))
    play.settle()
    return play, uid


@pytest.mark.parametrize(
    ("answers", "slot", "marks"),
    [
        ((True, True), Slot.NEW_READY, (1, 1, 1, 1, 1, 0, 1)),
        ((False, True), Slot.NEW_READY, (0, 0, 0, 0, 0, 1, 1)),
        (None, Slot.NEW_READY, (0, 0, 0, 0, 0, 1, 1)),
    ],
)
def test_a_pod_counts_where_it_should_run_and_is_misscheduled_elsewhere(
    answers: tuple[bool, bool] | None, slot: Slot, marks: tuple[int, ...]
) -> None:
    """The slot follows the pods, the marks also the two answers."""
    play, uid = grown()
    coverage = play.sets[uid]
    pair = make_pair(coverage.ds, coverage.hash, "a", answers, coverage.pods["a"])
    assert (pair.slot(play.time), pair.marks(play.time)) == (slot, marks)


def test_a_node_without_pods_is_missing_one_only_if_it_should_run() -> None:
    """Else it takes no part in a rollout."""
    play, uid = grown()
    coverage = play.sets[uid]
    wanted = make_pair(coverage.ds, coverage.hash, "a", (True, True), ())
    idle = make_pair(coverage.ds, coverage.hash, "a", (False, True), ())
    assert (wanted.slot(0), wanted.marks(0)) == (Slot.MISSING, (1, 0, 0, 0, 0, 0, 0))
    assert (idle.slot(0), idle.marks(0)) == (Slot.IDLE, (0, 0, 0, 0, 0, 0, 0))


def test_an_old_pod_is_ready_or_broken() -> None:
    """After the template changed the standing pod is old; unready it uses the budget up."""
    play, uid = grown()
    play.set_image(uid, "agent:2")
    play.settle()
    assert play.sets[uid].pairs["a"].slot(play.time) is Slot.OLD_READY
    play.annotate_pod(play.pod("a"), behaviour="never-ready")
    play.settle()
    assert play.sets[uid].pairs["a"].slot(play.time) is Slot.OLD_BROKEN


def test_time_alone_makes_a_pod_available() -> None:
    """Until minReadySeconds are over the pair waits, and says when to look again."""
    play, uid = grown(minReadySeconds=30)
    pair = play.sets[uid].pairs["a"]
    turn = pair.next_turn(play.time)
    assert pair.slot(play.time) is Slot.NEW_WAITING
    assert turn is not None
    assert (pair.slot(turn), pair.next_turn(turn)) == (Slot.NEW_READY, None)
