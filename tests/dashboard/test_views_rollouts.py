"""The page of a rollout: what it says, its buttons and its form."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from bs4 import BeautifulSoup

from controller.engine.objects import PLAN_ANNOTATION
from controller.models import Role
from controller.queries import whatif
from controller.services import clock, daemonsets, workloads
from tests.clusters import cluster, settle, standing, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor
from tests.stepping import SET as PLACE
from tests.stepping import by, rest, stepped_cluster

pytestmark = pytest.mark.django_db

PAGE = "/clusters/tried/sets/default/nginx-ds/rollout/"
PLAN = {
    "canary": "",
    "waves": "",
    "promotion": "Automatic",
    "waves_by": "zone",
    "soak": "0",
    "partition": "0",
    "max_unavailable": "",
    "max_failures": "1",
    "on_failure": "Pause",
    "deadline": "600",
}


@pytest.fixture(name="tried")
def _tried() -> int:
    made = cluster(nodes=3)
    with_daemonset(made)
    return made


def marks(tried: int) -> dict[str, str]:
    """Return the annotations of the set."""
    found: dict[str, str] = standing(tried, "DaemonSet", "default", "nginx-ds")["metadata"]["annotations"]
    return found


def do(action: str, **form: Any) -> Any:
    """Press a button of the page, or send its form."""
    return answer(visitor(), f"{PAGE}do/", source="form#plan", action=action, **form)


def test_the_page_of_a_set_at_rest(tried: int) -> None:
    """Progress, nodes, faults, pace, plan and alerts, each said in words."""
    assert tried
    said = text_of(visitor().get(PAGE))
    assert "Rollout of nginx-ds" in said
    assert "All nodes done 3 of 3 updated and available" in said
    assert "Every node that should run it has an available pod." in said
    assert "Nothing is left to do." in said
    assert said.count("inactive") == 3
    assert "Roll out by this plan" in said
    sliders = BeautifulSoup(visitor().get(PAGE).content, "html.parser").select("#limits input[type=range]")
    assert [(one["name"], one["value"]) for one in sliders] == [
        ("max_unavailable", "1"),
        ("max_surge", "0"),
        ("min_ready_seconds", "0"),
    ]


@pytest.mark.usefixtures("tried")
def test_a_slider_says_where_it_stands() -> None:
    """Beside each slider is its value."""
    page = BeautifulSoup(visitor().get(PAGE).content, "html.parser")
    assert [one.text for one in page.select("#limits output:has(+ input[type=range])")] == ["1", "0", "0"]


def test_a_viewer_sees_no_form(tried: int) -> None:
    """Who may not change the cluster is offered nothing, and refused."""
    assert tried
    said = text_of(visitor(Role.VIEWER).get(PAGE))
    assert "Roll out by this plan" not in said
    refused = answer(visitor(Role.VIEWER), f"{PAGE}do/", action="pause")
    assert refused.status_code == HTTPStatus.FORBIDDEN


def test_a_plan_is_given_changed_and_ended(tried: int) -> None:
    """The form writes the annotation; while it stands the page has its buttons; ended, it is gone."""
    assert "The plan stands." in text_of(do("plan", **PLAN))
    assert json.loads(marks(tried)[PLAN_ANNOTATION]) == {"wavesBy": "zone"}
    settle(tried)
    said = text_of(visitor().get(PAGE))
    assert "End the plan" in said
    assert "All other nodes done 3 of 3 updated and available" in said
    do("plan", **{**PLAN, "soak": "5", "initial-soak": "0", "initial-waves_by": "zone"})
    assert json.loads(marks(tried)[PLAN_ANNOTATION])["soakSeconds"] == 5
    do("end")
    settle(tried)
    assert PLAN_ANNOTATION not in marks(tried)
    assert "The last plan was ended by hand." in text_of(visitor().get(PAGE))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("canary", "a=b=c", "Write a label selector of nodes"),
        ("waves", "zone=a; zone=a", "Write label selectors with semicolons"),
        ("waves", "zone in (", "Write label selectors with semicolons"),
        ("waves", "rest", "Write label selectors with semicolons"),
        ("waves_by", "no key", "Write the key of a label"),
        ("partition", "101%", "Write a number of nodes, or a percentage"),
        ("max_unavailable", "0", "Write a number above 0"),
        ("soak", "-1", "greater than or equal to 0"),
    ],
)
def test_what_a_plan_cannot_be_is_said_at_its_field(tried: int, field: str, typed: str, said: str) -> None:
    """Nothing is written, and what was typed stays."""
    response = do("plan", **{**PLAN, field: typed})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in text_of(response)
    assert typed in response.content.decode()
    assert PLAN_ANNOTATION not in marks(tried)


def test_without_scripts_the_form_comes_back_as_a_page(tried: int) -> None:
    """With its faults, and with what was typed."""
    assert tried
    response = visitor().post(f"{PAGE}do/", {"action": "plan", **PLAN, "partition": "x"})
    assert "Write a number of nodes, or a percentage" in text_of(response)
    assert "How far it is" in text_of(response)


def test_trouble_pauses_and_is_undone() -> None:
    """The page says which node, offers to undo, and then says what became of it."""
    tried = stepped_cluster(nodes=3)
    daemonsets.daemonset_plan(**by(tried), **PLACE, fields={})
    rest(tried)
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **PLACE, behaviour="crash-loop")
    rest(tried)
    clock.clock_resume(**by(tried))
    said = text_of(visitor().get(PAGE))
    assert "Its plan paused it, for these nodes are in trouble: node-1." in said
    assert "1 the revision's fault node-1" in said
    assert "On the way back" in text_of(do("undo"))
    clock.clock_pause(**by(tried))
    rest(tried)
    said = text_of(visitor().get(PAGE))
    assert "The last plan was undone" in said
    assert "All nodes done 3 of 3 updated and available" in said


def test_waves_that_were_not_played_out(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there was no time for all of a plan its later waves are not said to never begin."""
    assert tried
    monkeypatch.setattr(whatif, "PLAN_PATIENCE", 0.0)
    said = text_of(do("plan", preview="", **PLAN))
    assert "was not played out" in said
    assert "does not begin" not in said
    assert "is to promote" not in said


