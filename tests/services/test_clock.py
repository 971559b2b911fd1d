"""The clock of a cluster: paused, resumed, sped up, stepped."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from controller import models
from controller.engine.errors import Busy, Invalid, NotPaused
from controller.engine.outcome import Outcome
from controller.engine.passes import plan
from controller.services import clock, nodes, objects, passes
from controller.store import leases
from controller.store.clocks import cluster_time, moment_of
from tests.clusters import OWNER, PERSON, audited, cluster, demo_text, pods, row_of, settle

pytestmark = pytest.mark.django_db


def step(tried: int) -> models.Pass:
    """Make one step as the test's person."""
    return clock.clock_step(cluster=tried, actor=PERSON)


def test_time_stands_still() -> None:
    """While paused no cluster time passes; resumed, it goes on from where it stood."""
    tried = cluster()
    clock.clock_pause(cluster=tried, actor=PERSON)
    paused = row_of(tried)
    assert cluster_time(paused, time.time() + 100) == paused.anchor_cluster

    clock.clock_resume(cluster=tried, actor=PERSON)
    resumed = row_of(tried)
    assert resumed.anchor_cluster == paused.anchor_cluster
    assert cluster_time(resumed, resumed.anchor_wall + 5) == paused.anchor_cluster + 5
    assert audited()[-2:] == ["Paused time in tried", "Resumed time in tried"]


def test_twice_is_once() -> None:
    """Pausing what is paused, or resuming what runs, changes nothing and is not audited."""
    tried = cluster()
    clock.clock_resume(cluster=tried, actor=PERSON)
    clock.clock_pause(cluster=tried, actor=PERSON)
    before = audited()
    clock.clock_pause(cluster=tried, actor=PERSON)

    assert audited() == before == ["Created cluster tried", "Paused time in tried"]


@pytest.mark.parametrize("speed", [0.1, 100])
def test_speed(speed: float) -> None:
    """At a speed cluster time passes that much quicker or slower, without a jump."""
    tried = cluster()
    before = cluster_time(row_of(tried), time.time())
    clock.clock_speed(cluster=tried, actor=PERSON, speed=speed)
    row = row_of(tried)

    assert row.anchor_cluster >= before
    assert cluster_time(row, row.anchor_wall + 10) == pytest.approx(row.anchor_cluster + 10 * speed)
    assert audited()[-1] == f"Set the speed of tried: x1 → x{speed:g}"


@pytest.mark.parametrize("speed", [0, 0.09, 101, -1, float("nan")])
def test_speed_refused(speed: float) -> None:
    """Speeds beyond x0.1 and x100 are refused."""
    tried = cluster()
    with pytest.raises(Invalid, match=r"must be between 0\.1 and 100"):
        clock.clock_speed(cluster=tried, actor=PERSON, speed=speed)
    assert row_of(tried).speed == 1


def test_steps() -> None:
    """Each step is one pass: first over what was edited, then at each deadline, and time stands between."""
    tried = cluster(nodes=1, delay=30.0)
    settle(tried)
    clock.clock_pause(cluster=tried, actor=PERSON)
    objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))
    began = row_of(tried).anchor_cluster

    first = step(tried)
    assert (first.creations, first.cluster_time) == (1, began)
    assert first.lines
    for _ in range(6):
        if models.Pod.objects.get(cluster=tried).ready:
            break
        step(tried)
    assert models.Pod.objects.get(cluster=tried).ready
    row = row_of(tried)
    assert row.paused
    assert row.anchor_cluster == pytest.approx(began + 30)
    assert moment_of(row, time.time() + 50).cluster == row.anchor_cluster


def test_a_step_pauses() -> None:
    """Stepping a cluster that runs pauses it."""
    tried = cluster(nodes=1)
    made = step(tried)

    assert row_of(tried).paused
    assert made.last == row_of(tried).number
    assert audited()[-1] == "Stepped tried by one pass"


def test_a_step_with_nothing_to_do() -> None:
    """A step over a cluster at rest tells that nothing was done, and time stays where it is."""
    tried = cluster(nodes=1)
    settle(tried)
    clock.clock_pause(cluster=tried, actor=PERSON)
    before = row_of(tried)
    made = step(tried)

    assert (made.first, made.last) == (before.number + 1, before.number)
    assert (made.creations, made.deletions) == (0, 0)
    assert row_of(tried).anchor_cluster == before.anchor_cluster


def test_stepping_equals_running() -> None:
    """A cluster that is stepped to its rest ends as one that ran there."""
    stepped, ran = cluster("stepped", nodes=2), cluster("ran", nodes=2)
    for tried in (stepped, ran):
        objects.manifests_create(cluster=tried, actor=PERSON, text=demo_text("nginx-ds"))
    settle(ran)
    while (made := step(stepped)).first <= made.last:
        pass

    assert {name: pod.phase for name, pod in pods(stepped).items()} == {
        name: pod.phase for name, pod in pods(ran).items()
    }


@pytest.mark.django_db(transaction=True)
def test_a_step_waits_its_turn() -> None:
    """A step waits for a pass that runs, however long it holds the lease."""
    tried = cluster(nodes=1)
    held = leases.acquire(tried, OWNER)
    assert held
    made: list[models.Pass] = []

    def wait_and_step() -> None:
        made.append(step(tried))
        connection.close()

    waits = threading.Thread(target=wait_and_step)
    waits.start()
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    assert not made
    leases.release(held)
    waits.join(timeout=30)

    assert made
    assert made[0].last == row_of(tried).number


def test_a_step_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that gets no turn says so, and the cluster stays paused."""
    tried = cluster(nodes=1)
    assert leases.acquire(tried, OWNER)
    monkeypatch.setattr(clock, "TIMEOUT", 0.05)
    with pytest.raises(Busy, match="try again"):
        step(tried)
    assert row_of(tried).paused


def test_a_step_that_is_resumed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step over a cluster that somebody resumes before its pass is committed is refused at once."""
    tried = cluster(nodes=1)
    plans = []

    def plan_and_resume(*of: Any) -> Outcome:
        plans.append(of)
        outcome = plan(*of)
        clock.clock_resume(cluster=tried, actor="somebody else")
        return outcome

    monkeypatch.setattr(passes, "plan", plan_and_resume)
    with pytest.raises(NotPaused, match="the clock of tried was resumed meanwhile"):
        step(tried)

    assert len(plans) == 1
    assert not row_of(tried).paused
    assert not models.Pass.objects.exists()
    assert leases.is_free(tried)


def test_a_step_in_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that others outrun every time gives up in words."""
    tried = cluster(nodes=1)
    plans = []

    def plan_and_edit(*of: Any) -> Outcome:
        plans.append(of)
        outcome = plan(*of)
        labels = {"edit": str(len(plans))}
        nodes.node_labels(cluster=tried, actor="somebody else", node="node-1", labels=labels)
        return outcome

    monkeypatch.setattr(passes, "plan", plan_and_edit)
    with pytest.raises(Busy, match="try again"):
        step(tried)

    assert len(plans) == clock.TRIES
    assert row_of(tried).paused


def test_a_step_over_a_broken_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step whose pass fails says so instead of waiting for ever."""
    tried = cluster(nodes=1)

    def fail(*_plan: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(passes, "plan", fail)
    with pytest.raises(Busy):
        step(tried)
    assert leases.acquire(tried, OWNER)
