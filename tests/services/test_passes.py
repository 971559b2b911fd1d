"""Passes: under the lease, whole or not at all, and anew when they were overtaken."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from controller import models, wakeups
from controller.engine import world
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.errors import NotFound
from controller.engine.objects import Moment
from controller.engine.outcome import Names, Outcome
from controller.engine.passes import plan
from controller.engine.world import World
from controller.services import clock, clusters, history, nodes, objects, passes
from controller.store import leases, worlds
from controller.store.clocks import moment_of, needs_reconcile
from controller.store.writes import writing
from tests.clusters import (
    OWNER,
    PERSON,
    change,
    cluster,
    demo_text,
    everything,
    folded_log,
    killed_in_a_commit,
    node,
    numbers,
    pods,
    row_of,
    run_out,
    settle,
    standing,
    with_daemonset,
)
from tests.servers import wait_until

pytestmark = pytest.mark.django_db


def lease(tried: int) -> leases.Held:
    """Return the lease of a cluster, which must be free."""
    held = leases.acquire(tried, OWNER)
    assert held
    return held


def waiting(redis: Redis) -> int:
    """Return how many messages wait for a worker."""
    return sum(redis.llen(key) for key in redis.keys("*") if redis.type(key) == b"list")


def overtake(monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]) -> list[Outcome]:
    """Let somebody write right after the next pass was planned. Returns the outcomes of all plans."""
    outcomes: list[Outcome] = []

    def plan_and_be_overtaken(world: World, now: Moment, names: Names) -> Outcome:
        outcomes.append(plan(world, now, names))
        if len(outcomes) == 1:
            write()
        return outcomes[-1]

    monkeypatch.setattr(passes, "plan", plan_and_be_overtaken)
    return outcomes


def test_a_cluster_comes_to_rest() -> None:
    """Passes follow each other until every node that should run a pod has one that is ready."""
    tried = cluster(nodes=3)
    with_daemonset(tried)

    assert {name: pod.ready for name, pod in pods(tried).items()} == dict.fromkeys(
        ("node-1", "node-2", "node-3"), True
    )
    assert numbers(tried) == list(range(1, row_of(tried).number + 1))
    assert everything(tried) == folded_log(tried)


def test_nothing_to_do_leaves_no_trace() -> None:
    """A pass over a cluster at rest writes no change and no row."""
    tried = cluster(nodes=1)
    settle(tried)
    before = (row_of(tried).number, models.Pass.objects.count())
    models.Cluster.objects.filter(pk=tried).update(planned=0)
    passes.cluster_pass(cluster=tried, owner=OWNER)

    assert (row_of(tried).number, models.Pass.objects.count()) == before
    assert row_of(tried).planned == before[0]


def test_passes_are_kept_in_words() -> None:
    """The row of a pass names its changes, counts its pods and tells what was seen and decided."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    rows = list(models.Pass.objects.filter(cluster=tried).order_by("pk"))

    assert sum(row.creations for row in rows) == 2
    assert [row.first for row in rows[1:]] == sorted(row.first for row in rows[1:])
    assert rows[-1].last == row_of(tried).number
    told = [line["facts"] for row in rows for line in row.lines if line["actor"] == "daemonset-controller"]
    assert any(facts.get("desired") == 2 for facts in told)


