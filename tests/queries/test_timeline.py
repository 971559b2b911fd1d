"""What happened when, and what two moments differ in."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from controller import models
from controller.engine.errors import BadRequest
from controller.queries import timeline as queries
from controller.services import nodes, objects
from controller.store import log
from tests.clusters import PERSON, cluster, row_of, settle, with_daemonset

pytestmark = pytest.mark.django_db


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=3)
    with_daemonset(made, "ssd-monitor")
    nodes.node_labels(cluster=made, actor="ada", node="node-1", labels={"disk": "ssd"})
    nodes.node_labels(cluster=made, actor="bob", node="node-2", labels={"disk": "ssd"})
    settle(made)
    return made


def number(tried: int) -> int:
    """Return the last number."""
    return row_of(tried).number


def told(tried: int, before: int, after: int) -> list[tuple[str, bool, tuple[str, ...], str, bool]]:
    """Return what two moments differ in: which set, which way, where, who did it, and whether nodes went."""
    return [
        (one.name, one.gained, one.nodes, one.cause.actor if one.cause else "", one.node_gone)
        for one in queries.differences(cluster=tried, before=before, after=after)
    ]


def test_the_bar(tried: int) -> None:
    """Its points go from the first change to the last; edits and passes that moved pods are its marks."""
    found = queries.timeline(cluster=tried)
    assert (found.first, found.last) == (0, number(tried))
    numbers = [point.number for point in found.points]
    assert (numbers[0], numbers[-1]) == (1, number(tried))
    assert numbers == sorted(set(numbers))
    assert [one.actor for one in found.edits][-2:] == ["ada", "bob"]
    assert [(one.creations, one.deletions) for one in found.moves] == [(2, 0)]


def test_a_mark_stands_where_its_moment_does(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few points there are: of each edit, and of the change before it, the time is known."""
    monkeypatch.setattr(queries, "POINTS", 1)
    found = queries.timeline(cluster=tried)
    times = {point.number: point.at for point in found.points}
    edits = [one.number for one in found.edits if one.number]
    assert edits
    assert all(one in times and (one == 1 or one - 1 in times) for one in edits)
    assert len(times) < found.last


def test_an_edit_explains_what_came_of_it(tried: int) -> None:
    """Nodes that lost or got a pod are told with the edit of the node in between, person by person."""
    before = number(tried)
    nodes.node_labels(cluster=tried, actor="eve", node="node-1", labels={})
    nodes.node_labels(cluster=tried, actor="ada", node="node-3", labels={"disk": "ssd"})
    settle(tried)
    found = told(tried, before, number(tried))
    assert found == [
        ("ssd-monitor", False, ("node-1",), "eve", False),
        ("ssd-monitor", True, ("node-3",), "ada", False),
    ]
    assert told(tried, number(tried), before)[0][1] is True  # the other way round


def test_an_edit_of_the_set(tried: int) -> None:
    """Where nobody touched the node, the last edit of the set is the cause."""
    before = number(tried)
    objects.object_delete(
        cluster=tried, actor="eve", kind="DaemonSet", namespace="default", name="ssd-monitor"
    )
    settle(tried)
    assert told(tried, before, number(tried)) == [("ssd-monitor", False, ("node-1", "node-2"), "eve", False)]


def test_nodes_that_went(tried: int) -> None:
    """A node that was removed has no pods, and the removal is the cause."""
    before = number(tried)
    nodes.nodes_remove(cluster=tried, actor="eve", names=["node-2"])
    settle(tried)
    assert told(tried, before, number(tried)) == [("ssd-monitor", False, ("node-2",), "eve", True)]


def test_nothing_is_different(tried: int) -> None:
    """An edit after which all pods are where they were makes no difference."""
    before = number(tried)
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-3"], cordoned=True)
    assert told(tried, before, number(tried)) == []


def test_the_number_of_a_time(tried: int) -> None:
    """A time means the last change up to it, or the first moment that can be shown."""
    first, *_rest, last = models.Change.objects.filter(cluster=tried).order_by("number")
    assert queries.number_at(cluster=tried, at=last.at + timedelta(days=1)) == last.number
    assert queries.number_at(cluster=tried, at=first.at - timedelta(days=1)) == log.first(tried)


def test_the_frame_of_a_moment(tried: int) -> None:
    """The map of a moment is a snapshot of it, with its clock standing."""
    edited = models.AuditEntry.objects.filter(cluster=tried, actor="ada", action="node_labels").get().number
    assert edited
    frame = json.loads(queries.frame_at(cluster=tried, number=edited))
    assert (frame["t"], frame["n"], frame["cluster"]["paused"]) == ("snapshot", edited, True)
    with pytest.raises(BadRequest):
        queries.frame_at(cluster=tried, number=number(tried) + 1)
