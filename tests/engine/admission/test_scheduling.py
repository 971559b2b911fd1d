"""Affinity and tolerations.

Each row of a table is one fault, set into a spec that nothing else is wrong with, and how the words
for it begin; test_grammar has the whole of the long ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import Fault, begin, said_of_pod

LABEL = "a lowercase RFC 1123 label must consist of"
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"
NAME_PART = "name part must consist of"
LABEL_VALUE = "a valid label must be an empty string or consist of"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
NODE_TERMS = f"affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms"


def terms(*required: Any) -> dict[str, Any]:
    """Return a pod's affinity with these required node terms."""
    return {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(required)}}}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    """Return one requirement of a selector."""
    return {"key": key, "operator": operator, "values": list(values)}


AFFINITIES: list[Fault] = [
    (terms(), [f"{NODE_TERMS}: Required value: must have at least one node selector term"]),
    (
        terms({"matchExpressions": [expression("disk", "In")]}),
        [
            (
                f"{NODE_TERMS}[0].matchExpressions[0].values: Required value: "
                "must be specified when `operator` is 'In' or 'NotIn'"
            )
        ],
    ),
    (
        terms({"matchExpressions": [expression("disk", "Exists", "x")]}),
        [
            (
                f"{NODE_TERMS}[0].matchExpressions[0].values: Forbidden: "
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            )
        ],
    ),
    (
        terms({}, {"matchExpressions": [expression("cpus", "Gt", "1", "2")]}),
        [
            (
                f"{NODE_TERMS}[1].matchExpressions[0].values: Required value: "
                "must be specified single value when `operator` is 'Lt' or 'Gt'"
            )
        ],
    ),
    (
        terms({"matchExpressions": [expression("a b", "Near", "c d")]}),
        [
            f'{NODE_TERMS}[0].matchExpressions[0].operator: Invalid value: "Near": not a valid',
            f'{NODE_TERMS}[0].matchExpressions[0].key: Invalid value: "a b": {NAME_PART}',
            f'{NODE_TERMS}[0].matchExpressions[0].values[0]: Invalid value: "c d": {LABEL_VALUE}',
        ],
    ),
    (
        terms({"matchFields": [expression("metadata.name", "In", "N1")]}),
        [f'{NODE_TERMS}[0].matchFields[0].values[0]: Invalid value: "N1": {SUBDOMAIN}'],
    ),
    (
        terms({"matchFields": [expression("metadata.uid", "In"), expression("metadata.name", "Gt", "1")]}),
        [
            f"{NODE_TERMS}[0].matchFields[0].values: Required value: must be only one value when",
            f'{NODE_TERMS}[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field',
            f'{NODE_TERMS}[0].matchFields[1].operator: Invalid value: "Gt": not a valid selector operator',
        ],
    ),
    (
        {"affinity": {"nodeAffinity": {PREFERRED: [{"weight": 101}]}}},
        [f"affinity.nodeAffinity.{PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100"],
    ),
    (
        {"affinity": {"podAffinity": {REQUIRED: [{"namespaces": ["A"]}]}}},
        [
            f'affinity.podAffinity.{REQUIRED}[0].namespace: Invalid value: "A": {LABEL}',
            f"affinity.podAffinity.{REQUIRED}[0].topologyKey: Required value: can not be empty",
            f'affinity.podAffinity.{REQUIRED}[0].topologyKey: Invalid value: "": name part must be non-empty',
            f'affinity.podAffinity.{REQUIRED}[0].topologyKey: Invalid value: "": {NAME_PART}',
        ],
    ),
    (
        {
            "affinity": {
                "podAntiAffinity": {
                    PREFERRED: [
                        {
                            "weight": 1,
                            "podAffinityTerm": {
                                "topologyKey": "zone",
                                "labelSelector": {"matchLabels": {"a b": ""}},
                            },
                        }
                    ]
                }
            }
        },
        [
            (
                f"affinity.podAntiAffinity.{PREFERRED}[0].podAffinityTerm.labelSelector.matchLabels: "
                f'Invalid value: "a b": {NAME_PART}'
            )
        ],
    ),
]


@pytest.mark.parametrize(("fields", "beginnings"), AFFINITIES)
def test_a_faulty_affinity_is_refused(fields: dict[str, Any], beginnings: list[str]) -> None:
    """Terms, expressions and weights have their rules."""
    assert begin(said_of_pod(**fields), beginnings)


def test_a_sound_affinity_is_taken() -> None:
    """An empty term matches nothing and is no fault; a preference may name values that no label has."""
    required = [{}, {"matchExpressions": [expression("cpus", "Lt", "8"), expression("disk", "DoesNotExist")]}]
    by_name = {"matchFields": [expression("metadata.name", "NotIn", "n1")]}
    preferred = [{"weight": 1, "preference": {"matchExpressions": [expression("disk", "In", "s s d")]}}]
    affinity = {REQUIRED: {"nodeSelectorTerms": [*required, by_name]}, PREFERRED: preferred}

    assert said_of_pod(affinity={"nodeAffinity": affinity}) == []


TOLERATIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"key": "a b", "operator": "Exists"}, [f'key: Invalid value: "a b": {NAME_PART}']),
    (
        {"operator": "Equal", "value": "x"},
        [
            (
                'operator: Invalid value: "Equal": operator must be Exists when `key` is empty, '
                'which means "match all values and all keys"'
            )
        ],
    ),
    (
        {"key": "a", "tolerationSeconds": 5, "effect": "NoSchedule"},
        ["effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"],
    ),
    ({"key": "a", "value": "b c"}, [f'operator: Invalid value: "b c": {LABEL_VALUE}']),
    (
        {"key": "a", "operator": "Exists", "value": "b"},
        ["operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'"],
    ),
    (
        {"key": "a", "operator": "Lt"},
        ['operator: Unsupported value: "Lt": supported values: "Equal", "Exists", "Lt", "Gt"'],
    ),
    (
        {"key": "a", "effect": "Nope"},
        [
            (
                'effect: Unsupported value: "Nope": '
                'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'
            )
        ],
    ),
]


@pytest.mark.parametrize(("toleration", "beginnings"), TOLERATIONS)
def test_a_faulty_toleration_is_refused(toleration: dict[str, Any], beginnings: list[str]) -> None:
    """Key, operator, value, effect and seconds must go together."""
    told = [text.removeprefix("tolerations[0].") for text in said_of_pod(tolerations=[toleration])]

    assert begin(told, beginnings)


def test_sound_tolerations_are_taken() -> None:
    """All taints, one key, one value, and one for a time."""
    told = said_of_pod(
        tolerations=[
            {"operator": "Exists"},
            {"key": "a"},
            {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"},
            {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0},
        ]
    )

    assert told == []
