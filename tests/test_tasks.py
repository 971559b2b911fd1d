"""The workers' tasks, run the way a worker runs them. What passes do: tests/services/test_passes."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest
from celery import current_app
from redis import Redis

from controller import models, tasks, wakeups
from controller.services import clusters, nodes
from tests.clusters import PERSON, cluster, numbers, pods, row_of, settle, with_daemonset

pytestmark = pytest.mark.django_db


def run_what_waits(redis: Redis) -> list[str]:
    """Do a worker's work: take every waiting message and run its task. Returns their names."""
    ran = []
    for queue in [key for key in redis.keys("*") if redis.type(key) == b"list"]:
        while isinstance(entry := redis.lpop(queue), bytes):
            message = json.loads(entry)
            _args, facts, _embedded = json.loads(b64decode(message["body"]))
            current_app.tasks[message["headers"]["task"]].apply(kwargs=facts, throw=True)
            ran.append(message["headers"]["task"])
    return ran


def test_every_wake_has_its_task() -> None:
    """Tasks are asked for by name: each name that is sent is one that a worker knows."""
    assert {wakeups.PASS, wakeups.KEEP, wakeups.CLEAR} <= set(current_app.tasks)


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_edits_is_one_pass(redis: Redis) -> None:
    """However many edits come before a worker is free, one task makes up for all of them."""
    tried = cluster(nodes=2)
    with_daemonset(tried, "ssd-monitor")
    redis.flushall()
    for name in ("node-1", "node-2"):
        for disk in ("hdd", "nvme", "ssd"):
            nodes.node_labels(cluster=tried, actor=PERSON, node=name, labels={"disk": disk})
    before = models.Pass.objects.count()

    assert run_what_waits(redis) == [wakeups.PASS]
    assert sorted(pods(tried)) == ["node-1", "node-2"]
    assert 0 < models.Pass.objects.count() - before < 6
    assert row_of(tried).planned == row_of(tried).number


def test_what_a_newer_sender_adds_is_passed_over() -> None:
    """A task that is sent with keywords it does not know does its work all the same."""
    tried = cluster(nodes=1)
    tasks.cluster_pass.apply(kwargs={"cluster_id": tried, "because": "tomorrow"}, throw=True)
    tasks.keep_log.apply(kwargs={"cluster_id": tried, "deep": True}, throw=True)

    assert models.Node.objects.get(cluster=tried).ready == "True"


def test_tasks_about_clusters_that_are_gone() -> None:
    """A message that comes too late is no error."""
    for task in (tasks.cluster_pass, tasks.keep_log, tasks.clear_history):
        assert task.apply(kwargs={"cluster_id": 404}, throw=True).successful()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_cluster_is_cleared(redis: Redis) -> None:
    """The deletion of a cluster asks a worker to clear its history."""
    tried = cluster(nodes=2)
    settle(tried)
    redis.flushall()
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    assert numbers(tried)

    assert run_what_waits(redis) == [wakeups.CLEAR]
    assert not numbers(tried)
