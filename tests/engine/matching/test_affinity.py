"""Node selectors and required node affinity; the operators themselves are in test_labels."""

from __future__ import annotations

import pytest

from controller.engine.matching.affinity import affinity_matches, node_selector_matches
from controller.engine.objects import Manifest
from tests.builders import required_affinity

LABELS = {"zone": "a", "cores": "16"}
NAME = "n1"
ZONE_A = {"key": "zone", "operator": "In", "values": ["a"]}
ZONE_B = {"key": "zone", "operator": "In", "values": ["b"]}
HAS_GPU = {"key": "gpu", "operator": "Exists"}
NAMED_N1 = {"key": "metadata.name", "operator": "In", "values": [NAME]}
NAMED_N2 = {"key": "metadata.name", "operator": "In", "values": ["n2"]}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param([{"matchExpressions": [ZONE_A]}], True, id="expression matches"),
        pytest.param([{"matchExpressions": [ZONE_A, HAS_GPU]}], False, id="expressions are ANDed"),
        pytest.param(
            [{"matchExpressions": [ZONE_B]}, {"matchExpressions": [ZONE_A]}], True, id="terms are ORed"
        ),
        pytest.param(
            [{"matchExpressions": [ZONE_B]}, {"matchExpressions": [HAS_GPU]}], False, id="no term matches"
        ),
        pytest.param([{}], False, id="an empty term matches nothing"),
        pytest.param([{}, {"matchExpressions": [ZONE_A]}], True, id="an empty term spoils no other"),
        pytest.param([], False, id="no terms match nothing"),
        pytest.param([{"matchFields": [NAMED_N1]}], True, id="field matches the name"),
        pytest.param([{"matchFields": [NAMED_N2]}], False, id="field names another node"),
        pytest.param(
            [{"matchFields": [NAMED_N1], "matchExpressions": [ZONE_B]}], False, id="fields and expressions"
        ),
        pytest.param(
            [{"matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["n2"]}]}],
            True,
            id="field refuses another name",
        ),
        pytest.param(
            [{"matchFields": [{"key": "spec.unschedulable", "operator": "NotIn", "values": ["true"]}]}],
            False,
            id="an unknown field matches nothing",
        ),
    ],
)
def test_required_affinity(terms: list[Manifest], *, expected: bool) -> None:
    """One term must match, and in a term everything."""
    affinity = required_affinity(*terms)["nodeAffinity"]

    assert affinity_matches(affinity, LABELS, NAME) is expected


@pytest.mark.parametrize(
    "affinity",
    [
        pytest.param(None, id="none"),
        pytest.param({}, id="empty"),
        pytest.param(
            {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 1, "preference": {"matchExpressions": [ZONE_B]}}
                ]
            },
            id="preferred only",
        ),
    ],
)
def test_nothing_required(affinity: Manifest | None) -> None:
    """Without required affinity every node will do; a preference forbids none."""
    assert affinity_matches(affinity, LABELS, NAME)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param({"zone": "a"}, True, id="has the label"),
        pytest.param({"zone": "b"}, False, id="another value"),
        pytest.param({"zone": "a", "disk": "ssd"}, False, id="one is missing"),
        pytest.param({"zone": ""}, False, id="an empty value is not any value"),
        pytest.param({}, True, id="empty"),
        pytest.param(None, True, id="none"),
    ],
)
def test_node_selector(selector: dict[str, str] | None, *, expected: bool) -> None:
    """A node selector wants every one of its labels, exactly."""
    assert node_selector_matches(selector, LABELS) is expected
