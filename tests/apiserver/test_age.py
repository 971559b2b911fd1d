"""Ages as kubectl shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.apiserver.age import age, lasted

NOW = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("long", "shown"),
    [
        ({"seconds": -5}, "<invalid>"),
        ({"seconds": -1}, "0s"),
        ({"seconds": 0}, "0s"),
        ({"seconds": 119}, "119s"),
        ({"seconds": 120}, "2m"),
        ({"minutes": 5, "seconds": 30}, "5m30s"),
        ({"minutes": 10, "seconds": 30}, "10m"),
        ({"minutes": 179}, "179m"),
        ({"hours": 3}, "3h"),
        ({"hours": 7, "minutes": 59}, "7h59m"),
        ({"hours": 8, "minutes": 59}, "8h"),
        ({"hours": 47}, "47h"),
        ({"hours": 48}, "2d"),
        ({"days": 7, "hours": 23}, "7d23h"),
        ({"days": 8, "hours": 23}, "8d"),
        ({"days": 729}, "729d"),
        ({"days": 731}, "2y1d"),
        ({"days": 730}, "2y"),
        ({"days": 3000}, "8y"),
    ],
)
def test_lengths_of_time(long: dict[str, float], shown: str) -> None:
    """The longer it lasted, the coarser it is told."""
    assert lasted(timedelta(**long).total_seconds()) == shown


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2026-01-09T23:59:00Z", "60s"),
        ("2026-01-09T23:59:00.500000Z", "59s"),
        (None, "<unknown>"),
        ("", "<unknown>"),
        ("yesterday", "<unknown>"),
        ("2026-01-09", "<unknown>"),
    ],
)
def test_ages(stamp: str | None, shown: str) -> None:
    """An age counts from a manifest's stamp; without one it is not known."""
    assert age(stamp, NOW) == shown
