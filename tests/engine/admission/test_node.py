"""Nodes: taints, capacity, and what an update may change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import created, node, said, updated

EFFECTS = 'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'


@pytest.mark.parametrize(
    ("taint", "beginnings"),
    [
        (
            {"key": "a b", "effect": "NoSchedule"},
            ['metadata.taints[0].key: Invalid value: "a b": name part must'],
        ),
        (
            {"key": "a", "value": "b c", "effect": "NoSchedule"},
            ['metadata.taints[0].value: Invalid value: "b c": a valid'],
        ),
        ({"key": "a"}, ["metadata.taints[0].effect: Required value"]),
        (
            {"key": "a", "effect": "Nope"},
            [f'metadata.taints[0].effect: Unsupported value: "Nope": {EFFECTS}'],
        ),
    ],
)
def test_a_faulty_taint_is_refused(taint: dict[str, str], beginnings: list[str]) -> None:
    """Key, value and effect have their grammars; the server's path starts from the metadata."""
    told = said(node(taints=[taint]))

    assert [text[: len(begin)] for text, begin in zip(told, beginnings, strict=True)] == beginnings


def test_taints_are_unique_by_key_and_effect() -> None:
    """The same key may stand there once for each effect."""
    twice = [{"key": "a", "value": value, "effect": "NoSchedule"} for value in ("1", "2")]

    assert said(node(taints=[twice[0], {"key": "a", "effect": "NoExecute"}])) == []
    assert said(node(taints=twice)) == [
        (
            "metadata.taints[1]: Duplicate value: "
            '{"Key":"a","Value":"2","Effect":"NoSchedule","TimeAdded":null}: '
            "taints must be unique by key and effect pair"
        )
    ]


def test_a_new_node_bears_the_mark_of_a_node_that_has_not_reported() -> None:
    """Nothing is placed on a node before its kubelet has reported; its own taints stay."""
    own = {"key": "gpu", "value": "true", "effect": "NoSchedule"}
    mark = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}

    assert created(node())["spec"]["taints"] == [mark]
    assert created(node(taints=[own, mark]))["spec"]["taints"] == [own, mark]


def test_capacity_given_at_birth_is_kept_and_nothing_else_of_the_status() -> None:
    """What a node has is told at birth; what it does is its kubelet's to tell."""
    manifest = node()
    manifest["status"] = {
        "capacity": {"cpu": "0.5", "memory": "1024Mi", "pods": 110},
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    kept = {"cpu": "500m", "memory": "1Gi", "pods": "110"}

    assert created(manifest)["status"] == {"capacity": kept, "allocatable": kept}
    assert created(node())["status"] == {}


def test_faulty_amounts_are_refused() -> None:
    """An amount is not negative, and pods are counted whole."""
    manifest = node()
    manifest["status"] = {"capacity": {"cpu": "-1"}, "allocatable": {"pods": "1.5"}}

    assert said(manifest) == [
        'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
        'status.allocatable.pods: Invalid value: "1500m": must be an integer',
    ]


@pytest.mark.parametrize("cidr", ["10.0.0.0", "10.0.0.0/33", "x/8"])
def test_an_address_range_is_a_cidr(cidr: str) -> None:
    """PodCIDRs are networks."""
    sentence = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

    assert said(node(podCIDRs=["10.0.0.1/24", cidr])) == [
        f'spec.podCIDRs[1]: Invalid value: "{cidr}": {sentence}'
    ]


def test_labels_taints_and_cordon_may_change() -> None:
    """An update of these is taken; the status stays the kubelet's."""
    old = created(node())
    new = node(unschedulable=True, taints=[{"key": "a", "effect": "NoExecute"}], providerID="sim://1")
    new["metadata"]["labels"] = {"disk": "ssd"}
    new["status"] = {"capacity": {"cpu": "1"}}
    taken = updated({**old, "status": {"phase": "x"}}, new)

    assert taken["spec"] == new["spec"]
    assert taken["metadata"]["labels"] == {"disk": "ssd"}
    assert taken["status"] == {"phase": "x"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {"podCIDR": "10.0.0.0/24"},
            {"podCIDR": "10.1.0.0/24"},
            ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
        ),
        (
            {},
            {"externalID": "x"},
            [
                (
                    "[]: Forbidden: node updates may only change labels, taints, or capacity "
                    "(or configSource, if the DynamicKubeletConfig feature gate is enabled)"
                )
            ],
        ),
        ({}, {"taints": [{"key": "a"}]}, ["metadata.taints[0].effect: Required value"]),
    ],
)
def test_the_rest_of_a_node_is_fixed(before: dict[str, Any], after: dict[str, Any], told: list[str]) -> None:
    """Addresses and identities of a machine do not change."""
    assert said(node(**after), created(node(**before))) == told
