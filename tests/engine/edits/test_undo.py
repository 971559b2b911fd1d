"""Edits that are taken back."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete, Options
from controller.engine.edits.nodes import AddNodes, Cordon, PatchLabels, RemoveNodes, SetLabels, SetTaints
from controller.engine.edits.undo import MISSING, Undo, Undone, merged
from controller.engine.edits.workloads import SetImage
from controller.engine.errors import AlreadyExists, Conflict, NotFound, NotRestorable
from controller.engine.objects import Key, Manifest, Taint
from tests.engine.edits.ledger import NODE, SET, Ledger, ledger

FACT = {"action": "node_labels", "about": "plain", "facts": {}}


def undone(made: Ledger, request: Request) -> Undo:
    """Carry out a request; return how it is taken back."""
    before = {key: one.manifest for key, one in made.objects.items()}
    keys = dict.fromkeys(change.key for change in made.do(request).changes)
    after = {key: one.manifest for key, one in made.objects.items()}
    return Undo([Undone(key, before.get(key), after.get(key)) for key in keys], "plain", FACT)


def essence(manifest: Manifest) -> Manifest:
    """Return what of an object people wrote."""
    meta = manifest["metadata"]
    mine = {field: meta.get(field) or {} for field in ("name", "labels")}
    return {"spec": manifest.get("spec"), **mine}


EDITS: list[tuple[Request, Key]] = [
    (SetLabels("plain", {"disk": "ssd"}), NODE),
    (PatchLabels(["plain"], {"disk": "ssd"}), NODE),
    (SetTaints("plain", [Taint("gpu", "", "NoSchedule")]), NODE),
    (Cordon(["plain"], cordoned=True), NODE),
    (RemoveNodes(["plain"]), NODE),
    (SetImage(SET, "main", "agent:2"), SET),
    (SetStrategy(SET, "OnDelete", min_ready_seconds=7), SET),
    (Delete(SET), SET),
]


@pytest.mark.parametrize(("request_", "key"), EDITS, ids=lambda one: type(one).__name__)
def test_an_edit_is_taken_back(request_: Request, key: Key) -> None:
    """What it changed is as it was, and the audit list says what was taken back."""
    made = ledger()
    before = essence(made.manifest(key))
    undo = undone(made, request_)
    decision = made.do(undo)

    assert essence(made.manifest(key)) == before
    (fact,) = decision.facts
    assert (fact.action, fact.about, fact.values) == ("edit_undo", "plain", {"undone": FACT})


def test_an_undo_is_taken_back_too() -> None:
    """It is an edit like any."""
    made = ledger()
    back = undone(made, undone(made, SetLabels("plain", {"disk": "ssd"})))
    made.do(back)

    assert made.manifest(NODE)["metadata"]["labels"] == {"disk": "ssd"}


def test_what_was_created_goes() -> None:
    """Unless it is gone, or another bears its name."""
    made = ledger()
    undo = undone(made, AddNodes([{"metadata": {"name": "fresh"}}]))
    made.do(undo)
    assert ("Node", "", "fresh") not in made.objects
    assert made.do(undo).changes == ()
    made.do(AddNodes([{"metadata": {"name": "fresh"}}]))
    decision = made.do(undo)
    assert (decision.changes, decision.facts) == ((), ())


def test_what_others_did_to_other_fields_stays() -> None:
    """A controller tainted the node because of the cordon, and somebody labelled it."""
    made = ledger()
    undo = undone(made, Cordon(["plain"], cordoned=True))
    tainted = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    node = made.manifest(NODE)
    made.write("Node", {**node, "spec": {**node["spec"], "taints": [tainted]}})
    made.do(PatchLabels(["plain"], {"rack": "1"}))
    made.do(undo)

    assert made.manifest(NODE)["spec"] == {"taints": [tainted]}
    assert made.manifest(NODE)["metadata"]["labels"]["rack"] == "1"


def test_what_others_changed_since_is_not_overwritten() -> None:
    """It is told field by field, and nothing is done."""
    made = ledger()
    undo = undone(made, SetImage(SET, "main", "agent:2"))
    made.do(SetImage(SET, "main", "agent:3"))
    with pytest.raises(Conflict) as refused:
        made.do(undo)

    path = 'spec.template.spec.containers[name="main"].image'
    assert refused.value.theirs == ((path, "agent:2", "agent:3"),)
    assert made.manifest(SET)["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:3"


def test_what_is_gone_or_there_again() -> None:
    """An object that was edited and is gone, and one that was deleted and made anew."""
    made = ledger()
    labelled, removed = undone(made, SetLabels("plain", {"a": "b"})), undone(made, RemoveNodes(["plain"]))
    with pytest.raises(NotFound):
        made.do(labelled)
    made.do(AddNodes([{"metadata": {"name": "plain"}}]))
    with pytest.raises(AlreadyExists):
        made.do(removed)


def test_pods_do_not_come_back() -> None:
    """What ran in one is lost."""
    made = ledger()
    pod: Key = ("Pod", "default", "one")
    spec = {"nodeName": "plain", "containers": [{"name": "main", "image": "one:1"}]}
    made.write("Pod", {"metadata": {"name": "one", "namespace": "default", "uid": "1"}, "spec": spec})
    undo = undone(made, Delete(pod, Options(grace=5)))
    with pytest.raises(NotRestorable, match="cannot be made anew"):
        made.do(undo)


MERGES: list[tuple[str, Any, Any, Any, Any, list[str]]] = [
    ("as the edit left it", 1, 2, 2, 1, []),
    ("as it was already", 1, 2, 1, 1, []),
    ("not touched by the edit", 1, 1, 5, 5, []),
    ("changed since", 1, 2, 3, 3, [""]),
    ("a field that came", {}, {"a": 1}, {"a": 1, "b": 2}, {"b": 2}, []),
    ("a field that went", {"a": 1}, {}, {"b": 2}, {"a": 1, "b": 2}, []),
    (
        "one of two fields changed since",
        {"a": 1, "b": 1},
        {"a": 2, "b": 2},
        {"a": 2, "b": 3},
        {"a": 1, "b": 3},
        ["b"],
    ),
    ("a field that came, and went since", {}, {"a": 1, "c": 1}, {"c": 1}, {}, []),
    ("lists of one length", [1, 1], [2, 1], [2, 7], [1, 7], []),
    ("lists of different lengths", [1], [1, 2], [1, 2, 3], [1, 2, 3], [""]),
    (
        "members with names, of which others added one",
        [{"name": "a"}],
        [{"name": "a"}, {"name": "b"}],
        [{"name": "b"}, {"name": "c"}, {"name": "a", "n": 1}],
        [{"name": "a", "n": 1}, {"name": "c"}],
        [],
    ),
    (
        "members with names, one of them changed since",
        [{"name": "a", "n": 1}, {"name": "b"}],
        [{"name": "a", "n": 2}],
        [{"name": "a", "n": 3}],
        [{"name": "a", "n": 3}, {"name": "b"}],
        ['[name="a"].n'],
    ),
    (
        "members with names, where two have the same",
        [{"name": "a", "n": 1}, {"name": "a", "n": 2}],
        [{"name": "a", "n": 1}, {"name": "a", "n": 3}],
        [{"name": "a", "n": 7}, {"name": "a", "n": 3}],
        [{"name": "a", "n": 7}, {"name": "a", "n": 2}],
        [],
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "standing", "wanted", "theirs"),
    [row[1:] for row in MERGES],
    ids=[row[0] for row in MERGES],
)
def test_merging(before: Any, after: Any, standing: Any, wanted: Any, theirs: list[str]) -> None:
    """Only the way of the edit is gone back; what stands otherwise is kept and told."""
    told: list[tuple[str, Any, Any]] = []
    assert merged(before, after, standing, "", told) == wanted
    assert [path for path, _then, _now in told] == theirs
    assert MISSING not in [value for row in told for value in row]


@pytest.mark.parametrize(
    ("before", "after", "standing", "wanted"),
    [
        pytest.param(1, 2, 3, 1, id="a value"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 3, "b": 3}, {"a": 1, "b": 3}, id="a field of a map"),
        pytest.param({}, {"a": {"b": 1}}, {"a": {"b": 1, "c": 1}}, {}, id="a map that goes"),
        pytest.param([1], [1, 2], [1, 2, 3], [1], id="lists of other lengths"),
    ],
)
def test_merging_against_what_stands(before: Any, after: Any, standing: Any, wanted: Any) -> None:
    """Where nobody is to be told, what stands otherwise gives way, and nothing beside it does."""
    assert merged(before, after, standing, "", None) == wanted
