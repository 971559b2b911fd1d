"""The garbage collector: owners that are gone, and the three ways to delete one."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.namespaces import Namespaces
from controller.engine.controllers.row import ROW
from controller.engine.objects import Manifest
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

API = {"ConfigMap": "v1", "Secret": "v1", "Service": "v1", "Namespace": "v1", "ReplicaSet": "apps/v1"}


def put(play: Play, kind: str, name: str, *owners: Manifest, verb: Verb = Verb.ADDED, **meta: Any) -> None:
    """Write an object without rules of its own; its uid is its name."""
    place = {} if kind == "Namespace" else {"namespace": "default"}
    refs = {"ownerReferences": list(owners)} if owners else {}
    meta = {"name": name, "uid": name, **place, **refs, **meta}
    play.edit(kind, {"apiVersion": API[kind], "kind": kind, "metadata": meta}, verb)


def ref(kind: str, name: str, *, blocks: bool = True, uid: str = "") -> Manifest:
    """Return a reference to an owner."""
    return {
        "apiVersion": API[kind],
        "kind": kind,
        "name": name,
        "uid": uid or name,
        "blockOwnerDeletion": blocks,
    }


def names(play: Play) -> set[str]:
    """Return the names of what stands, without pods and what every cluster has."""
    kinds = ("ConfigMap", "Secret", "Service", "Namespace")
    return {key[2] for kind in kinds for key in play.world.objects.get(kind, {})}


def meta_of(play: Play, kind: str, name: str) -> Manifest:
    """Return the metadata of an object."""
    view = play.world.find(kind, "default", name)
    assert view is not None
    found: Manifest = view.manifest["metadata"]
    return found


def delete(play: Play, kind: str, name: str, finalizer: str = "") -> None:
    """Delete an object in one of the three ways."""
    meta = meta_of(play, kind, name)
    if not finalizer:
        play.edit(kind, {"apiVersion": "v1", "kind": kind, "metadata": meta}, Verb.DELETED)
        return
    held = [*(meta.get("finalizers") or []), finalizer]
    leaving = {**meta, "deletionTimestamp": play.now.stamp, "finalizers": held}
    play.edit(kind, {"apiVersion": "v1", "kind": kind, "metadata": leaving})


def chain(play: Play, **facts: Any) -> None:
    """Make a service that owns a secret that owns a config map."""
    put(play, "Service", "top")
    put(play, "Secret", "middle", ref("Service", "top", **facts))
    put(play, "ConfigMap", "bottom", ref("Secret", "middle", **facts))
    play.settle()
    assert names(play) == {"top", "middle", "bottom"}


def test_dependants_of_any_kind_follow_their_owner_level_by_level() -> None:
    """Background: the owner goes at once, each level after the one above it."""
    play = Play()
    chain(play)
    delete(play, "Service", "top")
    play.tick()
    assert names(play) == {"bottom"}
    play.tick()
    assert names(play) == set()


def test_an_owner_in_the_foreground_goes_last() -> None:
    """Dependants that have dependants are deleted in the foreground too."""
    play = Play()
    chain(play)
    delete(play, "Service", "top", "foregroundDeletion")
    play.tick()
    assert meta_of(play, "Secret", "middle")["finalizers"] == ["foregroundDeletion"]
    play.settle()
    assert names(play) == set()
    gone = [change.key[2] for change in play.history if change.verb is Verb.DELETED]
    assert gone == ["bottom", "middle", "top"]


def test_a_dependant_that_does_not_block_is_not_waited_for() -> None:
    """It is deleted, and a finalizer that holds it does not hold its owner."""
    play = Play()
    put(play, "Service", "top")
    put(play, "Secret", "slow", ref("Service", "top", blocks=False), finalizers=["example.com/hold"])
    play.settle()
    delete(play, "Service", "top", "foregroundDeletion")
    play.settle()
    assert names(play) == {"slow"}
    assert "deletionTimestamp" in meta_of(play, "Secret", "slow")


def test_a_dependant_that_blocks_is_waited_for() -> None:
    """The owner stands until the finalizer of its dependant is taken away."""
    play = Play()
    put(play, "Service", "top")
    put(play, "Secret", "slow", ref("Service", "top"), finalizers=["example.com/hold"], generation=1)
    play.settle()
    delete(play, "Service", "top", "foregroundDeletion")
    play.settle()
    assert names(play) == {"top", "slow"}
    slow = meta_of(play, "Secret", "slow")
    assert slow["generation"] == 2
    play.edit("Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {**slow, "finalizers": []}})
    play.settle()
    assert names(play) == set()


def test_orphans_are_let_go_and_stay() -> None:
    """Their references are taken away first, then the owner goes; what they own is not touched."""
    play = Play()
    chain(play)
    delete(play, "Service", "top", "orphan")
    play.settle()
    assert names(play) == {"middle", "bottom"}
    assert "ownerReferences" not in meta_of(play, "Secret", "middle")


def test_an_object_whose_owner_never_was_is_collected() -> None:
    """Nor may its owner be another object of the same name."""
    play = Play()
    put(play, "Service", "top")
    put(play, "Secret", "mistaken", ref("Service", "top", uid="somebody-else"))
    put(play, "ConfigMap", "lost", ref("Service", "nowhere"))
    play.settle()
    assert names(play) == {"top"}


def test_an_owner_that_is_there_keeps_an_object() -> None:
    """The reference to the owner that is gone is dropped."""
    play = Play()
    put(play, "Service", "one")
    put(play, "Service", "other")
    put(play, "Secret", "shared", ref("Service", "one"), ref("Service", "other"))
    play.settle()
    delete(play, "Service", "one")
    play.settle()
    assert names(play) == {"other", "shared"}
    assert [each["name"] for each in meta_of(play, "Secret", "shared")["ownerReferences"]] == ["other"]


def test_an_owner_that_comes_back_under_its_name_is_another() -> None:
    """A reader that sees only the last of several changes sees an object replaced by another."""
    play = Play()
    chain(play)
    put(play, "Service", "top", verb=Verb.MODIFIED, uid="another")
    play.settle()
    assert names(play) == {"top"}


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param({"apiVersion": "apps/v1", "kind": "Gadget", "name": "x", "uid": "x"}, id="kind"),
        pytest.param({"apiVersion": "apps/v1", "kind": "Service", "name": "x", "uid": "x"}, id="group"),
    ],
)
def test_owners_that_nobody_serves_cannot_be_missed(owner: Manifest) -> None:
    """What may be there unseen keeps its dependants."""
    play = Play()
    put(play, "Secret", "kept", owner)
    play.settle()
    assert names(play) == {"kept"}


def test_what_has_no_namespace_cannot_be_owned_from_within_one() -> None:
    """Such a reference cannot be resolved, so it collects nothing."""
    play = Play()
    put(play, "Namespace", "kept", ref("Service", "top"))
    play.settle()
    assert names(play) == {"kept", "kube-root-ca.crt"}  # and what every namespace holds by itself


def test_a_circle_of_owners_does_not_hold_itself() -> None:
    """Who waits for what it is owned by no longer blocks it."""
    play = Play()
    put(play, "Service", "one", ref("Secret", "other"))
    put(play, "Secret", "other", ref("Service", "one"))
    play.settle()
    assert names(play) == {"one", "other"}
    delete(play, "Service", "one", "foregroundDeletion")
    play.settle()
    assert names(play) == set()


def test_a_namespace_that_is_emptied_is_not_finished_by_the_collector() -> None:
    """Its own finalizer stands in its spec."""
    play = Play(row=[one for one in ROW if one is not Namespaces])
    meta = {"name": "leaving", "uid": "leaving", "deletionTimestamp": play.now.stamp}
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": meta,
        "spec": {"finalizers": ["kubernetes"]},
    }
    play.edit("Namespace", space)
    play.settle()
    assert names(play) == {"leaving"}
    play.edit("Namespace", {**space, "spec": {"finalizers": []}})
    play.settle()
    assert names(play) == set()


def test_finalizers_hold_pods_that_no_kubelet_runs() -> None:
    """An unbound pod, and one whose node is gone, stay until their finalizers are taken away."""
    play = Play("a")
    held = {"namespace": "default", "finalizers": ["example.com/hold"]}
    owner = ref("Service", "top")
    for name, spec in (("loose", {"nodeSelector": {"disk": "ssd"}}), ("stranded", {"nodeName": "nowhere"})):
        meta = {"name": name, "uid": name, "ownerReferences": [owner], **held}
        whole = {"containers": [{"name": "main", "image": "bare:1"}], **spec}
        play.edit("Pod", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": whole})
    play.settle()
    assert [pod.terminating for pod in play.pods()] == [True, True]
    for pod in play.pods():
        meta = {**pod.manifest["metadata"], "finalizers": []}
        play.edit("Pod", {**pod.manifest, "metadata": meta})
    play.settle()
    assert play.pods() == []


def test_a_pod_that_owns_something_goes_in_the_foreground() -> None:
    """Its machine stops it, and what it owns goes before it."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    owner = {**ref("Service", pod.name, uid=pod.uid), "kind": "Pod"}
    put(play, "ConfigMap", "notes", owner)
    play.settle()
    play.mark_set(uid, deletionTimestamp=play.now.stamp, finalizers=["foregroundDeletion"])
    play.wait(40)
    assert (play.pods(), names(play), dict(play.sets)) == ([], set(), {})


def test_a_reference_that_errs_in_the_name_loses_its_own_object_only() -> None:
    """Others that name the same uid rightly keep theirs."""
    play = Play()
    put(play, "Service", "top")
    put(play, "Secret", "right", ref("Service", "top"))
    put(play, "Secret", "wrong", ref("Service", "elsewhere", uid="top"))
    play.settle()
    assert names(play) == {"top", "right"}


def test_owners_that_nobody_mirrors_are_not_missed() -> None:
    """In a mirrored world all nodes and sets are known, and of other kinds of owners nothing is."""
    play = Play("a", settings=Settings(mirrored=True))
    put(play, "ConfigMap", "kept", ref("ConfigMap", "elsewhere"))
    put(play, "Secret", "lost", {**ref("ConfigMap", "gone"), "kind": "Node", "name": "gone"})
    play.settle()
    assert {"kept", "lost"} & names(play) == {"kept"}
