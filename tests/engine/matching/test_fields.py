"""The fields of objects that can be selected by."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.errors import BadRequest
from controller.engine.matching import fields
from controller.engine.matching.selectors import FieldTerm

EVENT = {
    "metadata": {"name": "e", "namespace": "default"},
    "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default", "uid": "u"},
    "reason": "Scheduled",
    "type": "Normal",
    "source": {"component": "default-scheduler"},
    "reportingComponent": "scheduler",
}


@pytest.mark.parametrize(
    ("kind", "field", "manifest", "value"),
    [
        ("Pod", "spec.nodeName", {"spec": {"nodeName": "n1"}}, "n1"),
        ("Pod", "spec.nodeName", {"spec": {}}, ""),
        ("Pod", "status.phase", {"spec": {}}, "Pending"),
        ("Pod", "status.phase", {"status": {"phase": "Running"}}, "Running"),
        ("Pod", "status.phase", {"status": None}, "Pending"),
        ("Pod", "spec.hostNetwork", {"spec": {}}, "false"),
        ("Pod", "spec.hostNetwork", {"spec": {"hostNetwork": True}}, "true"),
        ("Pod", "spec.hostNetwork", {"spec": {"hostNetwork": False}}, "false"),
        ("Pod", "status.podIPs", {"status": {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "::1"}]}}, "10.0.0.1,::1"),
        ("Pod", "status.podIPs", {}, ""),
        ("Node", "spec.unschedulable", {"spec": {"unschedulable": True}}, "true"),
        ("Node", "spec.unschedulable", {"spec": "broken"}, "false"),
        ("Namespace", "status.phase", {}, "Active"),
        ("Secret", "type", {"type": "Opaque"}, "Opaque"),
        ("Event", "involvedObject.kind", EVENT, "Pod"),
        ("Event", "source", EVENT, "default-scheduler"),
        ("Event", "source", {"reportingComponent": "scheduler"}, "scheduler"),
        ("Event", "metadata.name", EVENT, "e"),
        ("ConfigMap", "metadata.name", {"metadata": {"name": "c"}}, "c"),
    ],
)
def test_values(kind: str, field: str, manifest: dict[str, Any], value: str) -> None:
    """A field's value is text; one that is absent is empty, unless Kubernetes has a default for it."""
    assert fields.value(kind, manifest, field) == value


def test_what_changes() -> None:
    """All fields that may change are read at once, those of the name are not among them."""
    read = fields.changing("Event", EVENT)
    assert read["reason"] == "Scheduled"
    assert "metadata.name" not in read
    assert fields.changing("ConfigMap", {}) == {}


@pytest.mark.parametrize(
    ("kind", "group", "asked", "known"),
    [
        ("Pod", "", "spec.nodeName", "spec.nodeName"),
        ("Pod", "", "spec.host", "spec.nodeName"),
        ("Node", "", "name", "metadata.name"),
        ("Event", "", "involvedObject.name", "involvedObject.name"),
        ("Event", "events.k8s.io", "regarding.name", "involvedObject.name"),
        ("Event", "events.k8s.io", "reportingController", "reportingComponent"),
        ("Event", "events.k8s.io", "reason", "reason"),
        ("DaemonSet", "apps", "metadata.namespace", "metadata.namespace"),
    ],
)
def test_known_fields(kind: str, group: str, asked: str, known: str) -> None:
    """A field is known under its name in the group that was asked, and under some older names."""
    assert fields.known(kind, group, (FieldTerm(asked, "x", other=True),)) == (
        FieldTerm(known, "x", other=True),
    )


@pytest.mark.parametrize(
    ("kind", "group", "asked", "said"),
    [
        ("Pod", "", "spec.replicas", "field label not supported: spec.replicas"),
        ("Event", "", "regarding.name", "field label not supported: regarding.name"),
        ("Event", "events.k8s.io", "involvedObject.name", "field label not supported: involvedObject.name"),
        (
            "DaemonSet",
            "apps",
            "status.phase",
            '"status.phase" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_unknown_fields(kind: str, group: str, asked: str, said: str) -> None:
    """A field that a kind cannot be selected by is refused, in Kubernetes' two ways of saying so."""
    with pytest.raises(BadRequest) as refused:
        fields.known(kind, group, (FieldTerm(asked, "x"),))
    assert refused.value.sentence == said
