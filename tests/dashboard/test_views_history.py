"""Passes, events and the audit list."""

from __future__ import annotations

import pytest

from controller.services.clusters import cluster_delete
from tests.clusters import PERSON, cluster, with_daemonset
from tests.dashboard.visits import text_of, visitor

pytestmark = pytest.mark.django_db


def test_passes() -> None:
    """Each pass tells what the controllers saw and decided, the newest first."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = text_of(visitor().get("/clusters/tried/passes/"))
    assert "2 pods created, 0 deleted" in page
    assert "daemonset-controller" in page


def test_no_pass_yet() -> None:
    """A cluster in which nothing was decided says so."""
    cluster()
    assert "No pass has decided anything yet." in text_of(visitor().get("/clusters/tried/passes/"))


def test_a_long_pass() -> None:
    """A pass of many lines shows the first and keeps the rest behind a drawer."""
    tried = cluster(nodes=20)
    with_daemonset(tried)
    assert "more lines" in text_of(visitor().get("/clusters/tried/passes/"))


def test_events() -> None:
    """Events link what they are about; warnings can be had alone."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    page = visitor().get("/clusters/tried/events/")
    assert "SuccessfulCreate" in text_of(page)
    assert "/clusters/tried/sets/default/nginx-ds/" in page.content.decode()
    assert "No events." in text_of(visitor().get("/clusters/tried/events/?type=Warning"))


def test_audit() -> None:
    """The audit list tells who did what, by cluster and person, and outlives the cluster."""
    tried = cluster()
    cluster("other")
    page = visitor().get("/audit/?cluster=tried")
    assert "Created cluster tried" in text_of(page)
    assert "Created cluster other" not in text_of(page)
    assert "/clusters/tried/" in page.content.decode()
    cluster_delete(cluster=tried, actor=PERSON)
    page = visitor().get("/audit/")
    assert "Deleted cluster tried" in text_of(page)
    assert "/clusters/tried/" not in page.content.decode()
    assert "Nothing was changed yet." in text_of(visitor().get("/audit/?actor=nobody"))


def test_decisions_among_much_that_kubelets_say() -> None:
    """Decisions come first and lead to their objects; what many kubelets say alike is told once."""
    tried = cluster(nodes=20)
    with_daemonset(tried)
    page = visitor().get("/clusters/tried/passes/").content.decode()
    said = text_of(visitor().get("/clusters/tried/passes/"))
    assert "kubelet 20 pods changed: its containers are ready" in said
    assert 'href="/clusters/tried/pods/default/nginx-ds-' in page
    said = text_of(visitor().get("/clusters/tried/passes/?without=1"))
    assert "changed: its containers are ready" not in said
    said = text_of(visitor().get("/clusters/tried/passes/?text=daemonset"))
    assert "DaemonSet default/nginx-ds" in said
    assert "its containers are ready" not in said
    said = text_of(visitor().get("/clusters/tried/passes/?text=nothing-of-that-name"))
    assert "None of the newest 500 passes has such a line." in said
