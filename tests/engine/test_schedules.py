"""Schedules of CronJobs: what a text means, and what is said of one that means nothing."""

from __future__ import annotations

import pytest

from controller.engine.schedules import Schedule, ScheduleFault, parse

ALL_HOURS, ALL_DAYS = frozenset(range(24)), frozenset(range(1, 32))
ALL_MONTHS, ALL_WEEKDAYS = frozenset(range(1, 13)), frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 * * * *", Schedule(frozenset({5}), ALL_HOURS, ALL_DAYS, ALL_MONTHS, ALL_WEEKDAYS)),
        ("@hourly", Schedule(frozenset({0}), ALL_HOURS, ALL_DAYS, ALL_MONTHS, ALL_WEEKDAYS)),
        (
            "*/20 8-10 ? jan,FEB mon-fri",
            Schedule(
                frozenset({0, 20, 40}),
                frozenset({8, 9, 10}),
                ALL_DAYS,
                frozenset({1, 2}),
                frozenset({1, 2, 3, 4, 5}),
            ),
        ),
        (
            "0 22/1 1-7/3 * 0",
            Schedule(
                frozenset({0}),
                frozenset({22, 23}),
                frozenset({1, 4, 7}),
                ALL_MONTHS,
                frozenset({0}),
                any_day=True,
            ),
        ),
        ("@every 1h30m", Schedule(seconds=5400)),
        ("@every 10ms", Schedule(seconds=1)),
    ],
)
def test_a_text_says_when(text: str, expected: Schedule) -> None:
    """Fields hold numbers, names, ranges, steps and lists; nicknames stand for five of them."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty spec string"),
        ("every day", "expected exactly 5 fields, found 2: [every day]"),
        ("@never", "unrecognized descriptor: @never"),
        ("@every day", 'failed to parse duration @every day: time: invalid duration "day"'),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 5-1", "beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/2/3 * * * *", "too many slashes: */2/3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("*/-2 * * * *", "negative number (-2) not allowed: -2"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_cron(text: str, said: str) -> None:
    """A schedule that cannot be read names the field and the fault."""
    with pytest.raises(ScheduleFault) as caught:
        parse(text)
    assert str(caught.value) == said
