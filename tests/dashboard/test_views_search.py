"""Finding things of a cluster by name."""

from __future__ import annotations

import pytest

from tests.clusters import cluster, pods, with_daemonset
from tests.dashboard.visits import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db

SEARCH = "/clusters/tried/search/"


def test_search() -> None:
    """Sets, nodes and pods are found by a part of their names, and linked."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = visitor().get(f"{SEARCH}?text=nginx", headers=HTMX).content.decode()
    assert 'hx-target=".found"' in page
    assert "/clusters/tried/sets/default/nginx-ds/" in page
    assert f"/clusters/tried/pods/default/{pods(tried)['node-1'].name}/" in page
    assert "/clusters/tried/nodes/node-2/" in visitor().get(f"{SEARCH}?text=node-2").content.decode()


def test_pages_first() -> None:
    """Before anything is typed the pages are offered, and no list of everything."""
    cluster(nodes=2)
    page = text_of(visitor().get(SEARCH, headers=HTMX))
    assert "Reconcile log page" in " ".join(page.split())
    assert "node-1" not in page


def test_nothing_found() -> None:
    """A name that nothing bears is said so."""
    cluster()
    assert "Nothing bears that name." in text_of(visitor().get(f"{SEARCH}?text=nobody"))
