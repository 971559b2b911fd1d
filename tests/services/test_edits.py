"""The frame of every write: what is told after the commit, and what happens when it cannot be had."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection, transaction
from redis import Redis

from controller import broker, models, wakeups
from controller.engine.errors import Busy
from controller.live import publish
from controller.services import clock, clusters, nodes
from controller.services.edits import editing
from controller.store.writes import writing
from tests.clusters import PERSON, audited, cluster, node, settle
from tests.servers import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


def label(tried: int, value: str) -> None:
    """Label the node as the test's person."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1"], set={"tried": value}, remove=[])


def messages(redis: Redis) -> list[str]:
    """Return the tasks that were asked for, of all clusters."""
    waiting = [
        entry for key in redis.keys("*") if redis.type(key) == b"list" for entry in redis.lrange(key, 0, -1)
    ]
    return [json.loads(entry)["headers"]["task"] for entry in waiting]


def test_told_after_the_commit(redis: Redis) -> None:
    """A write nudges every process with the new number, and wakes a worker, once it is committed."""
    tried = cluster(nodes=1)
    redis.flushall()
    with redis.pubsub() as heard:  # type: ignore[no-untyped-call]
        heard.subscribe(publish.channel())
        assert heard.get_message(timeout=30)
        with transaction.atomic():
            label(tried, "yes")
            assert heard.get_message(timeout=0.05) is None
            assert messages(redis) == []
        told = heard.get_message(timeout=30)

    assert told
    assert json.loads(told["data"]) == {"cluster": tried, "gone": False}
    assert messages(redis) == [wakeups.PASS]


def test_nothing_is_told_of_nothing(redis: Redis) -> None:
    """Neither a write that changes nothing nor one that is refused is told."""
    tried = cluster(nodes=1)
    label(tried, "yes")
    redis.flushall()
    label(tried, "yes")
    with pytest.raises(TypeError), editing(cluster=tried, actor=PERSON) as edit:
        edit.note("tried", about=None)  # type: ignore[arg-type]

    assert messages(redis) == []
    assert "tried None" not in audited()


def test_who_is_told_what(redis: Redis) -> None:
    """A paused cluster wakes nobody, and a deleted one asks for its history to be cleared."""
    tried = cluster(nodes=1)
    clock.clock_pause(cluster=tried, actor=PERSON)
    redis.flushall()
    label(tried, "yes")
    assert messages(redis) == []

    clusters.cluster_delete(cluster=tried, actor=PERSON)
    assert messages(redis) == [wakeups.CLEAR]


def test_a_grown_log_asks_for_a_snapshot(redis: Redis) -> None:
    """Whoever writes the change that fills up a span of the log asks for a snapshot."""
    tried = cluster(nodes=1)
    settle(tried)
    models.Cluster.objects.filter(pk=tried).update(number=9_999, planned=9_999)
    redis.flushall()
    label(tried, "yes")

    assert sorted(messages(redis)) == [wakeups.PASS, wakeups.KEEP]


def test_without_redis(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """A dead Redis fails no write; it is told of once when it goes and once when it is back."""
    tried = cluster(nodes=1)
    redis_server.stop()
    try:
        for number in range(3):
            broker._State.again = 0.0
            label(tried, str(number))
    finally:
        redis_server.start()
    assert node(tried, "node-1")["metadata"]["labels"] == {"tried": "2"}
    broker._State.again = 0.0
    label(tried, "back")

    told = [record.getMessage().split(";")[0] for record in caplog.records if record.name == broker.__name__]
    assert told == ["Redis is away", "Redis is back."]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL waits for the one row, for as long as it takes"
)
def test_a_locked_database() -> None:
    """Who gets no turn within the database's patience is told so, and nothing is half done."""
    tried = cluster(nodes=1)
    locked, done = threading.Event(), threading.Event()

    def hold_the_lock() -> None:
        with writing(tried):
            locked.set()
            done.wait(10)
        connection.close()

    other = threading.Thread(target=hold_the_lock)
    other.start()
    assert locked.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(Busy, match="please try again"):
            label(tried, "never")
    finally:
        done.set()
        other.join()
        connection.close()

    assert "labels" not in node(tried, "node-1")["metadata"]
