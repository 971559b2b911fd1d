"""The standard alerts: when their expressions become true, and when they fire."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.alerts import Alert, AlertName, Sample, alerts
from controller.engine.daemonset.status import Counts

FINE = Counts(desired=3, current=3, ready=3, available=3, updated=3)
MINUTE = 60.0


def state(samples: list[Sample], now: float) -> dict[AlertName, str]:
    """Return of each alert whether it is quiet, pending or firing."""
    return {
        one.name: "quiet" if one.since is None else "firing" if one.is_firing(now) else "pending"
        for one in alerts(samples, now)
    }


def test_a_set_that_is_as_desired_alerts_nobody() -> None:
    """Nor does one of which nothing is known."""
    assert set(state([Sample(0, FINE)], 1e6).values()) == {"quiet"}
    assert set(state([], 1e6).values()) == {"quiet"}


@pytest.mark.parametrize(("minutes", "said"), [(4, "quiet"), (6, "pending"), (19, "pending"), (21, "firing")])
def test_a_rollout_is_stuck_when_its_updated_number_rests(minutes: float, said: str) -> None:
    """Five minutes without a change make the expression true, fifteen more let it fire."""
    samples = [
        Sample(0, FINE),
        Sample(10, Counts(3, 3, 3, 3, 0)),
        Sample(20, Counts(3, 3, 2, 2, 1)),
    ]
    assert state(samples, 20 + minutes * MINUTE)[AlertName.STUCK] == said


def test_a_misscheduled_pod_lets_the_stuck_alert_fire_though_nothing_is_rolled_out() -> None:
    """The hole in its logic: the updated number rests because there is nothing to update."""
    samples = [Sample(0, FINE), Sample(60, Counts(3, 3, 3, 3, 3, 1))]
    found = state(samples, 60 + 16 * MINUTE)
    assert (found[AlertName.STUCK], found[AlertName.MISSCHEDULED]) == ("firing", "firing")
    assert found[AlertName.NOT_SCHEDULED] == "quiet"


def test_a_break_begins_the_time_anew() -> None:
    """An expression must be true without a break."""
    lacking = Counts(3, 2, 2, 2, 2)
    samples = [Sample(0, lacking), Sample(500, FINE), Sample(600, lacking)]
    assert state(samples, 1000)[AlertName.NOT_SCHEDULED] == "pending"
    assert state(samples, 1200)[AlertName.NOT_SCHEDULED] == "firing"


def test_an_alert_says_when_it_will_fire() -> None:
    """If nothing changes until then."""
    assert Alert(AlertName.STUCK, 100, 900).fires_at() == 1000
    assert Alert(AlertName.STUCK, None, 900).fires_at() is None
