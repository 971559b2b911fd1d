"""The page of one daemon in five ways."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from controller.engine.alternatives.happenings import Outcome
from controller.engine.alternatives.pieces import Way
from controller.models import Role
from controller.services import alternatives as services
from controller.services.alternatives import alternatives_create
from controller.services.nodes import nodes_remove
from dashboard.present.alternatives import BUTTONS, OUTCOMES, WAYS
from dashboard.views.alternatives import WHOLE
from tests.clusters import PERSON, audited, cluster, row_of, settle
from tests.dashboard.visits import HTMX, answer, text_of, visitor
from tests.stepping import by

pytestmark = pytest.mark.django_db
PAGE = "/clusters/tried/alternatives/"


@pytest.fixture(name="tried")
def _tried() -> int:
    """The daemon on two nodes."""
    made = cluster(nodes=2)
    settle(made)
    alternatives_create(cluster=made, actor=PERSON)
    settle(made)
    return made


def act(action: str, *, role: Role = Role.OPERATOR) -> Any:
    """Press a button of the page."""
    return answer(visitor(role), f"{PAGE}act/", action=action)


def page() -> str:
    """Return what the page says."""
    return text_of(visitor().get(PAGE))


def test_it_is_set_up_and_cleared() -> None:
    """Two buttons; the page tells what the ways are, and what was done."""
    made = cluster(nodes=1)
    settle(made)
    assert "Set up runs the daemon on up to three ready nodes" in page()
    assert "The daemon is set up in five ways." in text_of(act("create"))
    settle(made)
    said = page()
    for title, about in WAYS.values():
        assert f"{title} 1 works {about}" in said
    assert "Ran one daemon in five ways on node node-1" in said
    assert "the node should run the set and has no pod" in said
    assert "The daemon is removed." in text_of(act("clear"))
    assert "Removed the daemon that was run in five ways" in audited()
    assert "Set up runs" in page()


def test_no_node_is_ready() -> None:
    """It is refused in words, and nothing is begun."""
    settle(cluster(nodes=0))
    response = act("create")
    assert response.status_code == HTTPStatus.CONFLICT
    assert "No node is ready, schedulable and without taints" in text_of(response)
    assert "Set up runs" in page()


def test_a_machine_goes_down_and_up(tried: int) -> None:
    """Its row says so and offers the way back; the script comes back by the machine's own init."""
    assert "node-1 is powered down." in text_of(act("power-off/node-1"))
    settle(tried)
    said = page()
    assert "node-1 powered down" in said
    assert "does not work" in said
    assert 'value="power-on/node-1"' in visitor().get(PAGE).content.decode()
    act("power-on/node-1")
    settle(tried)
    said = page()
    assert "as-script node-1 the same, works again 0 s init of node-1" in said
    assert "Powered up node node-1" in said


def test_a_drain(tried: int) -> None:
    """One press is one moment: all that it did is told together, and the node is shown as cordoned."""
    act("drain/node-1")
    settle(tried)
    said = page()
    assert "Cordoned node node-1; Evicted Pod alternatives/as-deployment-" in said
    assert "node-1 cordoned" in said
    assert f"{WAYS[Way.POD][1]} as-pod-node-1 node-1 gone 0 s" in said


def test_a_pod_without_a_node(tried: int) -> None:
    """It is shown with what the scheduler says of it."""
    for node in ("node-1", "node-2"):
        act(f"drain/{node}")
        settle(tried)
    said = page()
    assert "on no node" in said
    assert "new, has no node" in said
    assert "node(s) were unschedulable" in said


def test_a_node_that_is_gone(tried: int) -> None:
    """Its pods stand until they are collected; its row says that it was removed, and offers nothing."""
    nodes_remove(**by(tried), names=["node-1"])
    assert "node-1 removed" in page()


def test_the_controllers_are_stopped(tried: int) -> None:
    """That is the clock of the cluster; a press meanwhile is kept, and nothing follows from it."""
    assert "The controllers stand still." in text_of(act("stop"))
    assert row_of(tried).paused
    act("delete-pods/node-1")
    said = page()
    assert "in this simulation the kubelets with them" in said
    assert "Let the controllers go on" in said
    assert "is stopping" in said
    act("go")
    assert not row_of(tried).paused


@pytest.mark.usefixtures("tried")
def test_live_parts() -> None:
    """What changes is sent by itself."""
    assert 'hx-target="#alternatives"' in visitor().get(PAGE, headers=HTMX).content.decode()


@pytest.mark.usefixtures("tried")
def test_without_scripts() -> None:
    """A form that is sent by itself leads back to the page."""
    back = visitor().post(f"{PAGE}act/", {"action": "label-off/node-1"})
    assert (back.status_code, back["Location"]) == (302, PAGE)
    assert "node-1 no label" in page()


@pytest.mark.usefixtures("tried")
def test_who_may_look_sees_no_buttons() -> None:
    """A viewer sees the ways, and may not break anything."""
    assert "Power down" not in text_of(visitor(Role.VIEWER).get(PAGE))
    assert act("drain/node-1", role=Role.VIEWER).status_code == 403


@pytest.mark.parametrize(("action", "status"), [("nothing", 400), ("drain/nobody", 404), ("create", 409)])
@pytest.mark.usefixtures("tried")
def test_what_is_not_there(action: str, status: int) -> None:
    """A word or a node that there is not is refused, and so is a second daemon."""
    assert act(action).status_code == status


def test_all_is_worded() -> None:
    """Every way, outcome and button has words."""
    assert set(WAYS) == set(Way)
    assert set(OUTCOMES) == set(Outcome)
    assert set(BUTTONS) == set(WHOLE) | set(services.BUTTONS)
