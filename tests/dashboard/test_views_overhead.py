"""The page of what DaemonSets ask of the nodes, sorted and as a file."""

from __future__ import annotations

import csv

import pytest

from controller.models import Role
from controller.services import objects
from tests.clusters import PERSON, cluster, settle
from tests.dashboard.visits import text_of, visitor
from tests.queries.test_overhead import text

pytestmark = pytest.mark.django_db
PAGE = "/clusters/tried/overhead/"


def filled() -> None:
    """Make a cluster whose second node carries more."""
    tried = cluster(nodes=2)
    for one in (text("small", "250m"), text("one", "1", nodeName="node-2")):
        objects.manifests_create(cluster=tried, actor=PERSON, text=one)
    settle(tried)


def test_the_dearest_first() -> None:
    """Nodes and sets come with what they ask for and their share, the dearest first or as one likes."""
    filled()
    page = text_of(visitor(Role.VIEWER).get(PAGE))
    assert "The pods of 2 DaemonSets request 1.5 of 8 cpu (18.8 %)" in page
    assert "node-2 2 1.25 31.2 % 128 Mi" in page
    assert page.index("node-2 2 1.25") < page.index("node-1 1 0.25")
    page = text_of(visitor().get(PAGE + "?sort=node"))
    assert page.index("node-1 1 0.25") < page.index("node-2 2 1.25")
    page = text_of(visitor().get(PAGE + "?by=sets"))
    assert page.index("one default 1 1 1 12.5 %") < page.index("small default 2 0.25 0.5 6.25 %")
    assert "node-1" in text_of(visitor().get(PAGE + "?sort=nonsense"))


def test_as_a_file() -> None:
    """The whole table comes as CSV, with plain numbers."""
    filled()
    answer = visitor().get(PAGE + "?format=csv&sort=-cpu")
    assert answer["Content-Disposition"] == 'attachment; filename="tried-overhead-nodes.csv"'
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [(row["node"], row["cpu"], row["cpu_share"]) for row in rows] == [
        ("node-2", "1.25", "0.3125"),
        ("node-1", "0.25", "0.0625"),
    ]
    answer = visitor().get(PAGE + "?format=csv&by=sets")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [(row["daemonset"], row["cpu_each"], row["memory"]) for row in rows] == [
        ("one", "1.0", "67108864"),
        ("small", "0.25", "134217728"),
    ]
