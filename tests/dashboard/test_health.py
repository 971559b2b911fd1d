"""What /healthz and /readyz answer. With all parts running: test_supervise."""

from __future__ import annotations

import pytest
from django.test import Client
from redis import Redis

from controller import heartbeat
from tests.servers import RedisServer, wait_until

NOBODY = {"ready": False, "database": True, "redis": False, "worker": False}


def test_alive_asks_nobody(client: Client, redis_server: RedisServer) -> None:
    """A process that lives says so, also when Redis is away; no login is asked for."""
    redis_server.stop()
    try:
        answer = client.get("/healthz")
    finally:
        redis_server.start()
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


@pytest.mark.django_db
def test_ready_without_a_worker(client: Client) -> None:
    """Without a worker's heartbeat clusters do not move: 503, and the answer says which part is missing."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "redis": True, "worker": False}


@pytest.mark.django_db
def test_ready_without_redis(client: Client, redis_server: RedisServer) -> None:
    """Without Redis nobody can tell whether a worker lives."""
    redis_server.stop()
    try:
        answer = client.get("/readyz")
    finally:
        redis_server.start()
    assert (answer.status_code, answer.json()) == (503, NOBODY)


@pytest.mark.django_db
def test_ready_with_a_heartbeat(client: Client, redis: Redis) -> None:
    """With database, Redis and a beating worker the answer is 200; the beat ends when nobody renews it."""
    heartbeat.start()
    try:
        wait_until(lambda: bool(heartbeat.heard()), what="the first beat")
        answer = client.get("/readyz")
    finally:
        heartbeat.stop()
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert 0 < redis.ttl(heartbeat.key()) <= heartbeat.LIVES


def test_the_heartbeat_survives_redis(redis_server: RedisServer) -> None:
    """A beat that found no Redis is tried again: the worker is heard soon after Redis is back."""
    redis_server.stop()
    heartbeat.start()
    try:
        redis_server.start()
        wait_until(lambda: bool(heartbeat.heard()), what="a beat")
    finally:
        heartbeat.stop()
    assert heartbeat.heard()
