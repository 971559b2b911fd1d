"""Edits of staged rollouts: a plan, its end, and the way back."""

from __future__ import annotations

import json

import pytest

from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
)
from controller.engine.edits.objects import Patch, PatchType
from controller.engine.edits.rollouts import EndPlan, Promote, SetPlan, UndoRollout
from controller.engine.errors import Conflict, Invalid, NotFound
from controller.engine.objects import HASH_LABEL, PAUSED_ANNOTATION, PLAN_ANNOTATION
from tests.builders import owner
from tests.engine.edits.ledger import SET, Ledger, agent, ledger


def plan_of(made: Ledger) -> str | None:
    """Return the plan that stands, as text."""
    annotations = made.manifest(SET)["metadata"].get("annotations") or {}
    found: str | None = annotations.get(PLAN_ANNOTATION)
    return found


def test_a_plan_is_an_annotation() -> None:
    """What is as by default is left out; the audit list gets the text; taken away, nothing is left."""
    made = ledger()
    (fact,) = made.do(SetPlan(SET, {"wavesBy": "zone", "maxFailures": 1})).facts
    assert json.loads(plan_of(made) or "") == {"wavesBy": "zone"}
    assert (fact.action, fact.values) == ("rollout_plan", {"plan": '{"wavesBy": "zone"}'})
    assert not made.do(SetPlan(SET, {"wavesBy": "zone"})).facts
    made.do(EndPlan(SET))
    assert plan_of(made) is None
    assert not made.do(EndPlan(SET)).facts
    made.do(SetPlan(SET, {}, manager="mine"))
    assert made.manifest(SET)["metadata"]["annotations"][MANAGER_ANNOTATION] == "mine"


def test_all_faults_of_a_plan_come_at_once() -> None:
    """Each says which field it is about, and nothing is written."""
    made = ledger()
    with pytest.raises(Invalid) as refused:
        made.do(SetPlan(SET, {"soakSeconds": -1, "canary": "=", "wave": ""}))
    fields = [cause.field.partition("]")[2] for cause in refused.value.causes]
    assert fields == [".canary", ".soakSeconds", ""]
    assert plan_of(made) is None


def test_a_stale_plan_is_refused() -> None:
    """Who saw the set before somebody gave it another plan is told."""
    made = ledger()
    seen = made.version(SET)
    made.do(SetPlan(SET, {"partition": "10%"}))
    with pytest.raises(Conflict):
        made.do(SetPlan(SET, {"partition": "20%"}, seen))


def told(made: Ledger, status: Status) -> None:
    """Write the status of a plan into the set."""
    meta = {"annotations": {PLAN_STATUS_ANNOTATION: status.text()}}
    made.do(Patch(SET, PatchType.MERGE, {"metadata": meta}))


def test_a_wave_is_promoted_by_its_name() -> None:
    """Once; and only while the plan waits for somebody at that wave."""
    made = ledger()
    told(made, Status(Phase.AWAITING, wave="zone=a"))
    (fact,) = made.do(Promote(SET, "zone=a")).facts
    assert (fact.action, fact.values) == ("rollout_promote", {"wave": "zone=a"})
    assert made.manifest(SET)["metadata"]["annotations"][PROMOTE_ANNOTATION] == "zone=a"
    assert not made.do(Promote(SET, "zone=a")).facts


@pytest.mark.parametrize(
    "status",
    [None, Status(Phase.AWAITING, wave="zone=b"), Status(Phase.PROGRESSING, wave="zone=a")],
    ids=["no plan", "another wave", "it waits for nobody"],
)
def test_a_promotion_from_a_stale_page_is_refused(status: Status | None) -> None:
    """Whoever pressed it meant another moment."""
    made = ledger()
    if status:
        told(made, status)
    with pytest.raises(Conflict):
        made.do(Promote(SET, "zone=a"))


def test_the_way_back_is_the_template_of_before() -> None:
    """It is written back, and a pause ends: the set must be able to move."""
    made = ledger()
    template = {**agent("agent:0")["spec"]["template"], "$patch": "replace"}
    made.write(
        "ControllerRevision",
        {
            "metadata": {
                "name": "agent-old",
                "namespace": "default",
                "uid": "old",
                "labels": {HASH_LABEL: "old"},
                "ownerReferences": [{**owner("agent"), "uid": made.manifest(SET)["metadata"]["uid"]}],
            },
            "data": {"spec": {"template": template}},
            "revision": 1,
        },
    )
    status = Status(Phase.PAUSED, previous="old")
    marks = {PLAN_STATUS_ANNOTATION: status.text(), PAUSED_ANNOTATION: "true"}
    made.do(Patch(SET, PatchType.MERGE, {"metadata": {"annotations": marks}}))
    (fact,) = made.do(UndoRollout(SET)).facts
    assert fact.action == "rollout_undo"
    assert PAUSED_ANNOTATION not in made.manifest(SET)["metadata"]["annotations"]
    assert made.manifest(SET)["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:0"
    assert not made.do(UndoRollout(SET)).facts


@pytest.mark.parametrize(
    "status", [Status(Phase.COMPLETED, previous="x"), Status(Phase.PROGRESSING, previous="gone"), Status()]
)
def test_there_is_no_way_back_without_a_revision_of_before(status: Status) -> None:
    """A plan that is over, one whose old revision is gone, and one that has begun nothing."""
    made = ledger()
    told(made, status)
    with pytest.raises(NotFound):
        made.do(UndoRollout(SET))
