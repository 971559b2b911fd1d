"""What holds of every pass over every world: found by generated stories, not by examples."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.rollout import strategy_of
from controller.engine.objects import Pod
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

NODES = ("a", "b", "c", "d")
STRATEGIES: tuple[dict[str, Any], ...] = (
    {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
    {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "50%", "maxSurge": 0}},
    {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
    {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "50%"}},
    {"type": "OnDelete"},
)
SELECTORS: tuple[dict[str, str], ...] = ({}, {"disk": "ssd"})
node = st.sampled_from(NODES)
edits = st.one_of(
    st.tuples(st.just("label"), node, st.sampled_from(["ssd", "hdd"])),
    st.tuples(st.just("taint"), node, st.sampled_from(["NoSchedule", "NoExecute"])),
    st.tuples(st.just("untaint"), node, st.none()),
    st.tuples(st.just("cordon"), node, st.booleans()),
    st.tuples(st.just("power"), node, st.booleans()),
    st.tuples(st.just("leave"), node, st.none()),
    st.tuples(st.just("join"), node, st.none()),
    st.tuples(st.just("image"), st.none(), st.sampled_from(["agent:1", "agent:2", "agent:3"])),
    st.tuples(st.just("behave"), st.none(), st.sampled_from(["ok", "never-ready", "crash-loop"])),
    st.tuples(st.just("strategy"), st.none(), st.sampled_from(STRATEGIES)),
    st.tuples(st.just("kill"), node, st.none()),
    st.tuples(st.just("fail"), node, st.sampled_from(["exit-0", "exit-1"])),
    st.tuples(st.just("wait"), st.none(), st.sampled_from([0.0, 0.5, 3.0, 20.0])),
    st.tuples(st.just("ticks"), st.none(), st.integers(1, 3)),
)
stories = st.lists(edits, max_size=14)
settings_of = st.sampled_from([Settings(0, 0, 2), Settings(0.5, 1, 2)])


def tell(play: Play, uid: str, edit: tuple[str, Any, Any]) -> None:
    """Carry out one edit of a story."""
    what, where, value = edit
    if what == "join" and where not in play.world.nodes:
        play.add_node(where)
    elif what in {"image", "behave", "strategy"}:
        change_set(play, uid, what, value)
    elif what == "wait":
        play.time += value
    elif what == "ticks":
        for _ in range(value):
            watched_tick(play, uid)
    elif where in play.world.nodes:
        touch_node(play, what, where, value)


def change_set(play: Play, uid: str, what: str, value: Any) -> None:
    """Edit the set."""
    if what == "image":
        play.set_image(uid, value)
    elif what == "behave":
        play.set_image(uid, "agent:4", {"sim.everynode.dev/behaviour": value})
    else:
        play.change_set(uid, updateStrategy=value)


def touch_node(play: Play, what: str, where: str, value: Any) -> None:
    """Edit a node, or a pod on it."""
    standing = [pod for pod in play.pods(where) if not pod.terminating]
    match what:
        case "label":
            play.label(where, disk=value)
        case "taint":
            play.taint(where, "spot", value)
        case "untaint":
            play.untaint(where, "spot")
        case "cordon":
            play.cordon(where, cordoned=value)
        case "power":
            play.annotate_node(where, down="true" if value else "")
        case "leave":
            play.remove_node(where)
        case "kill" if standing:
            play.delete_pod(standing[0])
        case "fail" if standing:
            play.annotate_pod(standing[0], behaviour=value)


def watched_tick(play: Play, uid: str) -> None:
    """Run one pass and hold what it did against the rules of creation and budget."""
    before = {pod.uid: pod for pod in play.pods()}
    play.tick()
    ds = play.world.sets[uid].ds
    surge = strategy_of(ds).surges
    for name in NODES:
        born = [pod for pod in play.pods(name) if pod.uid not in before and not pod.finished]
        beside = [p for p in play.pods(name) if p.uid in before and not p.terminating and not p.finished]
        assert len(born) <= 1
        if born and not surge:
            assert not [pod for pod in before.values() if pod.node == name and still_counts(play, pod)]
        assert len(beside) + len(born) <= 2 or not born


def still_counts(play: Play, pod: Pod) -> bool:
    """Whether a pod that stood before the pass stands after it, unless it was finished and going."""
    return pod.key in play.world.pods and not (pod.finished and pod.terminating)


def play_of(selector: dict[str, str], strategy: dict[str, Any], delays: Settings) -> tuple[Play, str]:
    """Return a cluster with one set, and the set's uid."""
    play = Play(*NODES, settings=delays)
    uid = play.add_set(set_manifest(strategy=strategy, pod={"nodeSelector": selector}))
    return play, uid


start = st.tuples(st.sampled_from(SELECTORS), st.sampled_from(STRATEGIES), settings_of)


@settings(max_examples=150, deadline=None)
@given(start, stories)
def test_no_pod_is_created_beside_a_standing_one(begin: Any, story: list[Any]) -> None:
    """Only under surge does a new pod stand beside one old one, and never more than that."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        watched_tick(play, uid)


@settings(max_examples=150, deadline=None)
@given(start, stories)
def test_the_short_cut_equals_the_full_pass(begin: Any, story: list[Any]) -> None:
    """What is kept up to date by change is what a look at everything would find."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        play.tick()

        assert play.world.check() == []


@settings(max_examples=100, deadline=None)
@given(start, stories)
def test_a_rollout_takes_no_more_ready_pods_than_its_budget_leaves(begin: Any, story: list[Any]) -> None:
    """The available pods that a rolling update deletes fit into what maxUnavailable leaves."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
        coverage = play.world.sets[uid]
        ready = {p.key for p in play.pods() if p.ready and not p.terminating}
        outcome = play.tick()
        taken = [
            change
            for change in outcome.changes
            if change.key in ready and change.reason == "replaced by the rollout: the budget allows it"
        ]
        if not strategy_of(coverage.ds).surges:
            assert len(taken) <= strategy_of(coverage.ds).budget(coverage.ds, coverage.desired)


@settings(max_examples=100, deadline=None)
@given(start, stories)
def test_a_world_without_trouble_converges_and_then_rests(begin: Any, story: list[Any]) -> None:
    """With all machines up and every behaviour ok the set ends as wanted, and then nothing moves."""
    play, uid = play_of(*begin)
    for edit in story:
        tell(play, uid, edit)
    for name in list(play.world.nodes):
        play.annotate_node(name, down="")
    play.set_image(uid, "agent:9", {})
    play.change_set(uid, updateStrategy=STRATEGIES[0])
    play.wait(4000)

    slots = play.world.sets[uid].slots
    assert {slot for slot in Slot if slots[slot]} <= {Slot.NEW_READY, Slot.IDLE}
    status = play.status(uid)
    assert status["desired"] == status["updated"] == status["available"]
    assert play.tick().changes == ()
