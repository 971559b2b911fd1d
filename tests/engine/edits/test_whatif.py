"""A world answers what an edit asks of it."""

from __future__ import annotations

import pytest

from controller.engine.changes import Change, Verb
from controller.engine.controllers.row import new_world
from controller.engine.edits.deletion import Delete
from controller.engine.edits.draft import Context
from controller.engine.edits.nodes import AddNodes, Cordon, SetLabels
from controller.engine.edits.objects import Create
from controller.engine.edits.whatif import what_if
from controller.engine.edits.workloads import Rollback
from controller.engine.errors import AlreadyExists, Conflict, Invalid, NotFound
from controller.engine.objects import Key, Manifest
from controller.engine.world import World
from tests.builders import owner
from tests.engine.edits.ledger import NODE, NOW, SET, SETTINGS, ledger
from tests.engine.play import SeededNames

EVENT: Key = ("Event", "default", "agent.1")
CONTEXT = Context(NOW, SeededNames(), SETTINGS, "ada")


def world() -> World:
    """Return a world with a namespace, a node, a set, its first revision, and an event about it."""
    made, kept = new_world(SETTINGS), ledger()
    for one in kept.objects.values():
        made.apply(Change(Verb.ADDED, one.key[0], one.manifest, "", ""))
    agent = kept.manifest(SET)
    meta = {"namespace": "default", "uid": "u"}
    mine = {**owner("agent"), "uid": agent["metadata"]["uid"]}
    revision: Manifest = {
        "metadata": {**meta, "name": "agent-1", "ownerReferences": [mine]},
        "data": {"spec": {"template": agent["spec"]["template"]}},
        "revision": 1,
    }
    event: Manifest = {
        "metadata": {**meta, "name": "agent.1"},
        "involvedObject": {"uid": mine["uid"]},
        "message": "Created pod: agent-first",
    }
    made.apply(Change(Verb.ADDED, "ControllerRevision", revision, "", ""))
    made.apply(Change(Verb.ADDED, "Event", event, "", ""))
    return made


def test_the_fork_is_changed_and_the_world_is_not() -> None:
    """What was decided is there, and only there."""
    asked = world()
    fork, decision = what_if(asked, Cordon(["plain"], cordoned=True), CONTEXT)
    (change,) = decision.changes
    assert change.key == NODE
    assert (fork.nodes["plain"].unschedulable, asked.nodes["plain"].unschedulable) == (True, False)


def test_what_a_world_knows() -> None:
    """Names, revisions, and all that is in a namespace, its events too."""
    asked = world()
    with pytest.raises(AlreadyExists):
        what_if(asked, AddNodes([{"metadata": {"name": "plain"}}]), CONTEXT)
    assert not what_if(asked, Rollback(SET, 1), CONTEXT)[1].changes
    with pytest.raises(NotFound):
        what_if(asked, Rollback(SET, 2), CONTEXT)
    fork, decision = what_if(asked, Delete(EVENT), CONTEXT)
    assert [change.key for change in decision.changes] == [EVENT]
    with pytest.raises(NotFound):
        what_if(fork, Delete(EVENT), CONTEXT)


def test_a_namespace() -> None:
    """Everything in it goes, and nothing else."""
    apart = world()
    for kind, name in (("Namespace", "apart"), ("ConfigMap", "words"), ("Event", "words.1")):
        meta = {"name": name, "uid": name, **({} if kind == "Namespace" else {"namespace": "apart"})}
        manifest = {"metadata": meta, "involvedObject": {}, "message": "a"}
        apart.apply(Change(Verb.ADDED, kind, manifest, "", ""))
    _, decision = what_if(apart, Delete(("Namespace", "", "apart")), CONTEXT)
    assert sorted(change.key for change in decision.changes) == [
        ("ConfigMap", "apart", "words"),
        ("Event", "apart", "words.1"),
        ("Namespace", "", "apart"),
    ]


def test_a_world_knows_no_past() -> None:
    """An object that is not as somebody saw it is stale there."""
    with pytest.raises(Conflict):
        what_if(world(), SetLabels("plain", {"disk": "ssd"}, "1"), CONTEXT)


def test_a_world_knows_what_services_hold() -> None:
    """The next one is given what is free there."""
    asked = world()
    manifest: Manifest = {
        "metadata": {"name": "a", "namespace": "default"},
        "spec": {"ports": [{"port": 80}]},
    }
    fork, decision = what_if(asked, Create("Service", manifest), CONTEXT)
    address = decision.changes[0].manifest["spec"]["clusterIP"]
    wanted = {
        "metadata": {**manifest["metadata"], "name": "b"},
        "spec": {**manifest["spec"], "clusterIP": address},
    }
    with pytest.raises(Invalid, match="provided IP is already allocated"):
        what_if(fork, Create("Service", wanted), CONTEXT)
