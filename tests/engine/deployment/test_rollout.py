"""The steps of a rollout: its bounds hold at every step, and it ends if pods become ready."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.controllers.deployment import sets_of
from controller.engine.deployment.rollout import available, recreate_step, rolling_step
from controller.engine.deployment.scaling import is_scaled
from controller.engine.deployment.strategy import Bounds, bounds_of, is_paused, is_recreated
from controller.engine.settings import Settings
from tests.engine.controllers.test_deployment import WEB, Deployed
from tests.engine.deployment.parts import deployment, one, sets

SHARES = st.sampled_from([0, 1, 2, "25%", "50%", "100%"])


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (4, "25%", "25%", Bounds(5, 3)),
        (10, "25%", "25%", Bounds(13, 8)),
        (1, "25%", "25%", Bounds(2, 1)),
        (3, "1%", 0, Bounds(4, 3)),
        (3, 0, "1%", Bounds(3, 2)),
        (2, 0, 5, Bounds(2, 0)),
        (0, "50%", "50%", Bounds(0, 0)),
    ],
)
def test_shares_are_of_the_replicas(
    replicas: int, surge: int | str, unavailable: int | str, expected: Bounds
) -> None:
    """The surge rounds up, what is unavailable down; one pod may be unavailable where both are none."""
    assert bounds_of(deployment(replicas, surge, unavailable)) == expected


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        # sizes and how many of them are available
        ((0, 0), [(4, 4)], {"new": 1}),
        ((1, 0), [(4, 4)], {"old-0": 3}),
        ((1, 0), [(4, 2)], {"old-0": 3}),
        ((2, 0), [(3, 3)], {}),
        ((6, 4), [(1, 1)], {"new": 4}),
        ((1, 1), [(1, 1), (3, 1)], {"old-1": 1}),
        ((1, 1), [(2, 2), (2, 2)], {"old-0": 0}),
        ((4, 4), [(1, 1)], {"old-0": 0}),
    ],
)
def test_a_step(new: tuple[int, int], old: list[tuple[int, int]], expected: dict[str, int]) -> None:
    """The new set first; of the old ones those that are not available, whoever has them, then the oldest."""
    kept = [one(f"old-{at}", *size) for at, size in enumerate(old)]
    step = rolling_step(deployment(4), sets(one("new", *new), *kept))
    assert {order.of.name: order.replicas for order in step} == expected


def test_without_a_new_set_there_is_no_step() -> None:
    """It has to be made first."""
    assert rolling_step(deployment(4), sets(None, one("old", 4, 4))) == []


def test_recreate_waits_for_what_old_sets_have_not_told_yet() -> None:
    """A set that has not seen its last number may have pods."""
    old = one("old", 0)
    behind = type(old).read(
        {**old.manifest, "metadata": {**old.manifest["metadata"], "generation": 2}}, old.timers
    )
    owner, new = deployment(2, strategy={"type": "Recreate"}), one("new", 0)
    assert recreate_step(owner, sets(new, behind)) == []
    assert [order.replicas for order in recreate_step(owner, sets(new, old))] == [2]


def told_available(play: Deployed) -> dict[str, int]:
    """Return how many pods of each set are available, as far as it has told and is asked for them."""
    return {each.name: available(each) for each in play.own_sets()}


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 7),
    SHARES,
    SHARES,
    st.lists(
        st.one_of(
            st.tuples(st.just("image"), st.sampled_from(["web:1", "web:2", "web:3", "web:non-existent"])),
            st.tuples(st.just("scale"), st.integers(0, 7)),
            st.tuples(st.just("pause"), st.booleans()),
            st.tuples(st.just("wait"), st.sampled_from([0.5, 3.0, 70.0])),
            st.tuples(st.just("ticks"), st.integers(1, 4)),
            st.tuples(st.just("kill"), st.integers(0, 7)),
            st.tuples(st.just("recreate"), st.booleans()),
        ),
        max_size=12,
    ),
)
def test_bounds_hold_at_every_pass_and_it_ends(
    replicas: int, surge: Any, unavailable: Any, story: list[tuple[str, Any]]
) -> None:
    """Whatever people do, no pass of a rollout asks for more than the most or gives up the least."""
    if not surge and not unavailable:
        unavailable = 1
    shares = f"{{maxSurge: {surge}, maxUnavailable: {unavailable}}}"
    text = WEB.replace("{maxSurge: 1, maxUnavailable: 1}", shares).replace(
        "replicas: 4", f"replicas: {replicas}"
    )
    play = Deployed(text, settings=Settings(0.5, 1, 6))
    rolling = play.web.manifest["spec"]["strategy"]
    for what, value in story:
        edit(play, rolling, what, value)
        check_pass(play)
        assert play.differences() == []
    play.spec(paused=False, strategy=rolling)
    play.image("web:last")
    play.wait(60)
    wanted = play.web.replicas
    assert play.running() == ["web:last"] * wanted
    assert sorted(play.sizes().values()) == sorted([wanted, *[0] * (len(play.own_sets()) - 1)])
    assert play.progressing() == ("True", "NewReplicaSetAvailable")
    assert play.differences() == []


def edit(play: Deployed, rolling: dict[str, Any], what: str, value: Any) -> None:
    """Carry out one edit of a story."""
    match what:
        case "image":
            play.image(value)
        case "scale":
            play.spec(replicas=value)
        case "pause":
            play.spec(paused=value)
        case "recreate":
            play.spec(strategy={"type": "Recreate"} if value else rolling)
        case "wait":
            play.time += value
        case "ticks":
            for _ in range(value):
                check_pass(play)
        case "kill" if standing := play.standing():
            play.delete_pod(standing[value % len(standing)])


def check_pass(play: Deployed) -> None:
    """Run one pass and hold it to the bounds, unless it was one that scaled."""
    bounds, before, told = bounds_of(play.web), sum(play.sizes().values()), told_available(play)
    is_scaling = is_scaled(play.web, sets_of(play.world, play.web))
    play.tick()
    if is_scaling or is_paused(play.web):
        return
    sizes = {each.name: each.replicas for each in play.own_sets()}
    assert sum(sizes.values()) <= max(before, bounds.most)
    if not is_recreated(play.web):
        left = sum(min(count, sizes.get(name, 0)) for name, count in told.items())
        assert left >= min(sum(told.values()), bounds.least)
