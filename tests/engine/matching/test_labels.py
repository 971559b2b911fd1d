"""Label selectors: every operator, and what a missing label or a bad number does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.matching.labels import Requirement, integer, labels_text, matches
from controller.engine.objects import Manifest

REQUIREMENTS = [
    pytest.param("In", ["a", "b"], "b", True, id="in - one of the values"),
    pytest.param("In", ["a", "b"], "c", False, id="in - another value"),
    pytest.param("In", ["a"], None, False, id="in - label missing"),
    pytest.param("In", [""], "", True, id="in - an empty value is a value"),
    pytest.param("NotIn", ["a"], "b", True, id="not-in - another value"),
    pytest.param("NotIn", ["a"], "a", False, id="not-in - the value"),
    pytest.param("NotIn", ["a"], None, True, id="not-in - label missing"),
    pytest.param("Exists", [], "", True, id="exists - even if empty"),
    pytest.param("Exists", [], None, False, id="exists - label missing"),
    pytest.param("DoesNotExist", [], None, True, id="does-not-exist - label missing"),
    pytest.param("DoesNotExist", [], "a", False, id="does-not-exist - label there"),
    pytest.param("Gt", ["8"], "9", True, id="gt - above"),
    pytest.param("Gt", ["8"], "8", False, id="gt - equal"),
    pytest.param("Gt", ["8"], "16", True, id="gt - compares numbers, not texts"),
    pytest.param("Gt", ["-3"], "-2", True, id="gt - negative numbers"),
    pytest.param("Gt", ["8"], None, False, id="gt - label missing"),
    pytest.param("Gt", ["8"], "many", False, id="gt - label is no integer"),
    pytest.param("Gt", ["8"], "9.5", False, id="gt - a fraction is no integer"),
    pytest.param("Gt", ["few"], "9", False, id="gt - value is no integer"),
    pytest.param("Gt", ["1", "2"], "9", False, id="gt - two values say nothing"),
    pytest.param("Lt", ["8"], "7", True, id="lt - below"),
    pytest.param("Lt", ["8"], "8", False, id="lt - equal"),
    pytest.param("Lt", ["8"], None, False, id="lt - label missing"),
    pytest.param("Lt", ["8"], "", False, id="lt - empty label is no integer"),
    pytest.param("Like", ["a"], "a", False, id="unknown operator matches nothing"),
]


@pytest.mark.parametrize(("operator", "values", "value", "expected"), REQUIREMENTS)
def test_requirement(operator: str, values: list[str], value: str | None, *, expected: bool) -> None:
    """Each operator compares the label, or its absence, with its values."""
    labels = {} if value is None else {"key": value}

    assert Requirement("key", operator, tuple(values)).matches(labels) is expected


@given(st.integers(), st.integers())
def test_gt_and_lt_compare_integers_of_64_bits(had: int, wanted: int) -> None:
    """Gt and Lt are the order of integers; beyond 64 bits nothing is an integer."""
    labels = {"key": str(had)}
    counts = integer(str(had)) is not None and integer(str(wanted)) is not None

    assert Requirement("key", "Gt", (str(wanted),)).matches(labels) is (counts and had > wanted)
    assert Requirement("key", "Lt", (str(wanted),)).matches(labels) is (counts and had < wanted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("+7", 7, id="plus sign"),
        pytest.param("007", 7, id="leading zeros"),
        pytest.param(str(2**63 - 1), 2**63 - 1, id="largest"),
        pytest.param(str(2**63), None, id="too large"),
        pytest.param(str(-(2**63)), -(2**63), id="smallest"),
        pytest.param("1_000", None, id="underscore"),
        pytest.param(" 7", None, id="space"),
        pytest.param("\N{ARABIC-INDIC DIGIT SEVEN}", None, id="digit of another script"),
    ],
)
def test_integer(text: str, expected: int | None) -> None:
    """An integer is written in ASCII digits and fits 64 bits."""
    assert integer(text) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param({"matchLabels": {"app": "web"}}, True, id="label equal"),
        pytest.param({"matchLabels": {"app": "db"}}, False, id="label different"),
        pytest.param({"matchLabels": {"app": "web", "tier": "x"}}, False, id="one label missing"),
        pytest.param(
            {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]},
            True,
            id="expression",
        ),
        pytest.param(
            {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
            False,
            id="both must match",
        ),
        pytest.param({}, True, id="empty selects all"),
        pytest.param(None, False, id="none selects nothing"),
    ],
)
def test_selector(selector: Manifest | None, *, expected: bool) -> None:
    """A label selector's labels and expressions must all match."""
    assert matches(selector, {"app": "web"}) is expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"key": "zone", "operator": "In", "values": ["a", "b"]}, id="with values"),
        pytest.param({"key": "gpu", "operator": "Exists"}, id="without values"),
    ],
)
def test_requirement_is_written_as_it_was_read(raw: Manifest) -> None:
    """Reading and writing a requirement changes nothing."""
    assert Requirement.read(raw).manifest == raw


def test_labels_in_one_line_are_sorted() -> None:
    """So that what is shown does not depend on the order in which they were written."""
    assert labels_text({"b": "2", "a": "1"}) == "a=1,b=2"
    assert labels_text(None) == ""