def test_lines_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a pass that has a lot to tell only the first lines are kept."""
    monkeypatch.setattr(world, "LINES", 3)
    tried = cluster(nodes=9)
    settle(tried)

    assert max(len(row.lines) for row in models.Pass.objects.all()) == 3


def test_deadlines_come_back() -> None:
    """With delays a cluster rests until the next deadline, which its row names in cluster time."""
    tried = cluster(nodes=1, delay=60.0)
    with_daemonset(tried)
    row = row_of(tried)

    assert row.due is not None
    assert 0 < row.due - moment_of(row, time.time()).cluster <= 60
    assert pods(tried)["node-1"].phase == "Pending"


def test_paused() -> None:
    """A paused cluster plans nothing: what was edited is made up for after it is resumed."""
    tried = cluster(nodes=1)
    settle(tried)
    clock.clock_pause(cluster=tried, actor=PERSON)
    objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))
    before = row_of(tried).number
    passes.cluster_pass(cluster=tried, owner=OWNER)
    assert row_of(tried).number == before

    clock.clock_resume(cluster=tried, actor=PERSON)
    settle(tried)
    assert pods(tried)["node-1"].ready


def test_one_at_a_time() -> None:
    """While another holds the lease nothing is done, and the lease is given back after a pass."""
    tried = cluster(nodes=1)
    held = lease(tried)
    before = row_of(tried).number
    passes.cluster_pass(cluster=tried, owner="late")
    assert row_of(tried).number == before

    leases.release(held)
    settle(tried)
    assert row_of(tried).number > before
    assert lease(tried).fence > held.fence


def test_whoever_is_waked_next_is_not_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the wakes of a cluster are answered, the next task finds it free: it is not waked again."""
    tried, answer, later = cluster(nodes=1), wakeups.answered, iter(["late"])

    def answered(task: str, pk: int) -> None:
        answer(task, pk)
        if name := next(later, ""):
            nodes.nodes_add(cluster=pk, actor=PERSON, names=[name])
            passes.cluster_pass(cluster=pk, owner="next")

    monkeypatch.setattr(wakeups, "answered", answered)
    passes.cluster_pass(cluster=tried, owner=OWNER)
    row = row_of(tried)
    assert row.planned == row.number


@pytest.mark.django_db(transaction=True)
def test_a_plan_longer_than_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cold pass that takes several times as long as a lease commits at once: loaded and planned once."""
    tried = cluster(nodes=400)
    loads, plans = [], []
    monkeypatch.setattr(leases, "SECONDS", 3.0)  # a busy machine may not renew it for a second
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.1)

    def load(*of: Any) -> World:
        loads.append(of)
        return worlds_load(*of)

    def plan_slowly(world: World, moment: Moment, names: Names) -> Outcome:
        plans.append(moment)
        outcome = plan(world, moment, names)
        until = time.monotonic() + 1.2 * leases.SECONDS
        while time.monotonic() < until:  # a thread that has work to do, as a planning one has
            assert not leases.is_free(tried)
        return outcome

    worlds_load = worlds.load
    monkeypatch.setattr(worlds, "load", load)
    monkeypatch.setattr(passes, "plan", plan_slowly)
    monkeypatch.setattr(passes, "TURN", 0.01)
    passes.cluster_pass(cluster=tried, owner=OWNER)

    assert (len(loads), len(plans)) == (1, 1)
    assert models.Node.objects.filter(cluster=tried, ready="True").count() == 400
    assert lease(tried).fence == 2


def test_nobody_waits_for_who_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a world is loaded the lease is free, and no other thread of the process loads it as well."""
    tried = cluster(nodes=1)
    free, loads = [], []

    def load(*of: Any) -> World:
        loads.append(of)
        free.append(leases.is_free(tried))
        passes.cluster_pass(cluster=tried, owner="another thread")
        return worlds_load(*of)

    worlds_load = worlds.load
    monkeypatch.setattr(worlds, "load", load)
    settle(tried)

    assert (free, len(loads)) == ([True], 1)


def test_who_is_held_up_loads_nothing() -> None:
    """While another process makes the passes, or there is nothing to do, no world is loaded for it."""
    tried, resting = cluster(nodes=1), cluster("resting")
    settle(resting)
    worlds.warm.forget(resting)
    lease(tried)
    passes.cluster_pass(cluster=tried, owner=OWNER)
    passes.cluster_pass(cluster=resting, owner=OWNER)

    assert tried not in worlds.warm
    assert resting not in worlds.warm


def test_a_stale_holder_is_refused() -> None:
    """What was planned under a lease that another has taken since is not committed."""
    tried = cluster(nodes=1)
    stale = lease(tried)
    run_out(tried)
    lease(tried)
    before = everything(tried)
    with pytest.raises(leases.Lost):
        passes.one_pass(row_of(tried), stale, moment_of(row_of(tried), time.time()))

    assert everything(tried) == before
    assert not models.Pass.objects.exists()


