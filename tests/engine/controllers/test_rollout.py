"""How a new template goes over the nodes, and what its budget holds back."""

from __future__ import annotations

from controller.engine.daemonset.rollout import strategy_of
from tests.engine.play import Play, set_manifest

EVERYWHERE = {"desired": 3, "current": 3, "ready": 3, "available": 3, "updated": 3, "misscheduled": 0}


def test_rolling_update_never_exceeds_its_budget() -> None:
    """With maxUnavailable 1 one node at a time is without a ready pod, in node-name order."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest())
    play.settle()
    play.set_image(uid, "agent:2")
    order = []
    for _ in range(40):
        play.tick()
        unready = [n for n in "abc" if not any(pod.ready and not pod.terminating for pod in play.pods(n))]
        assert len(unready) <= 1
        order += [node for node in unready if node not in order]

    assert order == ["a", "b", "c"]
    assert play.images() == {"a": ["agent:2"], "b": ["agent:2"], "c": ["agent:2"]}
    assert play.status(uid) == EVERYWHERE


def test_surge_keeps_a_ready_pod_on_every_node() -> None:
    """An old pod goes only when its successor is available."""
    play = Play("a", "b", "c", "d")
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 2}}
    uid = play.add_set(set_manifest(strategy=surge))
    play.settle()
    play.set_image(uid, "agent:2")
    most = 0
    for _ in range(40):
        play.tick()
        assert all(any(pod.ready for pod in play.pods(node)) for node in "abcd")
        most = max(most, *(len([p for p in play.pods(node) if not p.terminating]) for node in "abcd"))

    assert most == 2
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_a_surge_that_never_gets_ready_stops_at_its_budget() -> None:
    """As many new pods as maxSurge wait beside their old ones; the undo takes them away again."""
    play = Play("a", "b", "c", "d")
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 2}}
    uid = play.add_set(set_manifest(strategy=surge))
    play.settle()
    first = play.sets[uid].ds.template
    play.set_image(uid, "agent:2", {"sim.everynode.dev/behaviour": "never-ready"})
    play.wait(60)
    assert len(play.pods()) == 6

    play.change_set(uid, template=first)
    play.wait(60)
    assert play.images() == {node: ["agent:1"] for node in "abcd"}


def test_on_delete_replaces_only_what_somebody_deletes() -> None:
    """OnDelete deletes nothing; a deleted pod is born from the current template."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(strategy={"type": "OnDelete"}))
    assert strategy_of(play.sets[uid].ds).budget(play.sets[uid].ds, 3) == 0
    play.settle()
    play.set_image(uid, "agent:2")
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"]}

    play.delete_pod(play.pod("b"))
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:2"]}


def test_a_paused_set_creates_what_is_missing_and_replaces_nothing() -> None:
    """Our pause: missing pods come from the current template, standing ones stay."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    annotations = play.sets[uid].ds.manifest["metadata"]["annotations"]
    play.mark_set(uid, annotations={**annotations, "everynode.dev/paused": "true"})
    play.set_image(uid, "agent:2")
    play.add_node("c")
    play.settle()
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"], "c": ["agent:2"]}

    resumed = {
        k: v for k, v in play.sets[uid].ds.manifest["metadata"]["annotations"].items() if "paused" not in k
    }
    play.mark_set(uid, annotations=resumed)
    play.settle()
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_min_ready_seconds_slow_a_rollout() -> None:
    """A new pod uses up the budget until it was ready for minReadySeconds."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(minReadySeconds=10))
    play.wait(11)
    play.set_image(uid, "agent:2")
    play.wait(9)
    assert sorted(map(tuple, play.images().values())) == [("agent:1",), ("agent:2",)]

    play.wait(12)
    assert set(map(tuple, play.images().values())) == {("agent:2",)}


def test_a_lost_node_keeps_its_pod_and_holds_the_budget() -> None:
    """The machine stops answering, leaves the desired number, and its old pod blocks the rollout."""
    play = Play("a", "b", "c")
    uid = play.add_set(set_manifest())
    play.settle()
    play.annotate_node("b", down="true")
    play.wait(7)
    assert play.node("b").ready == "Unknown"
    assert {str(taint) for taint in play.node("b").taints} == {
        "node.kubernetes.io/unreachable:NoSchedule",
        "node.kubernetes.io/unreachable:NoExecute",
    }
    assert not play.pod("b").ready

    play.set_image(uid, "agent:2")
    play.wait(30)
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"], "c": ["agent:1"]}
    assert play.pod("b").terminating
    assert play.status(uid) == {
        **EVERYWHERE,
        "desired": 2,
        "current": 2,
        "ready": 2,
        "available": 2,
        "updated": 0,
        "misscheduled": 1,
    }

    play.annotate_node("b", down="")
    play.wait(5)
    assert set(map(tuple, play.images().values())) == {("agent:2",)}
    assert play.status(uid) == EVERYWHERE
