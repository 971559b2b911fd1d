"""What happens around a set: evictions, bare pods, lost machines, owners that are gone."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.daemonset.controller import cell, changed, coverage_of, revision_number
from controller.engine.daemonset.status import Counts
from controller.engine.objects import HASH_LABEL, PAUSED_ANNOTATION, Manifest
from tests.engine.play import Play, set_manifest

SECONDS = {"key": "spot", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}


def bare_manifest(play: Play, name: str = "bare", **facts: Any) -> Manifest:
    """Return a pod that no set made."""
    meta = {"name": name, "namespace": "default", "uid": play.names.uid(), **facts.pop("meta", {})}
    spec = {"containers": [{"name": "main", "image": "bare:1"}], **facts}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def add_pod(play: Play, name: str = "bare", **facts: Any) -> None:
    """Create a bare pod."""
    play.edit("Pod", bare_manifest(play, name, **facts), Verb.ADDED)


def test_a_bare_pod_is_scheduled_and_evicted_when_its_tolerance_ends() -> None:
    """TolerationSeconds count from the taint; then the pod goes."""
    play = Play("a")
    add_pod(play, tolerations=[SECONDS])
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.wait(29)
    assert play.pod("a").ready
    play.wait(2)
    assert play.pods() == []
    assert play.events("TaintManagerEviction") == ["Marking for deletion Pod default/bare"]


def test_a_taint_that_goes_in_time_evicts_nobody() -> None:
    """The clock of the tolerance stops with the taint."""
    play = Play("a")
    add_pod(play, tolerations=[SECONDS])
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.wait(10)
    play.untaint("a", "spot")
    play.wait(60)
    assert play.pod("a").ready


def test_a_daemon_pod_with_a_limited_tolerance_is_evicted_and_born_again() -> None:
    """A taint tolerated for a time counts as tolerated for the question whether to run."""
    play = Play("a")
    play.add_set(set_manifest(pod={"tolerations": [SECONDS]}))
    play.settle()
    first = play.pod("a").uid
    play.taint("a", "spot", "NoExecute")
    play.wait(31)
    assert play.pod("a").uid != first


def test_a_pod_without_tolerance_goes_at_once() -> None:
    """No toleration, no delay; and one that already goes is left alone."""
    play = Play("a", "b")
    add_pod(play)
    play.settle()
    play.taint("a", "spot", "NoExecute")
    play.settle()
    assert play.pods() == []


def test_a_pod_that_fits_nowhere_waits_for_any_node() -> None:
    """A pod that is not pinned is tried again when any node changes."""
    play = Play("a")
    add_pod(play, nodeSelector={"disk": "ssd"})
    play.settle()
    assert play.pods("") != []
    play.add_node("b", labels={"disk": "ssd"})
    play.settle()
    assert play.pod("b").ready


def test_a_waiting_pod_that_goes_leaves_the_others_waiting() -> None:
    """Who is deleted is no longer tried; the others still are."""
    play = Play("a")
    for name in ("one", "other"):
        add_pod(play, name, nodeSelector={"disk": "ssd"})
    play.settle()
    play.delete_pod(play.pods()[0])
    play.label("a", disk="ssd")
    play.settle()
    assert [(pod.name, pod.node) for pod in play.pods()] == [("other", "a")]


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
    for name, kind in (("orphaned", "DaemonSet"), ("kept", "ReplicaSet")):
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


def test_labels_that_stop_matching_release_a_pod() -> None:
    """The set makes a new pod; the old one stands on its own, and is taken in again when it matches."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    meta = {**pod.manifest["metadata"], "labels": {**pod.labels, "app": "debugged"}}
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


def test_a_thousand_nodes_are_filled_in_bursts_of_250() -> None:
    """At most 250 creations and 250 deletions in a pass."""
    play = Play(*(f"n{number:03}" for number in range(300)))
    play.settle()
    uid = play.add_set(set_manifest())
    first = [c for c in play.tick().changes if c.kind == "Pod" and c.verb is Verb.ADDED]
    second = [c for c in play.tick().changes if c.kind == "Pod" and c.verb is Verb.ADDED]
    assert (len(first), len(second)) == (250, 50)

    play.settle()
    play.change_set(
        uid,
        template={
            **play.sets[uid].ds.template,
            "spec": {**play.sets[uid].ds.template["spec"], "nodeName": "n000"},
        },
    )
    gone = [
        c for c in play.tick().changes if c.kind == "Pod" and "deletionTimestamp" in c.manifest["metadata"]
    ]
    assert len(gone) == 250