def test_overtaken_by_a_collision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wrote an object that the pass also writes goes first; the pass is planned anew on what stands."""
    tried = cluster(nodes=2)
    labels = {"disk": "ssd"}
    outcomes = overtake(
        monkeypatch,
        lambda: nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels=labels),
    )
    settle(tried)

    assert len(outcomes) > 1
    assert node(tried, "node-1")["metadata"]["labels"]["disk"] == "ssd"
    assert models.Node.objects.filter(cluster=tried, ready="True").count() == 2
    assert everything(tried) == folded_log(tried)


def test_overtaken_in_what_no_rule_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who labels a set does not undo the pass that writes its status: both stand, as with the subresource."""
    tried = cluster(nodes=2)
    objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))

    def label() -> None:
        manifest = standing(tried, "DaemonSet", "default", "nginx-ds")
        labelled = {**manifest, "metadata": {**manifest["metadata"], "labels": {"team": "b"}}}
        objects.object_replace(cluster=tried, actor=PERSON, kind="DaemonSet", manifest=labelled)

    outcomes = overtake(monkeypatch, label)
    held = lease(tried)
    made = passes.one_pass(row_of(tried), held, moment_of(row_of(tried), time.time()))
    now = standing(tried, "DaemonSet", "default", "nginx-ds")

    assert made
    assert len(outcomes) == 1
    assert (now["metadata"]["labels"], now["status"]["desiredNumberScheduled"]) == ({"team": "b"}, 2)
    assert everything(tried) == folded_log(tried)
    leases.release(held)
    settle(tried)
    assert standing(tried, "DaemonSet", "default", "nginx-ds")["status"]["numberAvailable"] == 2


def test_overtaken_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What touches other objects does not undo a pass, and is seen by the next one."""
    tried = cluster(nodes=2)
    overtake(
        monkeypatch,
        lambda: objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds")),
    )
    held = lease(tried)
    made = passes.one_pass(row_of(tried), held, moment_of(row_of(tried), time.time()))
    row = row_of(tried)

    assert made
    assert row.planned < row.number
    assert needs_reconcile(row, time.time())
    leases.release(held)
    settle(tried)
    assert len(pods(tried)) == 2


def test_a_name_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass whose new object stands already, unknown to its world, is planned anew on what stands."""
    tried = cluster(nodes=1)
    settle(tried)
    objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))

    def take_the_name() -> None:
        (born,) = [one.manifest for one in outcomes[0].changes if (one.kind, one.verb) == ("Pod", "ADDED")]
        with writing(tried) as opened:
            opened.put([change(born)])
        models.Change.objects.filter(cluster=tried, number=row_of(tried).number).delete()
        models.Cluster.objects.filter(pk=tried).update(number=row_of(tried).number - 1)

    outcomes = overtake(monkeypatch, take_the_name)
    settle(tried)

    assert len(outcomes) > 1
    assert pods(tried)["node-1"].ready


def test_a_warm_world_is_as_good_as_a_fresh_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """However a world was overtaken and followed, it ends up holding what the rows hold."""
    tried = cluster(nodes=3)
    overtake(
        monkeypatch,
        lambda: objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds")),
    )
    settle(tried)
    row = row_of(tried)
    warm, fresh = worlds.warm.take(row), worlds.load(tried, worlds.settings_of(row))

    assert warm.number == fresh.number == row.number
    assert {name: one.labels for name, one in warm.nodes.items()} == {
        name: one.labels for name, one in fresh.nodes.items()
    }
    assert {key: (pod.node, pod.ready, pod.timers) for key, pod in warm.pods.items()} == {
        key: (pod.node, pod.ready, pod.timers) for key, pod in fresh.pods.items()
    }


