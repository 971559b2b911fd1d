"""Leases: one holder at a time, and nothing from those who lost theirs."""

from __future__ import annotations

import pytest

from controller.store import leases
from tests.clusters import NOW, bare_cluster

pytestmark = pytest.mark.django_db


def test_one_holder() -> None:
    """While a lease is held nobody else gets it; given back, it is free at once."""
    cluster = bare_cluster()
    held = leases.acquire(cluster, "first", now=NOW)
    assert held
    assert leases.acquire(cluster, "second", now=NOW + 1) is None

    leases.release(held)
    assert leases.acquire(cluster, "second", now=NOW + 1)


def test_clusters_are_apart() -> None:
    """The lease of one cluster says nothing about another's."""
    assert leases.acquire(bare_cluster("one"), "first", now=NOW)
    assert leases.acquire(bare_cluster("other"), "second", now=NOW)


def test_taken_over_after_expiry() -> None:
    """A lease that ran out may be taken, and its old holder may then neither extend nor release it."""
    cluster = bare_cluster()
    stale = leases.acquire(cluster, "asleep", now=NOW)
    assert stale
    assert leases.acquire(cluster, "too early", now=NOW + leases.SECONDS - 0.1) is None
    fresh = leases.acquire(cluster, "awake", now=NOW + leases.SECONDS)

    assert fresh
    assert fresh.fence == stale.fence + 1
    with pytest.raises(leases.Lost):
        leases.extend(stale, now=NOW + leases.SECONDS)
    leases.release(stale)
    assert leases.acquire(cluster, "third", now=NOW + leases.SECONDS) is None


def test_extended() -> None:
    """A holder that goes on working keeps the lease, also when it had run out unnoticed."""
    cluster = bare_cluster()
    held = leases.acquire(cluster, "worker", now=NOW)
    assert held
    leases.extend(held, now=NOW + 10)

    assert leases.acquire(cluster, "other", now=NOW + 10 + leases.SECONDS - 0.1) is None


def test_the_same_owner_is_another_holder() -> None:
    """A name is no proof: a worker that takes the lease anew has a new fence."""
    cluster = bare_cluster()
    before = leases.acquire(cluster, "worker", now=NOW)
    after = leases.acquire(cluster, "worker", now=NOW + leases.SECONDS)
    assert before
    assert after
    with pytest.raises(leases.Lost):
        leases.extend(before, now=NOW)


def test_a_cluster_that_is_gone() -> None:
    """Nobody gets the lease of a cluster that is not there."""
    assert leases.acquire(404, "worker", now=NOW) is None
