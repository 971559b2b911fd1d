"""One change under one strategy, played out in memory."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.errors import Invalid, NotFound
from controller.engine.whatif.simulation import Ended
from controller.queries.race import Entrant, Lane, race_lane
from tests.clusters import PERSON, cluster, row_of, with_daemonset
from tests.stepping import SET

pytestmark = pytest.mark.django_db


def ran(
    tried: int, *given: int | str, type_: str = "RollingUpdate", container: str = "", image: str = ""
) -> Lane:
    """Return how a strategy fares: maxUnavailable, maxSurge and minReadySeconds."""
    unavailable, surge, ready = given
    entrant = Entrant(type_, unavailable, surge, int(ready))
    return race_lane(cluster=tried, **SET, actor=PERSON, entrant=entrant, container=container, image=image)


def test_strategies_differ() -> None:
    """More at once is quicker and leaves fewer; a surge leaves all and needs more pods."""
    tried = cluster(nodes=4)
    with_daemonset(tried)
    models.Cluster.objects.filter(pk=tried).update(start_delay=2, stop_delay=2)
    before = row_of(tried).number
    one, half = ran(tried, 1, 0, 0), ran(tried, "50%", 0, 0)
    surge = ran(tried, 0, "50%", 0)

    assert [lane.done for lane in (one, half, surge)] == [True] * 3
    assert (one.seconds, half.seconds) == (16.0, 8.0)
    assert (one.course.lowest.available, half.course.lowest.available) == (3, 2)
    assert (surge.course.most_unavailable, surge.course.most_pods - surge.before.pods) == (0, 2)
    assert {lane.before[1:3] for lane in (one, half, surge)} == {(4, 4)}
    assert row_of(tried).number == before


def test_what_does_not_end() -> None:
    """OnDelete replaces nothing; an image that cannot be pulled comes to a stand; time may be too short."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    waiting = ran(tried, 1, 0, 0, type_="OnDelete")
    stuck = ran(tried, 1, 0, 0, container="nginx", image="nginx:does-not-exist")
    entrant = Entrant("RollingUpdate", 1, 0, 0)
    short = race_lane(cluster=tried, **SET, actor=PERSON, entrant=entrant, patience=0)

    assert (waiting.done, waiting.left, waiting.ended) == (False, 3, Ended.AT_REST)
    assert (stuck.done, stuck.left, stuck.ended) == (False, 3, Ended.AT_REST)
    assert (short.done, short.ended) == (False, Ended.STOPPED)


def test_what_cannot_race() -> None:
    """Bounds that the API server refuses, a container that is not there, a set that is not there."""
    tried = cluster(nodes=1)
    with pytest.raises(NotFound):
        ran(tried, 1, 0, 0)
    with_daemonset(tried)
    with pytest.raises(Invalid):
        ran(tried, 0, 0, 0)
    with pytest.raises(NotFound):
        ran(tried, 1, 0, 0, container="nobody", image="a:1")
