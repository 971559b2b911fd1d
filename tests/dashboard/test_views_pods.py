"""The page of one pod."""

from __future__ import annotations

import pytest

from controller import models
from controller.models import Role
from controller.services import nodes
from tests.clusters import PERSON, cluster, pods, settle, with_daemonset
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


def test_the_list_of_pods() -> None:
    """All pods are listed; of a namespace, those that are not ready, and orphans, sorted as one likes."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = text_of(visitor(Role.VIEWER).get("/clusters/tried/pods/"))
    assert "Pods 2 pods" in page
    assert "No such pod." in text_of(visitor().get("/clusters/tried/pods/?state=unready"))
    assert "No such pod." in text_of(visitor().get("/clusters/tried/pods/?namespace=elsewhere"))
    page = text_of(visitor().get("/clusters/tried/pods/?sort=-node"))
    assert page.index("default node-2 nginx-ds") < page.index("default node-1 nginx-ds")


def test_orphans_are_told() -> None:
    """Who deletes a set and leaves its pods is told what becomes of them, and finds them in the list."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    act = "/clusters/tried/sets/default/nginx-ds/do/"
    visitor().post(act, {"action": "delete", "propagation": "Orphan"})
    settle(tried)
    page = text_of(visitor().get("/clusters/tried/pods/?state=orphans"))
    assert "2 pods" in page
    assert "A set whose selector matches their labels adopts them." in page


def test_why_a_pod_has_no_place() -> None:
    """The list, the node and the pod itself say what the scheduler said, and what the node has not."""
    tried = cluster(nodes=0)
    nodes.nodes_add(cluster=tried, actor=PERSON, names=["small"], capacity={"cpu": "1", "pods": "0"})
    with_daemonset(tried)
    settle(tried)
    assert "Too many pods" in text_of(visitor().get("/clusters/tried/pods/?state=unplaced"))
    page = text_of(visitor().get("/clusters/tried/nodes/small/"))
    assert "The scheduler finds no room for its new pod (lacks pods)." in page
    (name,) = {row.name for row in pods(tried).values()}
    page = text_of(visitor().get(f"/clusters/tried/pods/default/{name}/"))
    assert "small has room for no more pods: 0 at most, and as many are there." in page
    assert "blocked" in page
