"""The latest passes, with what the controllers saw and decided."""

from __future__ import annotations

import pytest

from controller.engine.reasons import Seen
from controller.queries.passes import passes
from controller.services import clock
from tests.clusters import cluster, row_of
from tests.stepping import by, stepped_cluster

pytestmark = pytest.mark.django_db


def test_newest_first() -> None:
    """Each pass says which changes it made, how many pods came and went, and its lines."""
    tried = stepped_cluster(nodes=2)
    found = passes(cluster=tried)
    assert found.total == len(found.items) > 1
    assert [line.id for line in found.items] == sorted((line.id for line in found.items), reverse=True)
    assert sum(line.creations for line in found.items) == 2
    looks = [line.facts for each in found.items for line in each.lines if line.code == Seen.LOOKED]
    assert any(facts["desired"] == 2 for facts in looks)


def test_a_step_without_changes() -> None:
    """A step that found nothing to do has a row as well; its last change is before its first."""
    tried = cluster()
    clock.clock_pause(**by(tried))
    clock.clock_step(**by(tried))
    clock.clock_step(**by(tried))
    newest = passes(cluster=tried, size=1).items[0]
    assert newest.last < newest.first == row_of(tried).number + 1
