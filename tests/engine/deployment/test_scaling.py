"""A number of pods is shared out among the sets of a Deployment by their sizes."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.deployment.scaling import is_scaled, scaled
from controller.engine.views import Deployment, ReplicaSet
from tests.engine.deployment.parts import deployment, one, sets

RECREATE: dict[str, Any] = {"strategy": {"type": "Recreate"}}


def sizes(owner: Deployment, new: ReplicaSet | None, *old: ReplicaSet) -> dict[str, int]:
    """Return what each set is asked for."""
    return {order.of.name: order.replicas for order in scaled(owner, sets(new, *old))}


@pytest.mark.parametrize(
    ("before", "wanted", "expected"),
    [
        # (replicas and surge before), then (old, new) and what becomes of them
        ((10, 5), (20, 5), (17, 8)),
        ((10, 5), (5, 5), (7, 3)),
        ((10, 5), (0, 5), (0, 0)),
        ((4, 2), (8, 4), (6, 6)),
        ((10, 5), (10, 5), (10, 5)),
    ],
)
def test_each_set_keeps_its_part_of_the_whole(
    before: tuple[int, int], wanted: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Parts are rounded; what is left over goes to the largest, among equals up to the newer."""
    replicas, surge = wanted
    most = sum(before)
    old_size = most // 2 if before == (4, 2) else 10
    old = one("old", old_size, max=most, desired=before[0])
    new = one("new", most - old_size, max=most, desired=before[0])
    found = sizes(deployment(replicas, surge), new, old)
    assert (found["old"], found["new"]) == expected


def test_what_is_left_over_goes_to_the_largest() -> None:
    """Among sets of one size the newest gets more, the oldest gives up first."""
    each = [one(name, 5, max=15, desired=15, revision=at) for at, name in enumerate("abc")]
    assert sizes(deployment(16, 0), each[2], *each[:2]) == {"c": 6, "b": 5, "a": 5}
    assert sizes(deployment(17, 0), each[2], *each[:2]) == {"c": 6, "b": 6, "a": 5}
    assert sizes(deployment(14, 0), each[2], *each[:2]) == {"a": 4, "b": 5, "c": 5}


def test_a_set_that_does_not_know_its_share_goes_by_the_status() -> None:
    """What its Deployment had in all stands for it; without even that it keeps its size."""
    owner = deployment(8, 0, status={"replicas": 4})
    assert sizes(owner, one("new", 2), one("old", 2)) == {"new": 4, "old": 4}
    assert sizes(deployment(8, 0), one("new", 2), one("old", 1)) == {"new": 7, "old": 1}


def test_a_single_set_takes_it_all() -> None:
    """With none the new one does, without a new one the youngest of the old ones."""
    assert sizes(deployment(3), None, one("old", 2), one("off", 0)) == {"old": 3}
    assert sizes(deployment(3), one("new", 0), one("old", 0)) == {"new": 3}
    assert sizes(deployment(3), None, one("older", 0), one("old", 0)) == {"old": 3}
    assert sizes(deployment(0), one("new", 0)) == {}
    assert sizes(deployment(3), None) == {}


def test_beside_a_new_set_that_has_all_the_old_ones_go() -> None:
    """Nothing is left for them to do."""
    assert sizes(deployment(3), one("new", 3, 3, desired=3), one("old", 2)) == {"old": 0}


def test_recreate_shares_nothing() -> None:
    """Two sets with pods are its rollout's business."""
    owner, new, old = deployment(3, **RECREATE), one("new", 2, desired=2), one("old", 2, desired=2)
    assert not is_scaled(owner, sets(new, old))
    assert is_scaled(owner, sets(new))
    assert sizes(owner, new, old) == {}


def test_a_set_that_was_never_given_a_share_tells_of_no_scaling() -> None:
    """Only one that knows another number does."""
    assert not is_scaled(deployment(3), sets(one("new", 2)))
    assert not is_scaled(deployment(3), sets(one("new", 0, desired=2)))
    assert is_scaled(deployment(3), sets(one("new", 2, desired=2)))
