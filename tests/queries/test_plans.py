"""How a rollout by a plan would go, before there is one."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.staged.status import Phase
from controller.engine.edits.decide import Request
from controller.engine.edits.rollouts import SetPlan
from controller.engine.edits.workloads import SetBehaviour, SetImage
from controller.engine.objects import PLAN_ANNOTATION, Key
from controller.queries.plans import PlanCourse
from controller.queries.whatif import preview
from controller.services import daemonsets, nodes, workloads
from tests.clusters import PERSON, cluster, settle, standing, with_daemonset
from tests.stepping import SET as PLACE
from tests.stepping import by

pytestmark = pytest.mark.django_db

SET: Key = ("DaemonSet", "default", "nginx-ds")


def zoned() -> int:
    """Return four nodes in two zones whose pods take two seconds to start."""
    tried = cluster(nodes=4, delay=2.0)
    for number in range(1, 5):
        zone = "xy"[number % 2]
        nodes.node_label_patch(**by(tried), nodes=[f"node-{number}"], set={"zone": zone}, remove=[])
    with_daemonset(tried)
    settle(tried)
    return tried


def course(tried: int, request: Request) -> PlanCourse:
    """Return how the plan of the set would go."""
    found = preview(cluster=tried, request=request, actor=PERSON).plan
    assert found is not None
    return found


def times(found: PlanCourse) -> list[tuple[Any, ...]]:
    """Return the waves in short."""
    return [(one.name, one.nodes, one.begins, one.ends) for one in found.waves]


def test_a_plan_at_rest_is_tried_out_on_a_restart() -> None:
    """Wave after wave with its soak, as if each were promoted; nothing is written."""
    tried = zoned()
    fields = {"canary": "zone=y", "wavesBy": "zone", "promotion": "EveryWave", "soakSeconds": 10}
    fields |= {"maxUnavailable": 2}
    found = course(tried, SetPlan(SET, fields))

    assert (found.promoted, found.restarted, found.phase) == (True, True, Phase.COMPLETED)
    (canary, zone) = times(found)
    assert canary[:3] == ("canary", ("node-1", "node-3"), 0.0)
    assert zone[:2] == ("zone=x", ("node-2", "node-4"))
    assert canary[3] + 9 < zone[2] <= canary[3] + 10
    assert PLAN_ANNOTATION not in standing(tried, *SET)["metadata"]["annotations"]


def test_an_edit_under_a_plan_goes_as_far_as_it_does() -> None:
    """To the wave at which somebody is asked; the others do not begin."""
    tried = zoned()
    daemonsets.daemonset_plan(**by(tried), **PLACE, fields={"wavesBy": "zone", "promotion": "EveryWave"})
    settle(tried)
    found = course(tried, SetImage(SET, "nginx", "nginx:2"))
    assert (found.promoted, found.phase, found.wave) == (False, Phase.AWAITING, "zone=x")
    first, second = found.waves
    assert (first.begins, second.begins, second.is_behind) == (0.0, None, False)


def test_what_is_up_to_date_is_behind() -> None:
    """A plan that is given in the middle of a rollout is tried out on what is left of that."""
    tried = zoned()
    daemonsets.daemonset_plan(**by(tried), **PLACE, fields={"wavesBy": "zone", "promotion": "EveryWave"})
    workloads.workload_image(**by(tried), kind="DaemonSet", **PLACE, container="nginx", image="nginx:2")
    settle(tried)
    found = course(tried, SetPlan(SET, {"wavesBy": "zone", "partition": 1}))
    assert (found.restarted, found.phase) == (False, Phase.PARTITIONED)
    first, second = found.waves
    assert (first.nodes, first.begins, first.is_behind) == (("node-2", "node-4"), None, True)
    assert (second.nodes, second.kept) == (("node-1",), 1)
    assert second.begins is not None


def test_a_wave_that_does_not_come_right_ends_it() -> None:
    """It begins, is never through, and the next does not begin."""
    tried = zoned()
    daemonsets.daemonset_plan(**by(tried), **PLACE, fields={"wavesBy": "zone"})
    settle(tried)
    found = course(tried, SetBehaviour(SET, "crash-loop"))
    first, second = found.waves
    assert (found.phase, first.begins, first.ends, second.begins) == (Phase.PAUSED, 0.0, None, None)
