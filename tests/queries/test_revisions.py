"""Revisions, newest first, each with what it changed and what going back to it would change."""

from __future__ import annotations

import pytest

from controller.queries.revisions import revisions
from controller.services import workloads
from tests.clusters import looked
from tests.stepping import SET, by, rest, step, stepped_cluster

pytestmark = pytest.mark.django_db


def test_revisions() -> None:
    """Two templates, two revisions; pods are counted by the one they were made from."""
    tried = stepped_cluster(nodes=3)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    step(tried, times=3)
    new, old = looked(revisions, tried, **SET)

    assert [(each.number, each.current, each.images) for each in (new, old)] == [
        (2, True, ("nginx:2",)),
        (1, False, ("nginx:1.7.9",)),
    ]
    assert new.pods > 0
    assert old.pods == 3 - new.pods
    assert {line for line in new.changed.splitlines() if line[0] in "+-"} == {
        "-    image: nginx:1.7.9",
        "+    image: nginx:2",
    }
    assert (old.changed, new.back) == ("", "")
    assert "+    image: nginx:1.7.9" in old.back.splitlines()
    assert new.changed.startswith("@@ ")


def test_a_return() -> None:
    """Going back raises the number of the old revision, and what it changed is told anew."""
    tried = stepped_cluster(nodes=1)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    rest(tried)
    workloads.workload_rollback(kind="DaemonSet", **by(tried), **SET, revision=1)
    rest(tried)
    new, old = looked(revisions, tried, **SET)
    assert [(each.number, each.current) for each in (new, old)] == [(3, True), (2, False)]
    assert "+    image: nginx:1.7.9" in new.changed.splitlines()
