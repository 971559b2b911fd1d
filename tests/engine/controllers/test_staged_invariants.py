"""What holds of staged rollouts in every world: generated stories, with kills between any two steps."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.changes import Change
from controller.engine.controllers.staged_rollouts import StagedRollouts, annotations_of
from controller.engine.daemonset.pairs import UNAVAILABLE
from controller.engine.daemonset.staged.plan import ALL, InvalidPlan, Plan, PlanFault
from controller.engine.daemonset.staged.status import (
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
)
from controller.engine.daemonset.staged.waves import FIRST, Wave, wave_of, waves_of
from controller.engine.objects import (
    PAUSED_ANNOTATION,
    PLAN_ANNOTATION,
    Manifest,
    Pod,
    condition,
)
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest
from tests.engine.stories import NODES, edits, play_of, start, tell

share = st.sampled_from([1, 2, "25%", "50%"])
plans = st.fixed_dictionaries(
    {},
    optional={
        "canary": st.sampled_from(["disk=ssd", "!disk"]),
        "waves": st.sampled_from([["disk=hdd"], ["disk=ssd,no", "disk"]]),
        "wavesBy": st.sampled_from(["disk", "nothing"]),
        "promotion": st.sampled_from(["AfterCanary", "EveryWave"]),
        "soakSeconds": st.sampled_from([0, 3, 20]),
        "partition": st.sampled_from([0, 1, "50%"]),
        "maxUnavailable": share,
        "maxFailures": st.sampled_from([0, 1, 2]),
        "onFailure": st.sampled_from(["Pause", "Undo"]),
        "progressDeadlineSeconds": st.sampled_from([0, 5, 600]),
    },
)
promotions = st.sampled_from([None, "canary", "disk=hdd", "disk", "all"])
steps = st.one_of(
    edits,
    st.tuples(st.just("plan"), st.none(), st.one_of(plans, st.none())),
    st.tuples(st.just("pause"), st.none(), st.booleans()),
    st.tuples(st.just("promote"), st.none(), promotions),
    st.tuples(st.just("crash"), st.none(), st.none()),
)
stories = st.lists(steps, max_size=16)


def annotate(play: Play, uid: str, name: str, value: str | None) -> None:
    """Set an annotation of a set, or remove it."""
    wanted = {**annotations_of(play.sets[uid].ds.manifest), name: value}
    play.mark_set(uid, annotations={key: text for key, text in wanted.items() if text is not None})


def tell_step(play: Play, uid: str, step: tuple[str, Any, Any]) -> None:
    """Carry out one step of a story; ``crash`` is a process that dies and one that starts."""
    what, _where, value = step
    if what == "plan":
        annotate(play, uid, PLAN_ANNOTATION, None if value is None else json.dumps(value))
    elif what == "pause":
        annotate(play, uid, PAUSED_ANNOTATION, "true" if value else None)
    elif what == "promote":
        annotate(play, uid, PROMOTE_ANNOTATION, value)
    elif what == "crash":
        play.world = play.reloaded()
    else:
        tell(play, uid, step)


def status_of(play: Play, uid: str) -> Status:
    """Return what the annotation says of a plan."""
    text = annotations_of(play.sets[uid].ds.manifest).get(PLAN_STATUS_ANNOTATION)
    return Status.read(text or "") or Status()


def deletions_of(changes: tuple[Change, ...]) -> dict[str, bool]:
    """Return the nodes from which a plan took the old pod, and whether that was ready."""
    mine = [one for one in changes if one.actor == StagedRollouts.name and one.kind == Pod.KIND]
    return {one.manifest["spec"]["nodeName"]: condition(one.manifest, "Ready") == "True" for one in mine}


def budget_of(plan: Plan, own: Manifest | None, desired: int) -> int:
    """Return how many nodes may be without an available pod, counted anew."""
    rolling = (own or {}).get("rollingUpdate") or {}
    wanted = rolling.get("maxUnavailable", 1) if plan.max_unavailable is None else plan.max_unavailable
    return max(1, wanted if isinstance(wanted, int) else -(-int(wanted[:-1]) * desired // 100))


def judged_tick(play: Play, uid: str) -> dict[str, bool]:
    """Run one pass and hold what a plan deleted in it against its budget; return what it deleted."""
    ds = play.sets[uid].ds
    text = annotations_of(ds.manifest).get(PLAN_ANNOTATION)
    deleted = deletions_of(play.tick().changes)
    if not deleted:
        return {}
    assert text is not None
    plan, coverage = Plan.read(text), play.sets[uid]
    coverage.refresh(play.world.nodes, play.time)
    without = [n for slot in UNAVAILABLE for n in coverage.slots[slot] if coverage.pairs[n].should_run]
    if any(deleted.values()):
        own = status_of(play, uid).strategy or ds.manifest["spec"]["updateStrategy"]
        assert len(without) <= budget_of(plan, own, coverage.desired)
    assert not deleted.keys() & waves_of(plan, coverage.pairs, play.world.nodes).kept
    return deleted


@settings(max_examples=150, deadline=None)
@given(start, stories)
def test_a_plan_keeps_its_budget_and_its_partition(begin: Any, story: list[Any]) -> None:
    """A ready pod is taken only while fewer nodes than the budget are without one; what is kept stays."""
    play, uid = play_of(*begin)
    for step in story:
        tell_step(play, uid, step)
        judged_tick(play, uid)


calm = st.one_of(
    st.tuples(st.just("image"), st.none(), st.sampled_from(["agent:2", "agent:3"])),
    st.tuples(st.just("wait"), st.none(), st.sampled_from([0.5, 3.0, 20.0])),
    st.tuples(st.just("ticks"), st.none(), st.integers(1, 3)),
    st.tuples(st.just("kill"), st.sampled_from(NODES), st.none()),
    st.tuples(st.just("pause"), st.none(), st.booleans()),
    st.tuples(st.just("promote"), st.none(), promotions),
    st.tuples(st.just("crash"), st.none(), st.none()),
)


@settings(max_examples=80, deadline=None)
@given(plans, st.sets(st.sampled_from(NODES)), st.lists(calm, max_size=20))
def test_a_plan_keeps_the_order_of_its_waves(fields: Any, ssd: set[str], story: list[Any]) -> None:
    """While an old pod goes, no wave before that of its node has one.

    When its wave begins, the one before it has soaked, and was promoted if the plan asks for that.
    """
    play, soak = Play(settings=Settings(0.5, 1, 2)), fields.get("soakSeconds", 0)
    for name in NODES:
        play.add_node(name, {"disk": "ssd"} if name in ssd else {})
    uid = play.add_set(set_manifest())
    play.wait(30)
    annotate(play, uid, PLAN_ANNOTATION, json.dumps(fields))
    play.set_image(uid, "agent:9")
    begun: set[tuple[str, Wave]] = set()
    promoted: set[tuple[str, str]] = set()
    for step in [*story, *[("wait", None, 1.0)] * 20]:
        tell_step(play, uid, step)
        if step[0] == "promote":
            promoted.add((play.sets[uid].hash, step[2]))
        for name in judged_tick(play, uid):
            pairs, plan = play.sets[uid].pairs, Plan.of(fields)
            mine = wave_of(plan, play.node(name))
            earlier = [n for n in NODES if wave_of(plan, play.node(n)) < mine]
            assert not any(pairs[one].old for one in earlier)
            if (play.sets[uid].hash, mine) not in begun:
                last = max((wave_of(plan, play.node(one)) for one in earlier), default=None)
                soaked = [one for one in earlier if wave_of(plan, play.node(one)) == last]
                assert all(pairs[one].new_from + soak <= play.time for one in soaked)
                told = {name for of, name in promoted if of == play.sets[uid].hash}
                before = last or (FIRST if plan.canary and mine != FIRST else None)
                assert before is None or not before.waits(plan, "") or told & {ALL, before.name(plan)}
            begun.add((play.sets[uid].hash, mine))


@settings(max_examples=40, deadline=None)
@given(start, stories)
def test_a_plan_ends_and_gives_the_strategy_back(begin: Any, story: list[Any]) -> None:
    """With all machines up and every behaviour ok, what is not kept is updated and the strategy is back."""
    play, uid = play_of(*begin)
    before = play.sets[uid].ds.manifest["spec"]["updateStrategy"]
    for step in story:
        if step[0] != "strategy":
            tell_step(play, uid, step)
            play.tick()
    for name in list(play.world.nodes):
        play.annotate_node(name, down="")
    annotate(play, uid, PLAN_ANNOTATION, json.dumps({"soakSeconds": 5, "maxFailures": 0}))
    play.set_image(uid, "agent:9", {})
    play.wait(400)
    for _ in range(2):
        annotate(play, uid, PAUSED_ANNOTATION, None)
        play.wait(400)

    wanted = [name for name, pair in play.sets[uid].pairs.items() if pair.should_run]
    images = play.images()
    assert all(images[name] == ["agent:9"] for name in wanted)
    assert status_of(play, uid).phase in {Phase.COMPLETED, Phase.WAITING, Phase.UNDONE}
    annotate(play, uid, PLAN_ANNOTATION, None)
    play.wait(100)
    assert play.sets[uid].ds.manifest["spec"]["updateStrategy"] == before
    assert play.tick().changes == ()


names = st.sampled_from(["canary", "soakSeconds", "partition", "phase", "strategy", "reason", "failedNodes"])
any_json = st.recursive(
    st.none() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
)


@given(st.one_of(st.text(max_size=60), plans.map(json.dumps), any_json.map(json.dumps)))
def test_any_text_is_a_plan_or_is_refused(text: str) -> None:
    """Whatever stands in the annotations is read, or its faults are told; a plan survives its text."""
    assert Status.read(text) is None or "phase" in text
    faults: list[PlanFault] = []
    try:
        plan = Plan.read(text)
    except InvalidPlan as invalid:
        faults = invalid.faults
        plan = Plan()
    assert faults or Plan.read(plan.text()) == plan