def test_the_engine_fails(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An error of the engine is logged with the cluster, changes nothing, and is not tried again at once."""
    tried = cluster(nodes=1)

    def fail(*_plan: object) -> Outcome:
        raise ZeroDivisionError

    monkeypatch.setattr(passes, "plan", fail)
    before = everything(tried)
    passes.cluster_pass(cluster=tried, owner=OWNER)
    row = row_of(tried)

    assert everything(tried) == before
    assert f"cluster {tried}" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert not needs_reconcile(row, time.time())
    assert needs_reconcile(row, time.time() + passes.BACK_OFF)
    assert lease(tried).fence == 2


def test_a_wrong_world_is_found(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A world whose short cuts went wrong is reported once in a while, and thrown away."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    wrong = worlds.warm.take(row_of(tried))
    (coverage,) = coverages(wrong).values()
    coverage.tally[0] += 1
    worlds.warm.put(tried, wrong)
    monkeypatch.setattr(passes, "CHECK_EVERY", 0.0)
    models.Cluster.objects.filter(pk=tried).update(planned=0)
    passes.cluster_pass(cluster=tried, owner=OWNER)

    assert "was wrong" in caplog.text
    assert worlds.warm.take(row_of(tried)) is not wrong


def test_a_right_world_is_kept(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A world that made all passes itself is found to be what the rows hold, to the last number."""
    monkeypatch.setattr(passes, "CHECK_EVERY", 0.0)
    monkeypatch.setattr(passes, "CHECK_SHARE", math.inf)
    tried = cluster(nodes=2)
    with_daemonset(tried)
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"disk": "ssd"})
    settle(tried)

    assert "was wrong" not in caplog.text
    assert tried in worlds.warm


def test_nobody_waits_for_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world is compared only once nothing is left to do in its cluster at this moment."""
    tried = cluster(nodes=2)
    waits: list[bool] = []

    def compare(_world: World, row: models.Cluster, _moment: Moment) -> bool:
        waits.append(needs_reconcile(row_of(row.pk), time.time()))
        return True

    monkeypatch.setattr(passes, "_is_right", compare)
    with_daemonset(tried)

    assert waits
    assert not any(waits)


def test_comparing_takes_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world that takes long to load is compared seldom: what it took before is a hundredth of the time."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    loads: list[object] = []
    worlds_load = worlds.load

    def load(*of: Any) -> World:
        loads.append(of)
        return worlds_load(*of)

    monkeypatch.setattr(worlds, "load", load)
    monkeypatch.setattr(passes, "CHECK_EVERY", 0.0)
    monkeypatch.setattr(passes, "CHECK_SHARE", 1e-9)
    for _ in range(3):
        models.Cluster.objects.filter(pk=tried).update(planned=0)
        passes.cluster_pass(cluster=tried, owner=OWNER)

    assert len(loads) == 1


def test_a_long_turn_makes_room(monkeypatch: pytest.MonkeyPatch, redis: Redis) -> None:
    """Who has more to do than fits into a turn lets go, and asks for the next turn like everybody."""
    tried = cluster(nodes=1)
    redis.flushall()
    monkeypatch.setattr(passes, "TURN", 0.0)
    passes.cluster_pass(cluster=tried, owner=OWNER)

    assert lease(tried).fence == 2
    assert waiting(redis) == 1


def test_a_burst_is_one_message(redis: Redis) -> None:
    """However often a cluster is waked, one message waits, until a task answers."""
    tried = cluster()
    redis.flushall()
    for _ in range(20):
        wakeups.wake(tried)
    assert waiting(redis) == 1

    wakeups.answered(wakeups.PASS, tried)
    wakeups.wake(tried)
    assert waiting(redis) == 2


def test_a_cluster_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass over a cluster that was deleted meanwhile ends without a word."""
    tried = cluster(nodes=1)
    overtake(monkeypatch, lambda: clusters.cluster_delete(cluster=tried, actor=PERSON))
    passes.cluster_pass(cluster=tried, owner=OWNER)
    assert not models.Pass.objects.exists()
    history.history_clear(cluster=tried)
    passes.cluster_pass(cluster=tried, owner=OWNER)

    assert not models.Node.objects.exists()
    with pytest.raises(NotFound):
        clock.clock_pause(cluster=tried, actor=PERSON)


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_killed() -> None:
    """A worker that is killed in the middle of a commit leaves nothing, and within seconds all goes on."""
    tried = cluster(nodes=3)
    settle(tried)
    objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))
    before = everything(tried)
    assert killed_in_a_commit(tried)
    died = time.monotonic()
    assert everything(tried) == before
    assert not models.Pod.objects.exists()

    def recovered() -> bool:
        passes.cluster_pass(cluster=tried, owner=OWNER)
        return models.Pod.objects.filter(ready=True).count() == 3

    wait_until(recovered, what="the pods, from another worker")
    assert time.monotonic() - died < 20
    assert len(pods(tried)) == 3
    assert standing(tried, "DaemonSet", "default", "nginx-ds")["status"]["numberReady"] == 3
    assert everything(tried) == folded_log(tried)
