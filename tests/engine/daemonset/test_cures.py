"""What cures propose. That they are the smallest: test_smallest_cures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.edits import NodeEdit
from controller.engine.daemonset.placement import Wants, answers
from controller.engine.objects import Manifest, Node
from tests.builders import affinity, expression, name_term, node, required_affinity, template, terms_of

SSD_SELECTOR = {"nodeSelector": {"disk": "ssd"}}
PLAIN = node("plain")
HDD = node("slow", labels={"disk": "hdd", "zone": "a"})


def as_kubectl_writes_it(edit: NodeEdit) -> str:
    """Return an edit of a node as the arguments of kubectl label and kubectl taint."""
    labels = [f"{key}={value}" for key, value in edit.labels]
    return " ".join([*labels, *(f"{gone}-" for gone in (*edit.unlabel, *edit.untaint))])


NODE_CURES = [
    pytest.param(SSD_SELECTOR, PLAIN, "disk=ssd", id="label missing"),
    pytest.param(SSD_SELECTOR, HDD, "disk=ssd", id="label different"),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"))},
        HDD,
        "zone-",
        id="label that is excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"), expression("zone", "Exists"))},
        HDD,
        "zone=true",
        id="excluded, yet must be there",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a", "true"), expression("zone", "Exists"))},
        HDD,
        "zone=true-1",
        id="an invented value keeps clear of what is excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "a", "b"), expression("zone", "NotIn", "a"))},
        HDD,
        "zone=b",
        id="the value that both allow",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        PLAIN,
        "cores=9",
        id="a number above the bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"), expression("cores", "NotIn", "9"))},
        PLAIN,
        "cores=10",
        id="the next number that is not excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "2"), expression("cores", "Lt", "4"))},
        PLAIN,
        "cores=3",
        id="a number between two bounds",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "-7"))},
        PLAIN,
        "cores=0",
        id="no label is below zero",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        PLAIN,
        "cores=7",
        id="a number below the bound",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {"matchExpressions": [expression("gpu", "Exists"), expression("disk", "In", "ssd")]},
                {"matchExpressions": [expression("zone", "In", "b")]},
                {"matchExpressions": [expression("zone", "In", "c")]},
            )
        },
        HDD,
        "zone=b",
        id="the term that wants the fewest edits, then the first",
    ),
    pytest.param(
        {
            "nodeSelector": {"disk": "ssd"},
            "affinity": affinity(expression("disk", "In", "ssd", "hdd")),
        },
        HDD,
        "disk=ssd",
        id="affinity may be content with what the selector sets",
    ),
    pytest.param(
        {
            "nodeSelector": {"disk": "ssd", "gpu": "yes"},
            "affinity": affinity(expression("zone", "DoesNotExist")),
        },
        node(
            "far",
            labels={"zone": "a"},
            taints=["gpu=yes:NoSchedule", "old:NoExecute", "slow:PreferNoSchedule"],
        ),
        "disk=ssd gpu=yes zone- gpu=yes:NoSchedule- old:NoExecute-",
        id="all failing checks at once",
    ),
    pytest.param(
        {},
        node(taints=["node.kubernetes.io/unreachable:NoSchedule"]),
        "node.kubernetes.io/unreachable:NoSchedule-",
        id="a taint that the machine's condition brings back",
    ),
]


@pytest.mark.parametrize(("spec", "on", "expected"), NODE_CURES)
def test_cure_of_a_node(spec: Manifest, on: Node, expected: str) -> None:
    """The cure of a node sets and removes no more labels and taints than it must."""
    parts = template(**spec)
    edit = cure_node(Wants.read(parts), on)

    assert edit is not None
    assert as_kubectl_writes_it(edit) == expected
    after = replace(on, labels=edit.labels_after(on.labels), taints=edit.taints_after(on.taints))
    assert answers(Wants.read(parts), after)[0]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"nodeName": "other"}, id="node-name"),
        pytest.param({"affinity": required_affinity(name_term("other"))}, id="field that names another node"),
        pytest.param(
            {"affinity": required_affinity(name_term("slow", operator="NotIn"))}, id="field that excludes it"
        ),
        pytest.param({"affinity": required_affinity({})}, id="empty term"),
        pytest.param({"affinity": required_affinity()}, id="no terms"),
        pytest.param(
            {
                "nodeSelector": {"disk": "hdd"},
                "affinity": affinity(expression("disk", "NotIn", "hdd")),
            },
            id="selector and affinity contradict",
        ),
        pytest.param({"affinity": affinity(expression("cores", "Lt", "0"))}, id="no label is below zero"),
        pytest.param(
            {"affinity": affinity(expression("cores", "Gt", "many"))},
            id="a bound that is no number",
        ),
        pytest.param({"affinity": affinity(expression("cores", "Gt"))}, id="no bound"),
        pytest.param(
            {"affinity": affinity(expression("zone", "Exists"), expression("zone", "DoesNotExist"))},
            id="there and not there",
        ),
    ],
)
def test_nodes_without_a_cure(spec: Manifest) -> None:
    """Where no label or taint of the node can help, no edit of it is proposed."""
    assert cure_node(Wants.read(template(**spec)), HDD) is None


SET_CURES: list[Any] = [
    pytest.param(
        {"nodeName": "other"},
        HDD,
        None,
        lambda spec: "nodeName" not in spec,
        id="names another node",
    ),
    pytest.param(
        SSD_SELECTOR,
        HDD,
        None,
        lambda spec: "nodeSelector" not in spec,
        id="the only key of the selector",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd", "zone": "a", "gpu": "yes"}},
        HDD,
        None,
        lambda spec: spec["nodeSelector"] == {"zone": "a"},
        id="keys that match stay",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b"))},
        HDD,
        "allow-value zone=a",
        lambda spec: terms_of(spec) == [{"matchExpressions": [expression("zone", "In", "b", "a")]}],
        id="in - one value more",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a", "b"), expression("disk", "Exists"))},
        HDD,
        "allow-excluded zone=a",
        lambda spec: (
            terms_of(spec)
            == [{"matchExpressions": [expression("zone", "NotIn", "b"), expression("disk", "Exists")]}]
        ),
        id="not-in - one value less",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"))},
        HDD,
        "name-node metadata.name=slow",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="not-in - the last value cannot go",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        node(labels={"cores": "4"}),
        "lower-bound cores=3",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["3"],
        id="gt - a lower bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        node("none", labels={"cores": "0"}),
        "name-node metadata.name=none",
        lambda spec: terms_of(spec)[1:] == [name_term("none")],
        id="gt - no bound is below zero",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        node(labels={"cores": "16"}),
        "raise-bound cores=17",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["17"],
        id="lt - a higher bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        node("huge", labels={"cores": str(2**63 - 1)}),
        "name-node metadata.name=huge",
        lambda spec: terms_of(spec)[1:] == [name_term("huge")],
        id="lt - no bound is above 64 bits",
    ),
    pytest.param(
        {"affinity": affinity(expression("gpu", "In", "yes"))},
        HDD,
        "name-node metadata.name=slow",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="a label that the node lacks",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b"), expression("disk", "In", "ssd"))},
        HDD,
        "name-node metadata.name=slow",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="two requirements fail - one term is the smaller edit",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {**name_term("other"), "matchExpressions": [expression("zone", "In", "b")]},
                {"matchExpressions": [expression("disk", "In", "ssd")]},
            )
        },
        HDD,
        "allow-value disk=hdd",
        lambda spec: terms_of(spec)[1]["matchExpressions"][0]["values"] == ["ssd", "hdd"],
        id="the first term that one value more would open",
    ),
    pytest.param(
        {"affinity": required_affinity({})},
        HDD,
        "name-node metadata.name=slow",
        lambda spec: terms_of(spec) == [{}, name_term("slow")],
        id="an empty term",
    ),
    pytest.param(
        {},
        node(
            taints=[
                "gpu=yes:NoSchedule",
                "gpu=no:NoExecute",
                "old:NoSchedule",
                "ops=x:NoExecute",
                "ops=x:NoSchedule",
            ]
        ),
        None,
        lambda spec: (
            spec["tolerations"]
            == [
                {"key": "gpu", "operator": "Exists"},
                {"key": "old", "operator": "Exists", "effect": "NoSchedule"},
                {"key": "ops", "operator": "Equal", "value": "x"},
            ]
        ),
        id="one toleration for a key",
    ),
    pytest.param(
        {
            "nodeName": "other",
            "nodeSelector": {"disk": "ssd"},
            "affinity": affinity(expression("zone", "In", "b")),
            "tolerations": [{"key": "old", "operator": "Exists"}],
        },
        node("far", labels={"zone": "a"}, taints=["gpu=yes:NoSchedule", "old:NoExecute"]),
        "allow-value zone=a",
        lambda spec: len(spec["tolerations"]) == 2,
        id="all failing checks at once",
    ),
]


@pytest.mark.parametrize(("spec", "on", "widening", "holds"), SET_CURES)
def test_cure_of_a_set(
    spec: Manifest, on: Node, widening: str | None, holds: Callable[[Manifest], bool]
) -> None:
    """The cure of a set drops, widens and tolerates no more than it must."""
    parts = template(**spec)
    before = json.dumps(parts)
    edit = cure_set(Wants.read(parts), on)

    assert edit is not None
    widened = edit.affinity and f"{edit.affinity.widening} {edit.affinity.key}={edit.affinity.value}"
    assert widened == widening
    after = edit.apply(parts)
    assert holds(after["spec"])
    assert answers(Wants.read(after), on)[0]
    assert json.dumps(parts) == before
