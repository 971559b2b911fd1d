"""The times of a CronJob."""

from __future__ import annotations

from datetime import datetime

import pytest

from controller.engine.job.indexes import MOST, indexes_of, indexes_text, lowest_free
from controller.engine.job.times import Times, timers_after


def times(schedule: str, zone: str = "") -> Times:
    """Return the times of a schedule that can be read."""
    found = Times.of({"schedule": schedule, **({"timeZone": zone} if zone else {})})
    assert found
    return found


def at(text: str) -> float:
    """Return Unix seconds of a time in UTC."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


@pytest.mark.parametrize(
    ("schedule", "zone", "now", "then"),
    [
        ("*/5 * * * *", "", "2026-01-01T00:00:00", "2026-01-01T00:05:00"),
        ("*/5 * * * *", "", "2026-01-01T00:04:59", "2026-01-01T00:05:00"),
        ("30 4 * * *", "", "2026-01-01T04:30:00", "2026-01-02T04:30:00"),
        ("@monthly", "", "2026-01-31T12:00:00", "2026-02-01T00:00:00"),
        ("0 0 29 2 *", "", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 13 * 5", "", "2026-01-01T00:00:00", "2026-01-02T00:00:00"),
        ("0 0 13 * *", "", "2026-01-01T00:00:00", "2026-01-13T00:00:00"),
        ("0 0 * * sun", "", "2026-01-01T00:00:00", "2026-01-04T00:00:00"),
        ("0 9 * * *", "Europe/Vienna", "2026-07-01T00:00:00", "2026-07-01T07:00:00"),
        ("30 2 * * *", "Europe/Vienna", "2026-03-28T12:00:00", "2026-03-30T00:30:00"),
        ("@every 90s", "", "2026-01-01T00:00:10", "2026-01-01T00:01:40"),
    ],
)
def test_the_next_time(schedule: str, zone: str, now: str, then: str) -> None:
    """It lies after the moment, in the zone; an hour that clocks leave out has no times."""
    assert times(schedule, zone).after(at(now)) == at(then)


def test_some_times_never_come() -> None:
    """Nobody waits for the thirtieth of February."""
    never = times("0 0 30 2 *")
    assert never.after(at("2026-01-01T00:00:00")) is None
    assert timers_after(never, {"schedule": 1.0, "time": 0.0, "due": 0.0}, 0.0) == {"schedule": 1.0}


@pytest.mark.parametrize(
    ("schedule", "until", "last"),
    [
        ("* * * * *", "2026-05-01T10:00:30", "2026-05-01T10:00:00"),
        ("0 * * * *", "2026-05-01T10:00:00", "2026-05-01T10:00:00"),
        ("@weekly", "2026-05-01T10:00:00", "2026-04-26T00:00:00"),
        ("@yearly", "2028-05-01T10:00:00", "2028-01-01T00:00:00"),
        ("0 0 30 2 *", "2028-05-01T10:00:00", "2026-01-01T00:00:00"),
        ("@every 60s", "2026-01-01T00:02:59", "2026-01-01T00:02:00"),
    ],
)
def test_the_last_of_many_times_that_have_passed(schedule: str, until: str, last: str) -> None:
    """It is found without counting all of them."""
    since = at("2026-01-01T00:00:00")
    assert times(schedule).latest(since, at(until)) == at(last)


@pytest.mark.parametrize("spec", [{"schedule": "soon"}, {"schedule": "@daily", "timeZone": "Moon/Sea"}])
def test_what_nobody_understands_has_no_times(spec: dict[str, str]) -> None:
    """Admission refuses it, but it may have come in before."""
    assert Times.of(spec) is None


@pytest.mark.parametrize(
    ("text", "indexes"), [("", set()), ("0-2,5", {0, 1, 2, 5}), ("7", {7}), ("x,1-,-1,2", {2})]
)
def test_indexes_as_a_status_writes_them(text: str, indexes: set[int]) -> None:
    """Ranges of those that follow each other; what is no index is passed over."""
    assert indexes_of(text) == indexes
    assert indexes_of(indexes_text(indexes)) == indexes


def test_a_range_that_somebody_wrote_may_be_long() -> None:
    """No more of it is read than a cluster could hold."""
    assert len(indexes_of("0-999999999")) == MOST + 1
    assert indexes_of("0-99999999999999999999") == set()


def test_the_lowest_that_are_free() -> None:
    """These are the next to be done."""
    assert lowest_free({0, 2}, 3, below=9) == [1, 3, 4]
    assert lowest_free({0, 2}, 3, below=4) == [1, 3]
