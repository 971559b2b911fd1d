"""Leases: one holder at a time, and nothing from those who lost theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from controller.store import holders, leases
from tests.clusters import bare_cluster, run_out
from tests.servers import BASE, wait_until

pytestmark = pytest.mark.django_db


def taken(cluster: int, owner: str = "worker") -> leases.Held:
    """Take a lease that must be free."""
    held = leases.acquire(cluster, owner)
    assert held
    return held


def test_one_holder() -> None:
    """While a lease is held nobody else gets it; given back, it is free at once."""
    cluster = bare_cluster()
    held = taken(cluster)
    assert leases.acquire(cluster, "second") is None
    assert not leases.is_free(cluster)

    leases.release(held)
    assert leases.is_free(cluster)
    assert leases.acquire(cluster, "second")


def test_clusters_are_apart() -> None:
    """The lease of one cluster says nothing about another's."""
    assert leases.acquire(bare_cluster("one"), "first")
    assert leases.acquire(bare_cluster("other"), "second")


def test_taken_over_after_expiry() -> None:
    """A lease that ran out may be taken, and its old holder may then neither extend nor release it."""
    cluster = bare_cluster()
    stale = taken(cluster, "asleep")
    run_out(cluster)
    fresh = taken(cluster, "awake")

    assert fresh.fence == stale.fence + 1
    with pytest.raises(leases.Lost):
        leases.extend(stale)
    leases.release(stale)
    assert leases.acquire(cluster, "third") is None


def test_extended() -> None:
    """A holder that goes on working keeps the lease, also when it had run out unnoticed."""
    cluster = bare_cluster()
    held = taken(cluster)
    run_out(cluster)
    leases.extend(held)

    assert leases.acquire(cluster, "other") is None


def test_given_back_is_given_back() -> None:
    """A renewal that comes after the release does not take the lease again for nobody."""
    cluster = bare_cluster()
    held = taken(cluster)
    leases.release(held)
    with pytest.raises(leases.Lost):
        leases.extend(held)
    assert leases.is_free(cluster)


def test_it_runs_out_by_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease ends when its seconds are over, whatever this machine thinks of the time."""
    monkeypatch.setattr(leases, "SECONDS", 0.05)
    cluster = bare_cluster()
    taken(cluster)
    assert leases.acquire(cluster, "too early") is None
    monkeypatch.setattr("time.time", lambda: 0.0)

    wait_until(lambda: leases.acquire(cluster, "second") is not None, what="the end of the lease")


def test_the_same_owner_is_another_holder() -> None:
    """A name is no proof: a worker that takes the lease anew has a new fence."""
    cluster = bare_cluster()
    before = taken(cluster)
    run_out(cluster)
    taken(cluster)
    with pytest.raises(leases.Lost):
        leases.extend(before)


def test_a_cluster_that_is_gone() -> None:
    """Nobody gets the lease of a cluster that is not there."""
    assert leases.acquire(404, "worker") is None
    assert not leases.is_free(404)


HOLDS = """
import sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from controller.store import holders, leases

leases.SECONDS, leases.RENEWED_EVERY, leases.LONGEST = 0.5, 0.05, float(sys.argv[3])
held = leases.acquire(int(sys.argv[2]), holders.holder())
with leases.kept(held):
    print("held", flush=True)
    sys.stdin.readline()
    try:
        leases.extend(held)
        print("still held", flush=True)
    except leases.Lost:
        print("lost", flush=True)
"""


def holder(cluster: int, longest: float) -> subprocess.Popen[str]:
    """Start another process that holds the lease until it is told to go on."""
    words = [sys.executable, "-c", HOLDS, str(connection.settings_dict["NAME"]), str(cluster), str(longest)]
    process = subprocess.Popen(words, cwd=BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def ending(process: subprocess.Popen[str]) -> str:
    """Let the other process go on; return what became of its lease."""
    return process.communicate("on\n", timeout=30)[0]


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_is_killed() -> None:
    """What a dead process of this machine held is free at once, even before its parent looks after it."""
    cluster, other = bare_cluster(), bare_cluster("other")
    kept = taken(other, holders.holder())
    with holder(cluster, 300.0) as process:
        leases.release_dead()
        assert not leases.is_free(cluster)
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and its number still taken
        leases.release_dead()
        assert leases.is_free(cluster)
    leases.extend(kept)


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_sleeps() -> None:
    """A lease is renewed while its holder works, and not for one that stands still: that one has lost it."""
    cluster = bare_cluster()
    with holder(cluster, 300.0) as process:
        rounds = iter(range(60))
        wait_until(lambda: not leases.is_free(cluster) and next(rounds) > 50, what="more than a lease's time")
        os.kill(process.pid, signal.SIGSTOP)
        wait_until(lambda: leases.acquire(cluster, "awake") is not None, what="the lease of who sleeps")
        os.kill(process.pid, signal.SIGCONT)

        assert ending(process) == "lost\n"


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_is_stuck() -> None:
    """Who holds a lease far too long without coming to an end is no longer believed to work."""
    cluster = bare_cluster()
    with holder(cluster, 0.2) as process:
        wait_until(lambda: leases.acquire(cluster, "another") is not None, what="the lease of who is stuck")

        assert ending(process) == "lost\n"
