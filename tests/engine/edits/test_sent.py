"""What of an edit a real cluster is sent: the fields that it changes, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Change, Verb
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete, Options
from controller.engine.edits.draft import Context, Draft
from controller.engine.edits.nodes import Cordon, SetLabels, SetTaints
from controller.engine.edits.objects import Create, Replace
from controller.engine.edits.sent import Fields, fields_of, is_deletion, new_object
from controller.engine.edits.workloads import SetImage
from controller.engine.objects import Key, Manifest, Taint
from tests.engine.edits.ledger import NODE, NOW, SET, SETTINGS, Ledger, agent, ledger

NEWER = {"name": "main", "image": "agent:1", "newer": {"field": 1}}
"""A container as a server writes it that is newer than we are: a field we do not know, and no defaults."""
OTHER = {"name": "other", "image": "other:1", "newer": {"field": 2}}


def fields(made: Ledger, request: Request) -> Fields:
    """Return what the one change of a request comes to on the server."""
    (change,) = made.decide(request).changes
    found = made.find(*change.key)
    assert found is not None
    return fields_of(Draft(made, Context(NOW, made.names_, SETTINGS, "ada")), found, change)


def real(*containers: Manifest, **spec: object) -> Ledger:
    """Return a cluster whose set stands as another program's server wrote it."""
    made = ledger()
    manifest = written(*containers, **spec)
    made.write("DaemonSet", {**made.manifest(SET), "spec": manifest["spec"]})
    return made


def written(*containers: Manifest, **spec: object) -> Manifest:
    """Return the set with these containers and nothing that admission fills in."""
    bare = agent()
    template = {**bare["spec"]["template"], "spec": {"containers": list(containers)}}
    return {**bare, "spec": {**bare["spec"], "template": template, **spec}}


def containers(parts: Manifest) -> Any:
    """Return the containers of a set's template."""
    return parts["spec"]["template"]["spec"]["containers"]


def test_only_what_an_edit_changes_is_sent() -> None:
    """Fields we do not know stay, defaults that our admission fills in are not written."""
    made = real(NEWER, OTHER, newer="too")
    sent = fields(made, SetImage(SET, "main", "agent:2"))

    expected = written({**NEWER, "image": "agent:2"}, OTHER, newer="too")
    assert (sent.differ, sent.wanted["spec"]) == (True, expected["spec"])
    assert sent.standing["spec"] == made.manifest(SET)["spec"]
    assert sent.wanted["metadata"] == sent.standing["metadata"]


def test_what_an_edit_puts_where_nothing_stood() -> None:
    """A field that the server left out is added by itself."""
    sent = fields(real(NEWER), Replace(SET, written(NEWER, minReadySeconds=7)))
    assert sent.wanted["spec"] == written(NEWER, minReadySeconds=7)["spec"]


MAIN, SIDE = ({"name": name, "image": f"{image}:1"} for name, image in (("main", "agent"), ("side", "side")))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param([MAIN, OTHER, SIDE], ["main+", "other+", "side"], id="one more"),
        pytest.param([OTHER], ["other+"], id="one less"),
        pytest.param([OTHER, MAIN], ["other+", "main+"], id="another order"),
        pytest.param([SIDE, OTHER], ["side", "other+"], id="one instead of another"),
    ],
)
def test_containers_that_come_and_go(wanted: list[Manifest], expected: list[str]) -> None:
    """They are told apart by their names: each of the others keeps the fields that we do not know."""
    sent = fields(real(NEWER, OTHER), Replace(SET, written(*wanted)))
    assert [one["name"] + "+" * ("newer" in one) for one in containers(sent.wanted)] == expected


def test_a_list_without_names_is_sent_whole() -> None:
    """Which member is which nobody can tell: what the edit made of it stands, and all else stays."""
    taint = {"key": "gpu", "effect": "NoSchedule", "newer": 1}
    made = ledger()
    made.write("Node", {**made.manifest(NODE), "spec": {"taints": [taint], "newer": 1}})
    sent = fields(
        made, SetTaints("plain", [Taint("gpu", "", "NoSchedule"), Taint("disk", "hdd", "NoExecute")])
    )

    both = [
        {"key": "gpu", "effect": "NoSchedule"},
        {"key": "disk", "value": "hdd", "effect": "NoExecute"},
    ]
    assert sent.wanted["spec"] == {"taints": both, "newer": 1}


