"""Lists of objects of any kind: exact at a number, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from controller.engine.errors import Gone, NotFound, TooNew
from controller.engine.matching.selection import Selection
from controller.queries import objects
from controller.queries.objects import Listing
from controller.services import nodes
from tests.clusters import PERSON, cluster, row_of, standing

pytestmark = pytest.mark.django_db
NODES = Selection("Node")


def named(listing: Listing) -> list[str]:
    """Return the names of a list."""
    return [found.place[1] for found in listing]


def test_a_listing_knows_its_number() -> None:
    """A list has a number even if it is empty, and its objects are there as text and parsed."""
    tried = cluster(nodes=1)
    assert Listing(tried, Selection("Pod")).number == row_of(tried).number
    (found,) = Listing(tried, NODES)
    assert found.parsed() == standing(tried, "Node", "", "node-1")
    with pytest.raises(NotFound):
        Listing(tried + 1, NODES)


def test_pages() -> None:
    """A page tells where it ends and how many remain, unless it is the last."""
    tried = cluster(nodes=3)
    first = Listing(tried, NODES, limit=2)
    assert named(first) == ["node-1", "node-2"]
    assert (first.last, first.remaining) == (("", "node-2"), 1)
    second = Listing(tried, NODES, limit=2, after=first.last, number=first.number)
    assert (named(second), second.last, second.remaining) == (["node-3"], None, None)


def test_numbers_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that has not come yet is too new, one that is too far back is Gone."""
    tried = cluster(nodes=1)
    number = row_of(tried).number
    with pytest.raises(TooNew):
        Listing(tried, NODES, number=number + 1)
    monkeypatch.setattr(objects, "MAX_LAG", 0)
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1"], set={"a": "b"}, remove=[])
    with pytest.raises(Gone):
        Listing(tried, NODES, number=number)


def test_counts_while_others_write() -> None:
    """How many there were is told right whatever is written while it is counted."""
    tried = cluster(nodes=2)
    number, late = row_of(tried).number, iter(["node-3", "node-4"])

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: object) -> object:
        if "FROM controller_change" in sql and (name := next(late, "")):
            nodes.nodes_add(cluster=tried, actor=PERSON, names=[name])
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        assert objects.counts(cluster=tried, number=number)["Node"] == 2
    assert objects.counts(cluster=tried)["Node"] > 2


def test_one_object() -> None:
    """One object is answered as text, as it stands or as it stood before a change."""
    tried = cluster(nodes=1)
    place = ("", "node-1")
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1"], set={"a": "b"}, remove=[])
    number = objects.number(cluster=tried)
    assert '"a":"b"' in objects.one(cluster=tried, kind="Node", namespace="", name="node-1")
    was = objects.before(cluster=tried, kind="Node", place=place, number=number)
    assert was is not None
    assert '"a":"b"' not in was
    assert objects.before(cluster=tried, kind="Node", place=place, number=1) is None
    with pytest.raises(NotFound, match='nodes "x" not found'):
        objects.one(cluster=tried, kind="Node", namespace="", name="x")
