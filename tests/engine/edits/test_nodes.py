"""Edits of nodes."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.edits.manifest_copies import taint_of
from controller.engine.edits.nodes import (
    AddNodes,
    Cordon,
    PatchLabels,
    PatchTaints,
    RemoveNodes,
    ReportPressure,
    SetLabels,
    SetPower,
    SetTaints,
)
from controller.engine.errors import AlreadyExists, Conflict, Invalid, NotFound
from controller.engine.objects import CONDITIONS_ANNOTATION, DOWN_ANNOTATION, Manifest, Taint
from tests.engine.edits.ledger import NODE, Ledger, ledger

GPU = Taint("dedicated", "gpu", "NoSchedule")


def labels(made: Ledger) -> dict[str, str]:
    """Return the labels of the node."""
    found: dict[str, str] = made.manifest(NODE)["metadata"].get("labels") or {}
    return found


def annotations_of(made: Ledger) -> Manifest:
    """Return the annotations of the node."""
    found: Manifest = made.manifest(NODE)["metadata"].get("annotations") or {}
    return found


def test_add_and_remove() -> None:
    """Nodes come and go together or not at all; the fact names them."""
    made = ledger()
    decision = made.do(AddNodes([{"metadata": {"name": name}} for name in ("a", "b")]))
    assert [change.verb for change in decision.changes] == [Verb.ADDED, Verb.ADDED]
    assert [(fact.action, fact.about, fact.values) for fact in decision.facts] == [
        ("nodes_add", "a, b", {"nodes": ["a", "b"], "count": 2})
    ]
    with pytest.raises(AlreadyExists):
        made.do(AddNodes([{"metadata": {"name": name}} for name in ("c", "c")]))
    with pytest.raises(NotFound):
        made.do(RemoveNodes(["a", "nowhere"]))
    made.do(RemoveNodes(["a", "b", "a"]))
    assert made.names("Node") == ["plain"]


def test_no_nodes_are_no_fact() -> None:
    """A cluster may be made without nodes."""
    assert ledger().decide(AddNodes([])).facts == ()


def test_labels() -> None:
    """The whole map is written, and told by its fields; a stale one is refused with both sides."""
    made = ledger()
    seen = made.version(NODE)
    (fact,) = made.do(SetLabels("plain", {"disk": "ssd", "pool": "x"}, seen)).facts
    assert fact.values["changes"] == [
        ("metadata.labels.disk", "hdd", "ssd"),
        ("metadata.labels.pool", None, "x"),
    ]
    assert not made.do(SetLabels("plain", {"disk": "ssd", "pool": "x"})).facts
    with pytest.raises(Conflict) as refused:
        made.do(SetLabels("plain", {"disk": "nvme"}, seen))
    assert refused.value.theirs == tuple(fact.values["changes"])
    assert refused.value.yours == (("metadata.labels.disk", "hdd", "nvme"),)
    assert labels(made) == {"disk": "ssd", "pool": "x"}


def test_a_status_is_no_edit() -> None:
    """What a controller reports in between does not make a form stale."""
    made = ledger()
    seen = made.version(NODE)
    made.write("Node", {**made.manifest(NODE), "status": {"phase": "Running"}})
    made.do(SetLabels("plain", {"disk": "ssd"}, seen))
    assert labels(made) == {"disk": "ssd"}


def test_a_version_that_is_forgotten() -> None:
    """Who saw what nobody knows any longer is told what stands, and what they would change of it."""
    made = ledger()
    with pytest.raises(Conflict) as refused:
        made.do(SetLabels("plain", {"disk": "ssd"}, "1"))
    assert refused.value.theirs == ()
    assert refused.value.yours == (("metadata.labels.disk", "hdd", "ssd"),)
    assert refused.value.standing == made.manifest(NODE)


def test_some_labels() -> None:
    """Some are set and removed, the rest stay; a node that is the same already is not told of."""
    made = ledger()
    made.do(AddNodes([{"metadata": {"name": "other", "labels": {"new": "1"}}}]))
    (fact,) = made.do(PatchLabels(["plain", "other"], {"new": "1"}, ["disk"])).facts
    assert labels(made) == {"new": "1"}
    assert fact.values == {"nodes": ["plain"], "count": 1, "labels": {"new": "1"}, "removed": ["disk"]}


def test_taints() -> None:
    """Taints are told before and after; one that stands keeps its time."""
    made = ledger()
    standing = {"key": "old", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"}
    made.write("Node", {**made.manifest(NODE), "spec": {"taints": [standing]}})
    (fact,) = made.do(SetTaints("plain", [Taint("old", "", "NoExecute"), GPU])).facts
    assert fact.values == {
        "before": ["old:NoExecute"],
        "after": ["old:NoExecute", "dedicated=gpu:NoSchedule"],
    }
    assert made.manifest(NODE)["spec"]["taints"][0] == standing
    assert not made.do(SetTaints("plain", [Taint("old", "", "NoExecute"), GPU])).facts
    made.do(SetTaints("plain", []))
    assert "taints" not in made.manifest(NODE)["spec"]


def test_cordon_and_power() -> None:
    """A cordon is a mark of the spec, a machine that is off an annotation; both can be taken back."""
    made = ledger()
    facts = [
        *made.do(Cordon(["plain"], cordoned=True)).facts,
        *made.do(SetPower(["plain"], on=False)).facts,
    ]
    assert made.manifest(NODE)["spec"]["unschedulable"]
    assert annotations_of(made) == {DOWN_ANNOTATION: "true"}
    facts += made.do(Cordon(["plain"], cordoned=False)).facts
    facts += made.do(SetPower(["plain"], on=True)).facts
    assert "unschedulable" not in made.manifest(NODE)["spec"]
    assert annotations_of(made) == {}
    assert [fact.action for fact in facts] == [
        "node_cordon",
        "node_power_off",
        "node_uncordon",
        "node_power_on",
    ]


def test_pressures() -> None:
    """A machine may report several; what is no pressure is refused."""
    made = ledger()
    made.do(ReportPressure("plain", "DiskPressure", reported=True))
    made.do(ReportPressure("plain", "PIDPressure", reported=True))
    assert annotations_of(made) == {CONDITIONS_ANNOTATION: "DiskPressure,PIDPressure"}
    assert not made.do(ReportPressure("plain", "PIDPressure", reported=True)).facts
    (fact,) = made.do(ReportPressure("plain", "DiskPressure", reported=False)).facts
    assert (fact.action, fact.values) == ("node_pressure_end", {"condition": "DiskPressure"})
    with pytest.raises(Invalid, match="pressure: Unsupported value"):
        made.do(ReportPressure("plain", "PeerPressure", reported=True))


def test_taints_are_patched() -> None:
    """A taint of the same key and effect is replaced, others stay; a key goes with all its effects."""
    made = ledger()
    made.do(SetTaints("plain", [GPU, Taint("old", "", "NoExecute"), Taint("old", "", "NoSchedule")]))
    before = made.manifest(NODE)["spec"]["taints"][0]
    other = Taint("dedicated", "cpu", "NoExecute")
    (fact,) = made.do(PatchTaints(["plain"], [GPU, other], [("old", "")])).facts
    assert (fact.action, fact.values) == (
        "node_taint_patch",
        {"nodes": ["plain"], "count": 1, "taints": [str(GPU), str(other)], "removed": ["old"]},
    )
    assert made.manifest(NODE)["spec"]["taints"][0] == before
    assert [taint_of(raw) for raw in made.manifest(NODE)["spec"]["taints"]] == [GPU, other]
    replaced = Taint("dedicated", "tpu", "NoSchedule")
    made.do(PatchTaints(["plain"], [replaced], [("dedicated", "NoExecute")]))
    assert [taint_of(raw) for raw in made.manifest(NODE)["spec"]["taints"]] == [replaced]
    assert made.do(PatchTaints(["plain"], [replaced], [("gone", "")])).facts == ()
    assert made.do(PatchTaints(["plain"], [], [("dedicated", "NoExecute")])).facts == ()
