"""JSON merge patches and JSON patches, as their RFCs say."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.patching import MOST_COPIED, deeper, json_patch, merge_patch
from controller.engine.admission.shape import DEEPEST
from controller.engine.errors import BadRequest, Unprocessable

STANDING: dict[str, Any] = {"a": {"b": [1, 2]}, "c/d": "x", "t": True}


@pytest.mark.parametrize(
    ("target", "patch", "after"),
    [
        pytest.param({"a": 1, "b": 2}, {"a": None, "c": 3}, {"b": 2, "c": 3}, id="remove and add"),
        pytest.param({"a": {"b": 1}}, {"a": {"c": {"d": None}}}, {"a": {"b": 1, "c": {}}}, id="nested"),
        pytest.param({"a": [1]}, {"a": [2]}, {"a": [2]}, id="lists are replaced"),
        pytest.param({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}, id="a map for a scalar"),
        pytest.param({"a": 1}, "x", "x", id="anything for everything"),
    ],
)
def test_merge_patch(target: Any, patch: Any, after: Any) -> None:
    """RFC 7396."""
    assert merge_patch(target, patch) == after


@pytest.mark.parametrize(
    ("operations", "after"),
    [
        pytest.param([{"op": "add", "path": "/a/b/-", "value": 3}], {"a": {"b": [1, 2, 3]}}, id="append"),
        pytest.param([{"op": "add", "path": "/a/b/0", "value": 0}], {"a": {"b": [0, 1, 2]}}, id="insert"),
        pytest.param(
            [{"op": "replace", "path": "/a/b/1", "value": 9}], {"a": {"b": [1, 9]}}, id="replace a member"
        ),
        pytest.param(
            [{"op": "replace", "path": "/new", "value": 9}], {"new": 9}, id="replace what is not there"
        ),
        pytest.param([{"op": "remove", "path": "/a/b/0"}], {"a": {"b": [2]}}, id="remove a member"),
        pytest.param([{"op": "remove", "path": "/a"}], {"a": None}, id="remove a field"),
        pytest.param([{"op": "replace", "path": "/c~1d", "value": "y"}], {"c/d": "y"}, id="escaped"),
        pytest.param([{"op": "copy", "from": "/a/b", "path": "/e"}], {"e": [1, 2]}, id="copy"),
        pytest.param([{"op": "move", "from": "/a/b", "path": "/e"}], {"a": {}, "e": [1, 2]}, id="move"),
        pytest.param([{"op": "test", "path": "/a/b/0", "value": 1}], {}, id="a test that holds"),
        pytest.param([{"op": "add", "path": "", "value": {"n": 1}}], "all", id="the whole"),
    ],
)
def test_json_patch(operations: list[dict[str, Any]], after: Any) -> None:
    """RFC 6902; the object that was given stays as it is."""
    patched = json_patch(STANDING, operations)
    if after == "all":
        assert patched == {"n": 1}
    else:
        expected = {**STANDING, **after}
        assert patched == {key: value for key, value in expected.items() if value is not None}
    assert STANDING["a"] == {"b": [1, 2]}


@pytest.mark.parametrize(
    ("operations", "error"),
    [
        pytest.param({}, BadRequest, id="no list"),
        pytest.param([1], BadRequest, id="no operation"),
        pytest.param([{"op": "explode", "path": "/a"}], Unprocessable, id="unknown operation"),
        pytest.param([{"op": "add", "path": "/a"}], BadRequest, id="no value"),
        pytest.param([{"op": "remove", "path": "a"}], BadRequest, id="no pointer"),
        pytest.param([{"op": "remove"}], BadRequest, id="no path"),
        pytest.param([{"op": "test", "path": "/a", "value": 1}] * 10_001, BadRequest, id="too many"),
        pytest.param([{"op": "test", "path": "/t", "value": 1}], Unprocessable, id="true is not 1"),
        pytest.param([{"op": "remove", "path": "/nowhere"}], Unprocessable, id="no such field"),
        pytest.param([{"op": "remove", "path": "/a/nowhere/x"}], Unprocessable, id="no such way"),
        pytest.param([{"op": "remove", "path": "/a/b/7"}], Unprocessable, id="no such member"),
        pytest.param([{"op": "replace", "path": "/a/b/x", "value": 1}], Unprocessable, id="no index"),
        pytest.param(
            [{"op": "add", "path": "/c~1d/x", "value": 1}], Unprocessable, id="a scalar has no fields"
        ),
        pytest.param([{"op": "add", "path": "", "value": 1}], Unprocessable, id="no map is left"),
        pytest.param([{"op": "remove", "path": "/a/b/" + "0" * 5000}], Unprocessable, id="zeros"),
        pytest.param([{"op": "move", "from": "/a", "path": "/a/b"}], Unprocessable, id="into itself"),
    ],
)
def test_patches_that_cannot_be_applied(operations: Any, error: type[Exception]) -> None:
    """What cannot be read is BadRequest, what does not fit the object is Unprocessable."""
    with pytest.raises(error):
        json_patch(STANDING, operations)


def test_copies_that_double_are_refused() -> None:
    """Each of a few operations copies all that the ones before made: what is copied is counted in all."""
    double = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(40)]
    with pytest.raises(BadRequest, match=f"a patch can copy {MOST_COPIED} bytes in all: send the values"):
        json_patch({"a": "x" * 1000}, double)


@pytest.mark.parametrize("name", ["add", "replace"])
def test_a_patch_cannot_nest_without_end(name: str) -> None:
    """Each operation puts something deep into the deepest of the ones before."""
    deep: Any = {}
    for _ in range(DEEPEST - 2):
        deep = {"a": deep}
    path = "/a" * (DEEPEST - 2)
    once = [{"op": "add", "path": "/a", "value": deep}]
    assert json_patch({}, once)
    with pytest.raises(BadRequest, match=f"more than {DEEPEST} levels deep"):
        json_patch({"a": {"a": {}}}, [*once, {"op": name, "path": f"{path}/a", "value": {"a": {"a": {}}}}])


@pytest.mark.parametrize(
    ("value", "levels", "is_deeper"),
    [(1, 0, False), ([], 0, True), ([], 1, False), ({"a": [1, {}]}, 2, True), ({"a": [1, {}]}, 3, False)],
)
def test_levels_are_maps_and_lists(value: Any, levels: int, *, is_deeper: bool) -> None:
    """A text or a number is no level."""
    assert deeper(value, levels) is is_deeper
