"""The strategy of a set with a plan, as pages ask it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.engine.daemonset.staged.status import PLAN_STATUS_ANNOTATION, Phase, Status
from controller.engine.daemonset.staged.strategy import last_status, staged_strategy
from controller.engine.objects import PLAN_ANNOTATION
from tests.builders import daemonset

OWN = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "50%", "maxSurge": 0}}


@pytest.mark.parametrize(
    ("plan", "status", "limit", "budget"),
    [
        ("{}", None, 2, 2),
        ("{}", Status(strategy=OWN), "50%", 5),
        ("{}", Status(Phase.COMPLETED, strategy=OWN), 2, 2),
        ('{"maxUnavailable": "25%"}', Status(strategy=OWN), "25%", 3),
        ("{", None, 0, 0),
    ],
    ids=["just given", "taken over", "after another that is over", "of its own", "unreadable"],
)
def test_the_budget_of_a_plan(plan: str, status: Status | None, limit: int | str, budget: int) -> None:
    """That of the plan, or of the set's own strategy, remembered or not yet taken away."""
    told = {PLAN_STATUS_ANNOTATION: status.text()} if status else {}
    ds = daemonset(max_unavailable=2, annotations={PLAN_ANNOTATION: plan, **told})
    found = staged_strategy(ds)
    assert found is not None
    assert (found.limit, found.budget(ds, 10)) == (limit, budget)


def test_without_a_plan_there_is_only_what_became_of_the_last() -> None:
    """Or not even that."""
    over = daemonset(annotations={PLAN_STATUS_ANNOTATION: Status(Phase.UNDONE).text()})
    last = last_status(over)
    assert (staged_strategy(over), last and last.phase) == (None, Phase.UNDONE)
    assert last_status(daemonset()) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (OWN, OWN),
        ({"type": "OnDelete", "rollingUpdate": {"maxUnavailable": 1}}, {"type": "OnDelete"}),
        (
            {"type": "RollingUpdate", "rollingUpdate": None},
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        ),
        ({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "many"}}, None),
        ({"type": "Recreate"}, None),
        ("OnDelete", None),
    ],
    ids=["whole", "on delete", "as by default", "no share", "not of a DaemonSet", "no object"],
)
def test_the_own_strategy_in_the_status_is_one_that_a_set_may_have(written: Any, read: Any) -> None:
    """Whoever edits the annotation cannot bring a set back to what admission would refuse."""
    status = Status.read(json.dumps({"phase": "Progressing", "strategy": written}))
    assert status is not None
    assert status.strategy == read
