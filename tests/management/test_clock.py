"""The clock: what is due or was left undone is found, whatever fails meanwhile."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from redis import Redis

from controller import broker, models, wakeups
from controller.management.commands import clock
from controller.services import clusters
from controller.store import holders, leases
from tests.clusters import PERSON, cluster, row_of, settle
from tests.servers import BASE, RedisServer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def clock_running() -> Iterator[None]:
    """Run a clock beside the test."""
    running = clock.Clock()

    def run() -> None:
        running.run()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        running.stop()
        thread.join()


def asked(redis: Redis, task: str, cluster: int) -> bool:
    """Say whether a task was asked for."""
    return bool(redis.exists(wakeups._key(task, cluster)))


def test_what_is_due_is_waked(redis: Redis) -> None:
    """A cluster is waked when its deadline comes, or when a change was left unseen; others are not."""
    due, unseen, resting = (cluster(name) for name in ("due", "unseen", "resting"))
    for tried in (due, unseen, resting):
        settle(tried)
    models.Cluster.objects.filter(pk=due).update(due=row_of(due).anchor_cluster)
    models.Cluster.objects.filter(pk=unseen).update(planned=0)
    redis.flushall()
    with clock_running():
        wait_until(lambda: asked(redis, wakeups.PASS, due), what="a wake for what is due")
        wait_until(lambda: asked(redis, wakeups.PASS, unseen), what="a wake for what was left")

    assert not asked(redis, wakeups.PASS, resting)


def test_what_a_dead_worker_left(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster whose worker died on this machine is waked at once, however long its lease would last."""
    monkeypatch.setattr(leases, "SECONDS", 600.0)
    tried = cluster()
    words = holders.holder().split(":")
    with subprocess.Popen([sys.executable, "-c", ""]) as worker:
        words[2] = str(worker.pid)
    assert leases.acquire(tried, ":".join(words))
    redis.flushall()
    with clock_running():
        wait_until(lambda: asked(redis, wakeups.PASS, tried), what="a wake")

    assert leases.is_free(tried)


def test_housekeeping(redis: Redis) -> None:
    """Every cluster's log is looked after, and what deleted clusters left behind is cleared."""
    tried, gone = cluster("tried"), cluster("gone")
    clusters.cluster_delete(cluster=gone, actor=PERSON)
    redis.flushall()
    with clock_running():
        wait_until(lambda: asked(redis, wakeups.KEEP, tried), what="housekeeping")
        wait_until(lambda: asked(redis, wakeups.CLEAR, gone), what="the clearing")

    assert not asked(redis, wakeups.KEEP, gone)


def test_without_redis(redis: Redis, redis_server: RedisServer) -> None:
    """A clock that finds no Redis goes on, and wakes as soon as Redis is back."""
    tried = cluster()
    redis_server.stop()
    broker._State.again = 0.0
    with clock_running():
        try:
            wait_until(lambda: broker._State.away, what="the missing Redis")
        finally:
            redis_server.start()
        wait_until(lambda: asked(redis, wakeups.PASS, tried), what="a wake")

    assert not broker._State.away


def test_without_a_database(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    """A clock that cannot read the database says so once, goes on, and wakes when it can."""
    tried = cluster()
    redis.flushall()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "/nowhere/at/all"
    try:
        with clock_running(), caplog.at_level(logging.WARNING):
            wait_until(lambda: "keeps trying" in caplog.text, what="the complaint")
            connection.settings_dict["NAME"] = name
            wait_until(lambda: asked(redis, wakeups.PASS, tried), what="a wake")
    finally:
        connection.settings_dict["NAME"] = name

    assert caplog.text.count("keeps trying") == 1


def test_stops_at_once() -> None:
    """SIGTERM ends the process without a word, and without waiting for its next tick."""
    code = f"""
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = {str(connection.settings_dict["NAME"])!r}
from controller.management.commands import clock
tick = clock.Clock._tick
def last_for_long(self):
    tick(self)
    clock.TICK = 600.0
    print("tick", flush=True)
clock.Clock._tick = last_for_long
from django.core.management import call_command
call_command("clock")
"""
    words = [sys.executable, "-c", code]
    with subprocess.Popen(
        words, cwd=BASE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "tick\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""
