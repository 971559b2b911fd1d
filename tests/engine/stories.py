"""Generated stories of a cluster: edits in any order, told to a cluster in memory."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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
            play.tick()
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


def play_of(selector: dict[str, str], strategy: dict[str, Any], delays: Settings) -> tuple[Play, str]:
    """Return a cluster with one set, and the set's uid."""
    play = Play(*NODES, settings=delays)
    uid = play.add_set(set_manifest(strategy=strategy, pod={"nodeSelector": selector}))
    return play, uid


start = st.tuples(st.sampled_from(SELECTORS), st.sampled_from(STRATEGIES), settings_of)
