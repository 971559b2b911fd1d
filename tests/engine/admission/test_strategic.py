"""Strategic merge patches: what apimachinery's strategicpatch does, on the fields that clients patch."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.strategic import strategic_merge
from controller.engine.errors import BadRequest


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    """Return a pod of these containers; a word stands for a container of that name."""
    named = [{"name": each} if isinstance(each, str) else each for each in containers]
    return {"spec": {**({"containers": named} if named else {}), **spec}}


def names(manifest: dict[str, Any]) -> list[str]:
    """Return the names of a pod's containers in their order."""
    return [each["name"] for each in manifest["spec"]["containers"]]


@pytest.mark.parametrize(
    ("standing", "patch", "after"),
    [
        pytest.param(
            pod("main"), pod({"name": "extra", "image": "x"}), ["extra", "main"], id="new ones first"
        ),
        pytest.param(pod("a", "b", "c"), pod("b"), ["a", "b", "c"], id="a known one stays in its place"),
        pytest.param(pod("a", "b"), pod("b", "a"), ["b", "a"], id="the patch orders what it names"),
        pytest.param(pod("a", "b"), pod({"$patch": "delete", "name": "a"}), ["b"], id="delete"),
        pytest.param(pod("a", "b"), pod({"$patch": "replace"}, "c"), ["c"], id="replace the list"),
        pytest.param(
            pod("a", "b"),
            {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}},
            ["b", "a"],
            id="order alone",
        ),
        pytest.param(
            pod("a", "server", "b"),
            {
                "spec": {
                    "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                    "containers": [{"name": "b"}],
                }
            },
            ["server", "b", "a"],
            id="members that the order does not know stay in front of what they stood before",
        ),
    ],
)
def test_lists_with_a_merge_key(standing: dict[str, Any], patch: dict[str, Any], after: list[str]) -> None:
    """Members merge by key, in the order that the patch gives."""
    assert names(strategic_merge("Pod", standing, patch)) == after


@pytest.mark.parametrize(
    ("standing", "patch", "after"),
    [
        pytest.param(
            {"metadata": {"labels": {"a": "1", "b": "2"}}},
            {"metadata": {"labels": {"a": None}}},
            {"metadata": {"labels": {"b": "2"}}},
            id="null removes",
        ),
        pytest.param(
            {},
            {"metadata": {"labels": {"a": None, "b": "1"}}},
            {"metadata": {"labels": {"b": "1"}}},
            id="null of nothing is nothing",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"$patch": "replace", "b": "2"}}},
            {"metadata": {"labels": {"b": "2"}}},
            id="replace a map",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"$patch": "delete"}}},
            {"metadata": {"labels": {}}},
            id="empty a map",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"finalizers": ["c", "a"]}},
            {"metadata": {"finalizers": ["c", "a", "b"]}},
            id="scalars join without doubles",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
            {"metadata": {"finalizers": ["b"]}},
            id="scalars go by name",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"$setElementOrder/finalizers": ["b", "a"]}},
            {"metadata": {"finalizers": ["b", "a"]}},
            id="scalars in order",
        ),
        pytest.param(
            pod(tolerations=[{"key": "a"}]),
            pod(tolerations=[{"key": "b"}]),
            pod(tolerations=[{"key": "b"}]),
            id="atomic lists are replaced",
        ),
        pytest.param(
            pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
            pod(volumes=[{"name": "v", "$retainKeys": ["name", "emptyDir"], "emptyDir": {}}]),
            pod(volumes=[{"name": "v", "emptyDir": {}}]),
            id="retain some keys",
        ),
        pytest.param(
            pod("a"),
            pod({"name": "a", "env": [{"name": "X", "value": "1"}]}),
            pod({"name": "a", "env": [{"name": "X", "value": "1"}]}),
            id="lists in lists",
        ),
        pytest.param(
            {},
            {
                "metadata": {
                    "$deleteFromPrimitiveList/finalizers": ["a"],
                    "$setElementOrder/finalizers": ["b"],
                }
            },
            {"metadata": {}},
            id="directives about a list that is not there",
        ),
        pytest.param(
            {"spec": "odd"},
            {"spec": {"a": {"$patch": "merge", "b": 1}}},
            {"spec": {"a": {"b": 1}}},
            id="a map takes the place of a scalar",
        ),
    ],
)
def test_fields(standing: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]) -> None:
    """Maps merge field by field, and the directives do what they say."""
    assert strategic_merge("Pod", standing, patch) == after


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        pytest.param([], "a strategic merge patch is a map", id="no map"),
        pytest.param({"$patch": "explode"}, "Unknown patch type: explode", id="unknown directive"),
        pytest.param({"$explode": 1}, "Unknown directive", id="unknown key"),
        pytest.param(pod({"image": "x"}), "does not contain declared merge key: name", id="no merge key"),
        pytest.param({"status": {"conditions": [[]]}}, "declared merge key: type", id="a list among maps"),
        pytest.param({"spec": {"containers": ["x"]}}, "declared merge key: name", id="a scalar among maps"),
        pytest.param({"$patch": []}, "Unknown patch type", id="a directive that is a list"),
        pytest.param({"metadata": {"finalizers": [{}]}}, "list of scalars", id="maps among scalars"),
        pytest.param({"metadata": {"$retainKeys": "a"}}, "is no list", id="a directive of the wrong type"),
    ],
)
def test_patches_that_cannot_be_read(patch: Any, said: str) -> None:
    """They are refused in a sentence."""
    with pytest.raises(BadRequest, match=said):
        strategic_merge("Pod", pod("a"), patch)
