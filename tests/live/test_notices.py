"""Notices are a courtesy: whatever becomes of them, what they tell of is done."""

from __future__ import annotations

import pytest

from controller import models
from controller.services import clock
from tests.clusters import PERSON, audited, cluster
from tests.servers import RedisServer


@pytest.mark.django_db(transaction=True)
def test_without_redis(redis_server: RedisServer) -> None:
    """A dead Redis costs the notice, not the pause."""
    tried = cluster()
    redis_server.stop()
    try:
        clock.clock_pause(cluster=tried, actor=PERSON)
    finally:
        redis_server.start()
    assert models.Cluster.objects.get(pk=tried).paused
    assert audited()[-1] == "Paused time in tried"
