"""The page of one pod."""

from __future__ import annotations

import pytest

from controller import models
from tests.clusters import cluster, pods, settle, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=1)
    with_daemonset(made)
    return made


def path(tried: int) -> str:
    """Return the address of the pod's page."""
    return f"/clusters/tried/pods/default/{pods(tried)['node-1'].name}/"


def test_page(tried: int) -> None:
    """The page tells phase, node, owner, containers and events."""
    page = text_of(visitor().get(path(tried)))
    assert "Running" in page
    assert "Node node-1 Owner nginx-ds Phase Running Ready 1/1" in page
    assert "Successfully assigned" in page


def test_a_pod_that_went(tried: int) -> None:
    """Somebody who looks at a pod that goes is told so, on the page and in its live parts."""
    there = path(tried)
    visitor().post(f"{there}delete/", {"force": "1"})
    for headers in ({}, HTMX):
        page = text_of(visitor().get(there, headers=headers))
        assert "This pod is gone." in page
        assert "Force delete" not in page


@pytest.mark.parametrize("force", ["", "1"])
def test_delete(tried: int, force: str) -> None:
    """A deleted pod makes room for another, by force or not."""
    before = pods(tried)["node-1"].uid
    answer(visitor(), f"{path(tried)}delete/", force=force)
    settle(tried)
    assert pods(tried)["node-1"].uid != before


def test_trouble(tried: int) -> None:
    """Trouble acts at once; the page says the reason and which behaviour is chosen."""
    client = visitor()
    assert "From now on: crash loop." in text_of(
        answer(client, f"{path(tried)}behaviour/", behaviour="crash-loop")
    )
    settle(tried)
    page = client.get(path(tried))
    assert "CrashLoopBackOff" in text_of(page)
    assert '<option value="crash-loop" selected>' in page.content.decode()
    answer(client, f"{path(tried)}behaviour/", behaviour="")
    assert "annotations" not in models.Pod.objects.get(cluster=tried).manifest["metadata"]