def test_what_changed_is_told_once() -> None:
    """The world names the nodes, sets, pairs and pods that a map has to draw again."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest(pod={"nodeSelector": {"disk": "ssd"}}))
    play.settle()
    changed(play.world)
    play.label("a", disk="ssd")
    touched = changed(play.world)
    assert (touched.nodes, touched.pairs) == ({"a"}, {(uid, "a")})
    assert changed(play.world).pairs == set()


def test_questions_about_a_set_that_is_not_there() -> None:
    """They have an answer that draws nothing."""
    play = Play("a")
    assert cell(play.world, "nobody", "a") == "none"
    assert Counts(desired=3, available=1).unavailable == 2


def test_a_template_that_names_a_node_binds_its_pod_at_birth() -> None:
    """No scheduler is asked, and the kubelet takes the pod as it comes."""
    play = Play("a", "b")
    play.add_set(set_manifest(pod={"nodeName": "b"}))
    play.settle()
    assert play.pod("b").ready
    assert play.events("Scheduled") == []


def test_a_set_without_template_generation_labels_its_pods_by_hash_alone() -> None:
    """The deprecated label is written only where there is something to write."""
    play = Play("a")
    manifest = set_manifest()
    play.add_set({**manifest, "metadata": {**manifest["metadata"], "annotations": {}}})
    play.settle()
    assert set(play.pod("a").labels) == {"app", HASH_LABEL}


def test_names_that_are_taken_are_not_given_again() -> None:
    """A suffix that a standing pod bears is drawn again."""
    play = Play("a", "b")
    drawn = iter(["aaaaa", "aaaaa", "bbbbb"])
    play.names.suffix = lambda: next(drawn)  # type: ignore[method-assign]
    play.add_set(set_manifest())
    play.settle()
    assert [pod.name for pod in play.pods()] == ["agent-aaaaa", "agent-bbbbb"]


def test_a_world_may_be_loaded_in_any_order() -> None:
    """Pods before their set and their node change nothing."""
    first = Play("a", "b")
    first.add_set(set_manifest())
    first.settle()
    again = Play(settings=first.settings)
    again.time = first.time
    rank = {"Pod": 0, "ControllerRevision": 1, "DaemonSet": 2, "Node": 3}
    latest = {change.key: change for change in first.history}
    for change in sorted(latest.values(), key=lambda change: rank.get(change.kind, 4)):
        again.edit(change.kind, change.manifest, Verb.ADDED, change.timers)
    assert again.tick().changes == ()
    assert coverage_of(again.world, "default", "agent") is not None
    assert coverage_of(again.world, "default", "other") is None


def test_a_lost_machine_leaves_pods_that_were_not_ready_as_they_were() -> None:
    """Only what was Ready turns unready."""
    play = Play("a")
    play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/behaviour": "never-ready"}}))
    play.settle()
    play.annotate_node("a", down="true")
    play.wait(10)
    assert play.events("NodeNotReady") == ["Node a status is now: NodeNotReady"]


def test_a_pod_that_somebody_else_binds_is_left_to_its_kubelet() -> None:
    """The scheduler does not bind it again, and a node that is not there buries it."""
    play = Play("a")
    add_pod(play)
    add_pod(play, "lost", nodeName="nowhere")
    pod = play.world.pods[("Pod", "default", "bare")]
    play.edit("Pod", {**pod.manifest, "spec": {**pod.manifest["spec"], "nodeName": "a"}})
    play.settle()
    assert play.pod("a").ready
    assert play.events("Scheduled") == []
    assert len(play.pods()) == 1


def test_an_unbound_pod_that_is_going_is_not_scheduled() -> None:
    """A finalizer may keep it for a while."""
    play = Play("a")
    add_pod(play, meta={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]})
    play.settle()
    assert not play.pods()[0].bound


def test_reminders_of_a_set_that_is_gone_are_forgotten() -> None:
    """Time that was waited for by a deleted set wakes nobody."""
    play = Play("a")
    uid = play.add_set(set_manifest(minReadySeconds=30))
    play.settle()
    play.mark_set(uid, Verb.DELETED)
    play.wait(60)
    assert play.world.due(play.time) is None


def test_a_wrong_short_cut_is_found() -> None:
    """The check compares what is kept with what a full reading finds."""
    play = Play("a", "b")
    uid = play.add_set(set_manifest())
    play.settle()
    assert play.differences() == []

    play.sets[uid].tally[0] += 1
    assert play.differences() == [f"daemonset-controller: {uid} is not the same"]


@pytest.mark.parametrize("kind", ["Namespace", "ConfigMap"])
def test_kinds_without_rules_are_left_alone(kind: str) -> None:
    """What no rule looks at needs no place in the world."""
    play = Play("a")
    play.edit(kind, {"metadata": {"name": "x"}}, Verb.ADDED)
    play.settle()
    assert play.tick().changes == ()


def test_a_set_knows_why_its_pods_are_refused() -> None:
    """The reason stands with the set until its account is there; other accounts change nothing."""
    play = Play("a")
    uid = play.add_set(set_manifest(pod={"serviceAccountName": "nope"}))
    play.settle()
    assert play.pods() == []
    (said,) = play.events("FailedCreate")
    assert play.sets[uid].refusal == said
    assert said == (
        'Error creating: pods "agent-" is forbidden: error looking up service account '
        'default/nope: serviceaccount "nope" not found'
    )
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "another"}}, Verb.ADDED)
    play.settle()
    assert play.sets[uid].refusal == said
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "nope"}}, Verb.ADDED)
    play.settle()
    assert (play.sets[uid].refusal, len(play.pods())) == ("", 1)


def test_a_service_account_that_goes_refuses_the_next_pods() -> None:
    """Creations are refused in Kubernetes' words when the account is gone."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    play.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "default"}}, Verb.DELETED)
    play.add_node("b")
    play.settle()
    assert [pod.node for pod in play.pods()] == ["a"]
    assert 'serviceaccount "default" not found' in play.events("FailedCreate")[0]
    play.wait(11)
    assert len(play.pods()) == 1


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
