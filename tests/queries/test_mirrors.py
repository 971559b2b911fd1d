"""What is told of a mirror: whether it runs is judged with patience."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from controller import models
from controller.queries.mirrors import PATIENCE, mirror_of
from tests.clusters import cluster, mirrored

pytestmark = pytest.mark.django_db
DAY = 86_400.0


@pytest.mark.parametrize(
    ("made", "expires", "is_followed"),
    [
        (-DAY, 1.0, True),
        (-DAY, 1.0 - PATIENCE, True),
        (-DAY, -1.0 - PATIENCE, False),
        (0.0, -DAY, True),
        (-1.0 - PATIENCE, -DAY, False),
    ],
)
def test_a_late_mirror_runs(*, made: float, expires: float, is_followed: bool) -> None:
    """One that is a little late, or had no time yet to take a new cluster, is not told as a dead one."""
    real, now = mirrored(cluster()), time.time()
    models.Cluster.objects.filter(pk=real).update(created=datetime.fromtimestamp(now + made, UTC))
    models.Mirror.objects.filter(pk=real).update(expires=now + expires)
    facts = mirror_of(cluster=real)
    assert facts
    assert facts.is_followed is is_followed
