"""What is kept by change: in any order, told once, forgotten when it is gone."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.daemonset.controller import cell, changed, coverage_of
from controller.engine.daemonset.status import Counts
from tests.engine.play import Play, set_manifest


def test_what_changed_is_told_once() -> None:
    """The world names the nodes, sets, pairs and pods that a map has to draw again."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(pod={"nodeSelector": {"disk": "ssd"}}))
    play.settle()
    changed(play.world)
    play.label("a", disk="ssd")
    touched = changed(play.world)
    assert (touched.nodes, touched.pairs) == ({"a"}, {(uid, "a")})
    assert changed(play.world).pairs == set()

    play.settle()
    touched = changed(play.world)
    assert (touched.pods, touched.pairs) == ({("default", play.pod("a").name)}, {(uid, "a")})


def test_questions_about_a_set_that_is_not_there() -> None:
    """They have an answer that draws nothing."""
    play = Play("a")
    assert cell(play.world, "nobody", "a") == "none"
    assert Counts(desired=3, available=1).unavailable == 2


def test_a_world_may_be_loaded_in_any_order() -> None:
    """Pods before their set and their node change nothing."""
    first = Play("a", "b")
    first.add_set(set_manifest())
    first.settle()
    again = Play(settings=first.settings)
    again.time = first.time
    rank = {"Pod": 0, "ControllerRevision": 1, "DaemonSet": 2, "Node": 3}
    latest = {change.key: change for change in first.history}
    for change in sorted(latest.values(), key=lambda change: rank.get(change.kind, 4)):
        again.edit(change.kind, change.manifest, Verb.ADDED, change.timers)
    assert again.tick().changes == ()
    assert coverage_of(again.world, "default", "agent") is not None
    assert coverage_of(again.world, "default", "other") is None


def test_reminders_of_a_set_that_is_gone_are_forgotten() -> None:
    """Time that was waited for by a deleted set wakes nobody."""
    play = Play("a")
    uid = play.add_set(set_manifest(minReadySeconds=30))
    play.settle()
    play.mark_set(uid, Verb.DELETED)
    play.wait(60)
    assert play.world.due(play.time) is None


def test_a_wrong_short_cut_is_found() -> None:
    """The check compares what is kept with what a full reading finds."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    assert play.differences() == []

    play.sets[uid].tally[0] += 1
    assert play.differences() == [f"daemonset-controller: {uid} is not the same"]


@pytest.mark.parametrize("kind", ["Namespace", "ConfigMap"])
def test_kinds_without_rules_are_left_alone(kind: str) -> None:
    """What no rule looks at needs no place in the world."""
    play = Play("a")
    play.edit(kind, {"metadata": {"name": "x"}}, Verb.ADDED)
    play.settle()
    assert play.tick().changes == ()
