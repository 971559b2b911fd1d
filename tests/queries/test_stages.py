"""What the page of a rollout shows: waves, whose fault it is, and the alerts."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.alerts import AlertName
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.faults import Fault
from controller.engine.daemonset.staged.status import Phase
from controller.engine.errors import Invalid
from controller.queries.limits import Limits, rest_under
from controller.queries.rollouts import Motion, rollout
from controller.queries.stages import Stages, StageState, alerts_of, stages
from controller.services import clock, daemonsets, nodes, workloads
from tests.clusters import looked, row_of
from tests.stepping import SET, by, rest, step_until, stepped_cluster

pytestmark = pytest.mark.django_db


def seen(tried: int) -> Stages:
    """Return what the page would show."""
    return looked(stages, tried, **SET)


def zoned(**plan: object) -> int:
    """Return a cluster of three nodes, the first in a zone of its own, whose set has a plan."""
    tried = stepped_cluster(nodes=3)
    for name, zone in (("node-1", "a"), ("node-2", "b"), ("node-3", "b")):
        nodes.node_label_patch(**by(tried), nodes=[name], set={"zone": zone}, remove=[])
    if plan:
        daemonsets.daemonset_plan(**by(tried), **SET, fields=plan)
    rest(tried)
    return tried


def phase(tried: int) -> Phase | None:
    """Return the phase of the plan."""
    status = seen(tried).status
    return status.phase if status else None


def shown(found: Stages) -> list[tuple[str, StageState, int, int]]:
    """Return of each stage its name, state, how many are up to date, and of how many."""
    return [(one.title, one.state, one.updated, len(one.cells)) for one in found.stages]


def test_a_set_at_rest_is_one_group_without_a_plan() -> None:
    """No faults, no pace, and nothing left; labels that divide nodes are proposed for waves."""
    found = seen(zoned())
    assert shown(found) == [("", StageState.DONE, 3, 3)]
    assert (found.faults, found.pace, found.remaining, found.staged) == ({}, None, 0, False)
    assert "zone" in found.labels
    assert found.stages[0].cells[0] == ("node-1", CellState.NEW)


def test_waves_with_where_they_are() -> None:
    """The first soaks, the second waits, and a paused clock takes nothing from that."""
    tried = zoned(wavesBy="zone", soakSeconds=3600, maxUnavailable=2)
    assert shown(seen(tried))[0] == ("zone=a", StageState.DONE, 1, 1)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    step_until(tried, lambda: phase(tried) is Phase.SOAKING)
    found = seen(tried)
    assert shown(found) == [("zone=a", StageState.SOAKING, 1, 1), ("zone=b", StageState.LATER, 0, 2)]
    assert found.remaining == 2
    clock.clock_resume(**by(tried))
    assert looked(rollout, tried, **SET).motion is Motion.SOAKING


def test_a_partition_is_kept_and_an_unreadable_plan_holds() -> None:
    """What is kept is no work to be done."""
    tried = zoned(wavesBy="zone", partition=2)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    rest(tried)
    found = seen(tried)
    assert shown(found) == [("zone=a", StageState.DONE, 1, 1), ("zone=b", StageState.KEPT, 0, 2)]
    assert (found.remaining, found.stages[1].kept) == (0, 2)
    clock.clock_resume(**by(tried))
    assert looked(rollout, tried, **SET).motion is Motion.PARTITIONED


def test_what_is_missing_is_told_by_fault() -> None:
    """A crash loop is the revision's; the plan that stops knows which node it was."""
    tried = zoned(maxFailures=1)
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **SET, behaviour="crash-loop")
    rest(tried)
    found = seen(tried)
    assert found.faults == {Fault.REVISION: ("node-1",)}
    assert found.status is not None
    assert (found.status.phase, found.status.failed) == (Phase.PAUSED, ("node-1",))


def test_a_plan_that_is_over_is_remembered() -> None:
    """Ended by hand, the set's own strategy is back."""
    tried = zoned(wavesBy="zone")
    daemonsets.daemonset_plan_end(**by(tried), **SET)
    rest(tried)
    found = seen(tried)
    assert (found.staged, found.plan) == (False, None)
    assert found.status is not None
    assert found.status.phase is Phase.CANCELED
    assert found.limits == Limits(max_unavailable=1, max_surge=0, min_ready_seconds=0)


def test_alerts_follow_the_statuses_in_the_log() -> None:
    """A set at rest alerts nobody; one whose pods are not ready makes the expression true later."""
    tried = stepped_cluster(nodes=3)
    assert [one.since for one in alerts_of(tried, **SET)] == [None, None, None]
    nodes.node_taints(**by(tried), node="node-1", taints=[])
    daemonsets.daemonset_strategy(**by(tried), **SET, strategy="OnDelete")
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    rest(tried)
    clock.clock_speed(**by(tried), speed=100.0)
    clock.clock_resume(**by(tried))
    (stuck, *others) = alerts_of(tried, **SET)
    assert stuck.name is AlertName.STUCK
    assert stuck.since is None  # the updated number changed less than five minutes ago
    assert [one.since for one in others] == [None, None]


def rest_of(tried: int, limits: Limits | None = None) -> tuple[bool, float, int]:
    """Return whether the rest of a rollout ends, after how long, and how many nodes are without at most."""
    lane = rest_under(**by(tried), **SET, limits=limits)
    return (lane.done, lane.seconds, lane.course.most_unavailable)


def test_a_larger_budget_ends_sooner() -> None:
    """The rest of a rollout, played out under its own limits and under others; nothing is written."""
    tried = stepped_cluster(nodes=3)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    before = row_of(tried).number
    own, wide = rest_of(tried), rest_of(tried, Limits(3, 0, 0))
    slow = rest_of(tried, Limits(3, 0, 60))
    assert (own[0], own[2], wide[0], wide[2]) == (True, 1, True, 3)
    assert wide[1] < own[1] < slow[1]
    assert row_of(tried).number == before


def test_at_rest_a_restart_is_played_out_and_a_plan_is_kept() -> None:
    """With a plan its budget is another; its waves and its soak stay."""
    tried = zoned(wavesBy="zone", soakSeconds=100)
    assert rest_of(tried)[1] > 100  # the soak between the two waves
    assert rest_of(tried, Limits(2, 0, 0))[2] == 2


def test_limits_that_no_set_may_have_are_refused() -> None:
    """Neither bound above zero: the API server's words."""
    tried = stepped_cluster(nodes=3)
    with pytest.raises(Invalid):
        rest_of(tried, Limits(0, 0, 0))
