"""``kubectl scale``: the subresource that says how many pods a workload asks for."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.edits.objects import CreateAll, PatchType
from controller.engine.edits.scale import PatchScale, ReplaceScale, scale_of
from controller.engine.errors import BadRequest, Conflict, Invalid
from controller.engine.objects import Manifest
from tests.engine.edits.ledger import Ledger

TEMPLATE: Manifest = {
    "metadata": {"labels": {"app": "web", "tier": "front"}},
    "spec": {"containers": [{"name": "main", "image": "web:1"}]},
}
EXPRESSIONS = [
    {"key": "tier", "operator": "In", "values": ["front", "back"]},
    {"key": "old", "operator": "DoesNotExist"},
    {"key": "app", "operator": "Exists"},
]
KEY = ("ReplicaSet", "default", "web")


OLD = ("ReplicationController", "default", "old")


def made() -> Ledger:
    """Return a cluster with a set of three and a controller of none."""
    ledger = Ledger()
    spec = {"replicas": 3, "selector": {"matchExpressions": EXPRESSIONS}, "template": TEMPLATE}
    old = {"template": TEMPLATE, "replicas": 0}
    ledger.do(
        CreateAll(
            [
                ("Namespace", {"metadata": {"name": "default"}}),
                ("ReplicaSet", {"metadata": {"name": "web"}, "spec": spec}),
                ("ReplicationController", {"metadata": {"name": "old"}, "spec": old}),
            ]
        )
    )
    return ledger


def test_a_scale_tells_what_is_asked_for_and_selected() -> None:
    """The selector stands in one line, sorted; no replicas are not written."""
    ledger = made()
    scale = scale_of(ledger.manifest(KEY))
    assert scale["spec"] == {"replicas": 3}
    assert scale["status"] == {"replicas": 0, "selector": "app,!old,tier in (back,front)"}
    assert scale["metadata"]["resourceVersion"] == ledger.version(KEY)
    assert scale_of(ledger.manifest(OLD))["spec"] == {}
    assert scale_of(ledger.manifest(OLD))["status"]["selector"] == "app=web,tier=front"


@pytest.mark.parametrize(
    "request_",
    [
        ReplaceScale(KEY, {"spec": {"replicas": 5}}),
        PatchScale(KEY, PatchType.MERGE, {"spec": {"replicas": 5}}),
        PatchScale(KEY, PatchType.STRATEGIC, {"spec": {"replicas": 5}}),
        PatchScale(KEY, PatchType.JSON, [{"op": "replace", "path": "/spec/replicas", "value": 5}]),
    ],
)
def test_a_scale_is_written(request_: ReplaceScale | PatchScale) -> None:
    """Nothing but the number changes, and the audit list is told."""
    ledger = made()
    decision = ledger.do(request_)
    assert ledger.manifest(KEY)["spec"]["replicas"] == 5
    assert [fact.action for fact in decision.facts] == ["object_scale"]
    assert ledger.do(request_).changes == ()


def test_a_scale_may_be_conditional() -> None:
    """A resourceVersion that is not the standing one is a conflict."""
    with pytest.raises(Conflict):
        made().do(ReplaceScale(KEY, {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 5}}))


@pytest.mark.parametrize("spec", [{"replicas": "5"}, {"replicas": True}, {"replicas": 2**31}, [3]])
def test_a_scale_of_a_wrong_type_is_refused(spec: Any) -> None:
    """It is a whole number of 32 bits."""
    with pytest.raises(BadRequest):
        made().do(ReplaceScale(KEY, {"spec": spec}))


def test_fewer_than_none_is_refused() -> None:
    """In the words of the API server."""
    said = r'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than'
    with pytest.raises(Invalid, match=said):
        made().do(ReplaceScale(KEY, {"spec": {"replicas": -1}}))
