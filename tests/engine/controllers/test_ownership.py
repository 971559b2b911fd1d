"""Which pods and revisions a set takes in, and which it lets go."""

from __future__ import annotations

from controller.engine.changes import Verb
from controller.engine.objects import HASH_LABEL
from tests.engine.bare import add_pod
from tests.engine.play import Play, set_manifest


def test_a_set_that_comes_after_pods_counts_only_those_that_it_controls() -> None:
    """Other owners may name the same set without being its pods."""
    play = Play("a")
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "later"}
    add_pod(play, meta={"ownerReferences": [owner]}, nodeName="a")
    manifest = set_manifest()
    play.edit("DaemonSet", {**manifest, "metadata": {**manifest["metadata"], "uid": "later"}}, Verb.ADDED)
    play.settle()
    assert len(play.pods("a")) == 2
    assert play.status("later")["current"] == 1


def test_labels_that_stop_matching_release_a_pod() -> None:
    """The set makes a new pod; the old one stands on its own, and is taken in again when it matches."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    meta = {**pod.manifest["metadata"], "labels": {**pod.labels, "app": "debugged"}}
    play.wait(1)
    play.edit("Pod", {**pod.manifest, "metadata": meta}, timers=pod.timers)
    play.settle()
    assert sorted(bool(p.owner) for p in play.pods("a")) == [False, True]

    released = next(p for p in play.pods("a") if not p.owner)
    meta = {**released.manifest["metadata"], "labels": pod.labels}
    play.edit("Pod", {**released.manifest, "metadata": meta}, timers=released.timers)
    play.settle()
    assert [p.uid for p in play.pods("a")] == [pod.uid], "of two running pods the oldest stays"
    assert play.pod("a").owner == uid


def test_revisions_are_released_and_taken_in_by_labels() -> None:
    """A revision whose labels stop matching is let go; a stray one that matches is adopted."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    (revision,) = play.revisions.values()
    meta = {**revision.manifest["metadata"], "labels": {HASH_LABEL: revision.hash}}
    play.edit("ControllerRevision", {**revision.manifest, "metadata": meta})
    play.settle()
    owners = sorted(r.owner for r in play.revisions.values())
    assert owners == ["", uid]


def test_orphans_are_adopted_and_not_rolled_when_of_equal_generation() -> None:
    """A new set with the same selector takes the pods over, as updated by their generation."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    names = [pod.name for pod in play.pods()]
    play.mark_set(uid, deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["orphan"])
    play.settle()
    heir = play.add_set(set_manifest(image="agent:2"))
    play.settle()

    assert [pod.name for pod in play.pods()] == names
    assert {pod.owner for pod in play.pods()} == {heir}
    assert play.status(heir)["updated"] == 2
