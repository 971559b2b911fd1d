"""What the node controller tells of machines that come and go."""

from __future__ import annotations

from controller.engine.changes import Change
from controller.engine.settings import Settings
from tests.engine.play import Play


def events(play: Play) -> list[Change]:
    """Return what the node controller told, in order."""
    told = [change for change in play.history if change.kind == "Event"]
    return [one for one in told if one.manifest["source"]["component"] == "node-controller"]


def test_a_node_is_registered_and_removed() -> None:
    """As a real one tells it, about the very machine that came or went."""
    play = Play("a", settings=Settings(kubelet_events=True))
    play.settle()
    uid = play.node("a").uid
    play.remove_node("a")
    play.add_node("a")
    play.settle()
    told = [(one.manifest["reason"], one.manifest["involvedObject"]["uid"] == uid) for one in events(play)]
    assert sorted(told) == [("RegisteredNode", False), ("RegisteredNode", True), ("RemovingNode", True)]
    assert {one.manifest["message"] for one in events(play)} == {
        "Node a event: Registered Node a in Controller",
        "Node a event: Removing Node a from Controller",
    }
    assert play.differences() == []


def test_among_many_machines_nobody_is_told() -> None:
    """Unless it is set: the events of a large cluster would be as many as its nodes."""
    play = Play("a", settings=Settings(kubelet_events=False))
    play.settle()
    play.remove_node("a")
    play.settle()
    assert events(play) == []


def test_a_machine_that_never_reported_is_not_missed() -> None:
    """It was not registered either."""
    play = Play("a", settings=Settings(kubelet_events=True))
    play.remove_node("a")
    play.settle()
    assert events(play) == []
