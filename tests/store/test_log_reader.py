"""The log as text: what changed, and objects as they were."""

from __future__ import annotations

import pytest

from controller.engine.errors import Gone, NotFound
from controller.engine.objects import Key
from controller.services import nodes
from controller.store import log, log_reader, snapshots
from controller.store.rows import Packed
from tests.clusters import PERSON, cluster, row_of

pytestmark = pytest.mark.django_db
FIRST, SECOND = ("", "node-1"), ("", "node-2")


def label(tried: int, name: str, value: str) -> int:
    """Change a label; return the cluster's number then."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=[name], set={"tried": value}, remove=[])
    return row_of(tried).number


def labels_at(tried: int, number: int, *places: log_reader.Place) -> dict[log_reader.Place, bool]:
    """Return which nodes stood at a number, and whether they bore the label "tried" then."""
    found = log_reader.objects_at(tried, "Node", places, number)
    return {place: '"tried"' in text for place, text in found.items()}


def test_lines() -> None:
    """Changes come after a number, oldest first, at most so many."""
    tried = cluster(nodes=2)
    number = row_of(tried).number
    label(tried, "node-1", "a")
    label(tried, "node-2", "b")
    assert [(line.number, line.key, line.verb) for line in log_reader.lines(tried, number, 9)] == [
        (number + 1, ("Node", *FIRST), "MODIFIED"),
        (number + 2, ("Node", *SECOND), "MODIFIED"),
    ]
    assert [line.number for line in log_reader.lines(tried, number, 1)] == [number + 1]
    assert [line.number for line in log_reader.lines(tried, number, 9, newest=number + 1)] == [number + 1]
    assert log_reader.lines(tried, number + 2, 9) == []


def test_lines_that_are_forgotten() -> None:
    """A number from before the log is Gone, also if nothing is left of the log; a cluster must be there."""
    tried = cluster(nodes=1)
    number = row_of(tried).number
    log.clear(tried, upto=number)
    with pytest.raises(Gone, match=f"too old resource version: 1 \\({number}\\)"):
        log_reader.lines(tried, 1, 9)
    assert log_reader.lines(tried, number, 9) == []
    label(tried, "node-1", "a")
    with pytest.raises(Gone):
        log_reader.lines(tried, number - 1, 9)
    with pytest.raises(NotFound):
        log_reader.lines(tried + 1, 0, 9)


def test_changed() -> None:
    """The objects of a kind that changed in a stretch of the log are named once each."""
    tried = cluster(nodes=2)
    number = row_of(tried).number
    for value in "ab":
        label(tried, "node-1", value)
    last = label(tried, "node-2", "c")
    assert log_reader.changed(tried, "Node", number, last) == {FIRST, SECOND}
    assert log_reader.changed(tried, "Node", number, number + 1) == {FIRST}
    assert log_reader.changed(tried, "Pod", number, last) == set()
    assert log_reader.changed(tried, "Node", last, last) == set()
    log.clear(tried, upto=number + 1)
    with pytest.raises(Gone):
        log_reader.changed(tried, "Node", number, last)


def test_objects_at() -> None:
    """An object is as its last change up to a number left it, or not there."""
    tried = cluster(nodes=2)
    number = row_of(tried).number
    last = label(tried, "node-1", "a")
    nodes.nodes_remove(cluster=tried, actor=PERSON, names=["node-2"])
    assert labels_at(tried, number, FIRST, SECOND) == {FIRST: False, SECOND: False}
    assert labels_at(tried, last, FIRST, SECOND) == {FIRST: True, SECOND: False}
    assert labels_at(tried, last + 1, FIRST, SECOND, ("other", "node-1")) == {FIRST: True}
    assert labels_at(tried, last) == {}


def test_objects_of_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not change since a snapshot is read from it; what is older than all of them is not known."""
    monkeypatch.setattr(log_reader, "AT_ONCE", 1)
    tried = cluster(nodes=2)
    number = log.snapshot_take(tried)
    log.clear(tried, upto=number)
    last = label(tried, "node-1", "a")
    assert labels_at(tried, last, FIRST, SECOND, ("", "node-3")) == {FIRST: True, SECOND: False}
    assert labels_at(tried, number - 1, FIRST) == {}


def test_the_state_before_opens_no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an object was before a change is read from the log, however many snapshots lie between."""
    tried = cluster(nodes=2)
    label(tried, "node-1", "a")
    log.snapshot_take(tried)
    last = label(tried, "node-2", "b")

    def never(_body: bytes, _wanted: object) -> dict[Key, Packed]:
        raise AssertionError

    monkeypatch.setattr(snapshots, "picked", never)
    assert labels_at(tried, last, FIRST, ("", "node-3")) == {FIRST: True}
    assert labels_at(tried, last - 1, SECOND) == {SECOND: False}
