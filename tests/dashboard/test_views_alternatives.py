"""The page of the same daemon in five ways."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from controller import models
from controller.models import Role
from tests.clusters import cluster, node, settle, standing
from tests.dashboard.visits import answer, text_of, visitor

pytestmark = pytest.mark.django_db

PAGE = "/clusters/tried/alternatives/"


def do(tried: int, action: str, **form: Any) -> str:
    """Press a button, let the controllers follow, and return what was answered."""
    said = text_of(answer(visitor(), f"{PAGE}act/", source="form#one", action=action, **form))
    settle(tried)
    return said


def page() -> str:
    """Return what the page says."""
    return text_of(visitor().get(PAGE))


def test_all_ways_and_what_comes_back() -> None:
    """A pod of a controller, and a static pod, come back; a bare pod does not. Each says who did it."""
    tried = cluster(nodes=2)
    assert "No machine has one." in page()
    assert "runs in five ways" in do(tried, "create", node="node-1")
    for words in (
        "agent-daemonset-",
        "agent-deployment-",
        "agent-bare",
        "agent-static-node-1",
        "process runs",
    ):
        assert words in page()
    do(tried, "pod/agent-bare")
    assert "operator: somebody deleted it - - Nothing came back (yet)." in page()
    one = models.Pod.objects.filter(cluster=tried, name__startswith="agent-deployment")[0].name
    do(tried, f"pod/{one}")
    assert page().count("Nothing came back (yet).") == 1
    assert "fewer pods stand than are wanted" in page()
    do(tried, "pod/agent-static-node-1")
    assert page().count("agent-static-node-1 on node-1") == 2
    assert standing(tried, "Pod", "default", "agent-static-node-1")


def test_machines() -> None:
    """A machine that is off takes its init script along; nodes come, go and are cordoned."""
    tried = cluster(nodes=2)
    do(tried, "create", node="node-1")
    do(tried, "down", node="node-1")
    assert "it stopped with the machine" in page()
    do(tried, "up", node="node-1")
    do(tried, "cordon", node="node-2")
    assert node(tried, "node-2")["spec"]["unschedulable"]
    do(tried, "uncordon", node="node-2")
    assert "Drained node-1." in do(tried, "drain", node="node-1")
    left = models.Pod.objects.filter(cluster=tried, node="node-1").values_list("name", flat=True)
    assert not any(name.startswith(("agent-deployment", "agent-bare")) for name in left)
    assert {"agent-static-node-1"} < set(left)
    assert "agent:2" in do(tried, "image", image="agent:2")
    spec = standing(tried, "Deployment", "default", "agent-deployment")["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == "agent:2"
    assert "Added extra-" in do(tried, "add")
    assert "Removed node-2." in do(tried, "remove", node="node-2")
    do(tried, "delete")
    assert "No machine has one." in page()
    assert "There is no such action." in do(tried, "dance")


def test_an_unknown_node_makes_nothing() -> None:
    """If the node is not there, nothing is made at all."""
    tried = cluster(nodes=1)
    assert "not found" in do(tried, "create", node="gone")
    assert "agent-daemonset" not in page()


def test_viewers_look_only() -> None:
    """A viewer may press no button."""
    cluster(nodes=1)
    viewer = visitor(Role.VIEWER)
    assert viewer.get(PAGE).status_code == HTTPStatus.OK
    assert viewer.post(f"{PAGE}act/", {"action": "add"}).status_code == HTTPStatus.FORBIDDEN