@pytest.mark.parametrize(
    ("request_", "spec", "labels"),
    [
        (SetLabels("plain", {"disk": "ssd"}), {"newer": 1}, {"disk": "ssd"}),
        (SetLabels("plain", {}), {"newer": 1}, {}),
        (
            SetTaints("plain", [Taint("gpu", "", "NoSchedule")]),
            {"newer": 1, "taints": [{"key": "gpu", "effect": "NoSchedule"}]},
            {"disk": "hdd"},
        ),
        (Cordon(["plain"], cordoned=True), {"newer": 1, "unschedulable": True}, {"disk": "hdd"}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_nodes(request_: Request, spec: Manifest, labels: dict[str, str]) -> None:
    """Labels, taints and whether pods may come, each without the other."""
    made = ledger()
    made.write("Node", {**made.manifest(NODE), "spec": {"newer": 1}})
    sent = fields(made, request_)
    assert sent.wanted["spec"] == spec
    own = {name: text for name, text in sent.wanted["metadata"]["labels"].items() if "/" not in name}
    assert own == labels


def test_nothing_to_send() -> None:
    """What only our admission fills in is nothing to do on the server, as little as what stands already."""
    made = real(NEWER, OTHER)
    (filled,) = made.decide(Replace(SET, written(NEWER, OTHER))).changes
    found = made.find(*SET)
    assert found is not None
    assert filled.manifest["spec"] != found.manifest["spec"]
    draft = Draft(made, Context(NOW, made.names_, SETTINGS, "ada"))
    assert not fields_of(draft, found, filled).differ

    plain = ledger().find(*SET)
    assert plain is not None
    same = Change(Verb.MODIFIED, "DaemonSet", plain.manifest, "ada", "a test")
    assert not fields_of(Draft(ledger(), draft.context), plain, same).differ


def pod(**meta: object) -> Manifest:
    """Return a pod that runs."""
    spec = {"nodeName": "plain", "containers": [{"name": "main", "image": "one:1"}]}
    return {"metadata": {"name": "one", "namespace": "default", "uid": "1", **meta}, "spec": spec}


POD: Key = ("Pod", "default", "one")
LEAVING = {"deletionTimestamp": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("request_", "begins"),
    [
        pytest.param(Delete(NODE), True, id="gone at once"),
        pytest.param(Delete(SET, Options("Foreground")), True, id="held by a finalizer"),
        pytest.param(Delete(POD), True, id="a pod that stops"),
        pytest.param(SetImage(SET, "main", "agent:2"), False, id="an edit"),
        pytest.param(Create("Node", {"metadata": {"name": "fresh"}}), False, id="a new object"),
    ],
)
def test_how_a_deletion_looks(request_: Request, *, begins: bool) -> None:
    """An object is gone, or marked from then on."""
    made = ledger()
    made.write("Pod", pod())
    change = made.decide(request_).changes[0]
    assert is_deletion(made.find(*change.key), change) is begins


def test_what_is_leaving_already() -> None:
    """Another edit of it is no deletion; neither is one of an object that stands nowhere."""
    made = ledger()
    made.write("Pod", pod(**LEAVING))
    change = Change(Verb.MODIFIED, "Pod", pod(**LEAVING, labels={"a": "b"}), "ada", "a test")
    assert not is_deletion(made.find(*POD), change)
    assert not is_deletion(None, change)


def test_a_new_object() -> None:
    """It is sent without its status, and without what of its metadata the server writes."""
    made = ledger()
    (change,) = made.do(
        Create("DaemonSet", {**agent(), "metadata": {"name": "b", "namespace": "default"}})
    ).changes
    manifest = made.manifest(change.key)
    assert {"uid", "resourceVersion", "creationTimestamp", "generation"} <= manifest["metadata"].keys()

    sent = new_object({**manifest, "status": {"numberReady": 1}})
    assert {"status"} == {*manifest, "status"} - sent.keys()
    assert (sent["spec"], sent["kind"]) == (manifest["spec"], "DaemonSet")
    own = {"name": "b", "namespace": "default", "annotations": manifest["metadata"]["annotations"]}
    assert sent["metadata"] == own
