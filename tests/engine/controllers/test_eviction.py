"""Pods that do not, or no longer, tolerate a NoExecute taint."""

from __future__ import annotations

from tests.engine.bare import add_pod
from tests.engine.play import Play, set_manifest

SECONDS = {"key": "spot", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}


def test_a_bare_pod_is_scheduled_and_evicted_when_its_tolerance_ends() -> None:
    """TolerationSeconds count from the taint; then the pod goes."""
    play = Play("a")
    add_pod(play, tolerations=[SECONDS])
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.wait(29)
    assert play.pod("a").ready
    play.wait(2)
    assert play.pods() == []
    assert play.events("TaintManagerEviction") == ["Marking for deletion Pod default/bare"]


def test_a_taint_that_goes_in_time_evicts_nobody() -> None:
    """The clock of the tolerance stops with the taint."""
    play = Play("a")
    add_pod(play, tolerations=[SECONDS])
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.wait(10)
    play.untaint("a", "spot")
    play.wait(60)
    assert play.pod("a").ready


def test_a_daemon_pod_with_a_limited_tolerance_is_evicted_and_born_again() -> None:
    """A taint tolerated for a time counts as tolerated for the question whether to run."""
    play = Play("a")
    play.add_set(set_manifest(pod={"tolerations": [SECONDS]}))
    play.settle()
    first = play.pod("a").uid
    play.taint("a", "spot", "NoExecute")
    play.wait(31)
    assert play.pod("a").uid != first


def test_a_pod_without_tolerance_goes_at_once() -> None:
    """No toleration, no delay; and one that already goes is left alone."""
    play = Play("a", "b")
    add_pod(play)
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.settle()
    assert play.pods() == []
