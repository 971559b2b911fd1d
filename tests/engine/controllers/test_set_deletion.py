"""A set is deleted, in each of the three ways, or its nodes are gone."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from tests.engine.bare import add_pod
from tests.engine.play import Play, set_manifest


def test_pods_of_a_node_that_is_gone_are_collected() -> None:
    """Bound pods by the pod garbage collector, unbound daemon pods by their controller."""
    play = Play("a", "b")
    play.add_node("small", capacity={"cpu": "1"}, allocatable={"cpu": "1"})
    cpu = {"containers": [{"name": "m", "image": "a:1", "resources": {"requests": {"cpu": "2"}}}]}
    uid = play.add_set(set_manifest(pod=cpu))
    play.settle()
    play.remove_node("a")
    play.remove_node("small")
    play.settle()
    assert [pod.node for pod in play.pods()] == ["b"]
    assert play.status(uid)["desired"] == 1


def test_a_dependant_of_an_owner_that_never_was_is_collected() -> None:
    """Owners of kinds that are not played cannot be missed; a DaemonSet can."""
    play = Play("a")
    for name, kind in (("orphaned", "DaemonSet"), ("kept", "Crontab")):
        owner = {
            "apiVersion": "apps/v1",
            "kind": kind,
            "name": "x",
            "uid": f"gone-{kind}",
            "controller": True,
        }
        add_pod(play, name, meta={"ownerReferences": [owner]})
    play.settle()
    assert [pod.name for pod in play.pods()] == ["kept"]


def test_foreground_deletion_waits_for_pods_that_take_their_time() -> None:
    """The set stays, with its finalizer, until the last dependant is gone."""
    play = Play("a")
    uid = play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/stop-delay": "5"}}))
    play.settle()
    play.mark_set(uid, deletionTimestamp=play.now.stamp, finalizers=["foregroundDeletion"])
    play.wait(4)
    assert uid in play.sets
    assert play.pod("a").terminating
    play.wait(2)
    assert uid not in play.sets


def test_a_finalizer_of_somebody_else_holds_the_set() -> None:
    """Only when the last finalizer is taken away does the set go."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    play.mark_set(uid, deletionTimestamp=play.now.stamp, finalizers=["orphan", "example.com/hold"])
    play.settle()
    assert play.sets[uid].ds.manifest["metadata"]["finalizers"] == ["example.com/hold"]
    play.mark_set(uid, finalizers=[])
    play.settle()
    assert uid not in play.sets


@pytest.mark.parametrize("finalizer", ["foregroundDeletion", "orphan"])
def test_deleting_a_set_with_a_finalizer(finalizer: str) -> None:
    """Foreground takes the pods first; orphan lets them stand without an owner."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    play.mark_set(uid, deletionTimestamp="2026-01-01T00:00:00Z", finalizers=[finalizer])
    play.settle()

    assert uid not in play.sets
    assert len(play.pods()) == (2 if finalizer == "orphan" else 0)
    assert all(not pod.owner for pod in play.pods())
    assert len(play.revisions) == (1 if finalizer == "orphan" else 0)


def test_background_deletion_takes_the_pods_after_the_set() -> None:
    """When the owner is gone, its pods and revisions are collected."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    play.mark_set(uid, Verb.DELETED)
    play.settle()

    assert play.pods() == []
    assert not play.revisions
