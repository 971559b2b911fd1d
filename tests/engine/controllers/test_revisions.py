"""The revisions of a set: made, raised, dropped, kept, and shown before a pass has made them."""

from __future__ import annotations

from controller.engine.changes import Verb
from controller.engine.controllers.daemonset.controller import cell, revision_number
from controller.engine.daemonset.status import Counts
from controller.engine.objects import PAUSED_ANNOTATION
from tests.engine.play import Play, set_manifest


def test_a_hash_that_is_taken_counts_as_a_collision() -> None:
    """Another template under the same name makes a new hash and raises collisionCount."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    (revision,) = play.revisions.values()
    foreign = {**revision.manifest, "data": {"spec": {"template": {"spec": {"containers": []}}}}}
    play.edit("ControllerRevision", foreign)
    play.settle()
    assert play.sets[uid].ds.manifest["status"]["collisionCount"] == 1
    assert sorted(r.number for r in play.revisions.values()) == [1, 2]


def test_a_second_revision_of_the_same_template_is_dropped() -> None:
    """Of equal revisions the one with the highest number stays."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    (revision,) = play.revisions.values()
    twin = {
        **revision.manifest,
        "revision": 5,
        "metadata": {**revision.manifest["metadata"], "name": "agent-twin", "uid": "t"},
    }
    play.edit("ControllerRevision", twin, Verb.ADDED)
    play.settle()
    assert [r.name for r in play.revisions.values()] == ["agent-twin"]


def test_a_live_pod_keeps_its_revision_beyond_the_limit() -> None:
    """A revision whose hash a pod bears is not forgotten."""
    play = Play("a")
    uid = play.add_set(set_manifest(revisionHistoryLimit=0, strategy={"type": "OnDelete"}))
    play.settle()
    play.set_image(uid, "agent:2")
    play.settle()
    assert len(play.revisions) == 2
    play.delete_pod(play.pod("a"))
    play.settle()
    assert [r.number for r in play.revisions.values()] == [2]


def test_old_revisions_are_forgotten_beyond_the_limit() -> None:
    """The current revision does not count; a return to a known template raises its number."""
    play = Play("a")
    uid = play.add_set(set_manifest(revisionHistoryLimit=1))
    play.settle()
    first = play.sets[uid].ds.template
    for image in ("agent:2", "agent:3"):
        play.set_image(uid, image)
        play.settle()
    assert sorted(r.number for r in play.revisions.values()) == [2, 3]

    play.change_set(uid, template=first)
    play.settle()
    assert sorted(r.number for r in play.revisions.values()) == [3, 4]


def test_an_edit_that_no_pass_has_seen_is_counted_all_the_same() -> None:
    """While the clock stands still the new revision has its number to come, and nothing is up to date."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    assert (revision_number(play.world, uid), Counts.shown(play.sets[uid]).updated) == (1, 0)
    play.settle()
    assert (revision_number(play.world, uid), Counts.shown(play.sets[uid]).updated) == (1, 2)
    play.set_image(uid, "agent:2")
    assert (revision_number(play.world, uid), Counts.shown(play.sets[uid]).updated) == (2, 0)
    assert cell(play.world, uid, "a") == "old"
    play.change_set(uid, template=play.sets[uid].ds.template, minReadySeconds=1)
    assert play.status(uid)["updated"] == 2, "the status is what the controller wrote last"


def test_a_paused_rollout_still_gets_its_revision() -> None:
    """Pausing stops the replacement of pods, not the book-keeping."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    annotations = {**play.sets[uid].ds.manifest["metadata"]["annotations"], PAUSED_ANNOTATION: "true"}
    play.mark_set(uid, annotations=annotations)
    play.set_image(uid, "agent:2")
    play.settle()
    assert revision_number(play.world, uid) == 2
    assert (play.status(uid)["updated"], Counts.shown(play.sets[uid]).updated) == (0, 0)
    assert play.images() == {"a": ["agent:1"], "b": ["agent:1"]}
