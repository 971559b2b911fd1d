"""The page of the ways to daemon pods."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.service.patterns import Pattern
from controller.engine.service.reach import Why
from controller.models import Role
from controller.services.nodes import nodes_add
from dashboard.present.reach import DRAWN, LACKING, MOST, PATTERNS, WHYS
from tests.clusters import cluster, pods, settle, standing, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db
PAGE = "/clusters/tried/reach/"
SET = "default/nginx-ds"


@pytest.fixture(name="tried")
def _tried() -> int:
    """A set on two nodes."""
    made = cluster(nodes=2)
    with_daemonset(made)
    return made


def act(action: str, *, role: Role = Role.OPERATOR, **form: Any) -> Any:
    """Press a button of the page."""
    return answer(visitor(role), f"{PAGE}act/", action=action, set=SET, **form)


def page(query: str = "") -> str:
    """Return what the page says."""
    return text_of(visitor().get(f"{PAGE}{query}"))


def test_a_cluster_without_a_set() -> None:
    """There is nothing to talk to, and nothing to choose; who may creates one."""
    cluster()
    assert "No DaemonSet yet. Create a DaemonSet" in page()
    assert "Sink" not in page()
    assert "Create a DaemonSet" not in text_of(visitor(Role.VIEWER).get(PAGE))


def test_what_a_way_lacks_is_created(tried: int) -> None:
    """Each way says what it lacks; one button creates all of it."""
    said = page()
    for pattern in (Pattern.PUSH, Pattern.NAME, Pattern.SERVICE):
        assert str(LACKING[pattern]) in said
    assert "the node has nothing on port 80" in said

    assert "Created what the ways were lacking." in text_of(act("create"))
    settle(tried)
    said = page()
    assert said.count("2 of 2 reached") == 3
    assert "Create Services and a sink" not in said


def test_a_pod_breaks_and_is_mended(tried: int) -> None:
    """Its row says so, and offers to mend it."""
    act("create")
    name = pods_of(tried)["node-1"]
    assert f"Pod {name} breaks." in text_of(act(f"crash/{name}"))
    settle(tried)
    said = page()
    assert "CrashLoopBackOff" in said
    assert "not among the addresses of the name" in said
    assert "1 of 2 reached" in said
    assert f"Pod {name} is left to itself." in text_of(act(f"mend/{name}"))


def test_a_label_is_lost_and_given_back(tried: int) -> None:
    """The pod is shown among those that were let go."""
    name = pods_of(tried)["node-1"]
    assert f"Pod {name} has lost its label." in text_of(act(f"label/{name}"))
    settle(tried)
    assert "Let go: these pods have lost their label" in page()
    assert f"Pod {name} has its label back." in text_of(act(f"label-back/{name}"))
    settle(tried)
    assert "Let go" not in page()


def test_a_port_is_broken_and_mended(tried: int) -> None:
    """The Service leads where nobody listens, until it is mended."""
    act("create")
    settle(tried)
    act("port/nginx-ds-local")
    settle(tried)
    said = page()
    assert "nobody listens on port 9" in said
    assert "Mend its port" in said
    act("port-back/nginx-ds-local")
    assert standing(tried, "Service", "default", "nginx-ds-local")["spec"]["ports"][0]["targetPort"] == 80


@pytest.mark.usefixtures("tried")
def test_a_sink_of_ones_own() -> None:
    """Its name stays in the form, and the answer goes back to it."""
    assert "no such name" in page("?set=default/nginx-ds&sink=nosuch:80")
    back = visitor().post(f"{PAGE}act/", {"action": "create", "set": SET, "sink": "nosuch:80"})
    assert back["Location"] == f"{PAGE}?set=default/nginx-ds&sink=nosuch:80"


@pytest.mark.usefixtures("tried")
def test_live_parts() -> None:
    """What changes is sent by itself."""
    response = visitor().get(PAGE, headers=HTMX)
    assert 'hx-target="#reach"' in response.content.decode()


@pytest.mark.usefixtures("tried")
def test_who_may_look_sees_no_buttons() -> None:
    """A viewer sees the ways, and may not break anything."""
    assert "Crash" not in text_of(visitor(Role.VIEWER).get(PAGE))
    assert act("create", role=Role.VIEWER).status_code == 403


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "nothing"}, 400),
        ({"action": "crash/nobody"}, 404),
        ({"action": "create", "set": "x/y"}, 404),
    ],
)
@pytest.mark.usefixtures("tried")
def test_what_is_not_there(form: dict[str, str], status: int) -> None:
    """A word, a pod or a set that there is not is refused."""
    assert answer(visitor(), f"{PAGE}act/", **{"set": SET, **form}).status_code == status
    assert visitor().get(f"{PAGE}?set=default/nobody").status_code == 404


def test_many_nodes(tried: int) -> None:
    """The map and the table show some; the figures count all."""
    nodes_add(cluster=tried, actor="ada", names=[f"more-{at:02}" for at in range(MOST)])
    settle(tried)
    response = visitor().get(PAGE)
    assert "2 more nodes are counted and not listed." in text_of(response)
    assert response.content.decode().count("<circle") == DRAWN + 1


def test_all_is_worded() -> None:
    """Every way and every reason has words."""
    assert set(WHYS) == set(Why)
    assert set(PATTERNS) == set(LACKING) == set(Pattern)


def pods_of(tried: int) -> dict[str, str]:
    """Return the names of the daemon pods by node."""
    return {node: pod.name for node, pod in pods(tried).items()}