def test_a_plan_is_seen_before_it_stands() -> None:
    """Its waves with nodes and times, on a restart if nothing is to be rolled out; nothing is written."""
    tried = cluster(nodes=3, delay=2.0)
    with_daemonset(tried)
    settle(tried)
    sent = {**PLAN, "waves": "kubernetes.io/hostname=node-2", "promotion": "EveryWave", "partition": "1"}
    shown = do("plan", preview="", **sent)
    said = text_of(shown)
    assert "kubernetes.io/hostname=node-2 begins after 0 s, all ready after" in said
    assert "1 node keeps its old pod" in said
    assert "Nothing is to be rolled out now: this is how a restart would go by this plan." in said
    assert "Waves that somebody is to promote are promoted at once here." in said
    assert "2 pods are replaced" in said
    assert PLAN_ANNOTATION not in marks(tried)
    assert "Write a number of nodes" in text_of(do("plan", preview="", **{**PLAN, "partition": "x"}))


def test_a_wave_is_promoted() -> None:
    """Each waits with a button of its own; one that is pressed late is refused, for it meant another wave."""
    tried = stepped_cluster(nodes=3)
    waves = "kubernetes.io/hostname=node-2; kubernetes.io/hostname in (node-1, node-3)"
    do("plan", **{**PLAN, "waves": waves, "promotion": "EveryWave"})
    plan = json.loads(marks(tried)[PLAN_ANNOTATION])
    first = "kubernetes.io/hostname=node-2"
    assert plan["waves"] == [first, "kubernetes.io/hostname in (node-1, node-3)"]
    rest(tried)
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **PLACE, behaviour="ok")
    rest(tried)
    clock.clock_resume(**by(tried))
    page = visitor().get(PAGE)
    said = text_of(page)
    assert f"{first} waits for its promotion 1 of 1 updated and available" in said
    assert f"All pods of the wave {first} are available; the next begins when somebody promotes it." in said
    assert f"Promote {first}" in said
    assert do("promote", wave="rest").status_code == HTTPStatus.CONFLICT
    assert "The next wave begins." in text_of(do("promote", wave=first))
    clock.clock_pause(**by(tried))
    rest(tried)
    said = text_of(visitor().get(PAGE))
    assert "The last plan brought its revision everywhere." in said


def test_buttons(tried: int) -> None:
    """Pause and resume are those of any rollout; others there are none."""
    do("pause")
    assert marks(tried)["everynode.dev/paused"] == "true"
    do("resume")
    assert "everynode.dev/paused" not in marks(tried)
    assert do("else").status_code == HTTPStatus.BAD_REQUEST
    assert do("undo").status_code == HTTPStatus.NOT_FOUND


def test_other_limits_are_played_out(tried: int) -> None:
    """Beside what will be as it stands, as a fragment for the page or as a page; faults are said."""
    assert tried
    asked = f"{PAGE}limits/?max_unavailable=3&max_surge=0&min_ready_seconds=0"
    for headers in ({}, HTMX):
        said = text_of(visitor().get(asked, headers=headers))
        assert "maxUnavailable 3, maxSurge 0, minReadySeconds 0 Done in" in said
        assert "At most 0 nodes without an available pod." in said  # pods that need no time leave no gap
        assert "As it stands Done in" in said
    assert "Ensure this value" in text_of(visitor().get(f"{PAGE}limits/?max_unavailable=-1"))
    refused = text_of(visitor().get(asked.replace("=3", "=0")))
    assert "cannot be 0 when" in refused
