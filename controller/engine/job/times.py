"""The times of a schedule: the next one, and the last one that has passed.

Times are Unix seconds; a zone says which day and hour they are. The timers of a CronJob: ``time`` is its
next time, ``due`` the same in cluster time, ``schedule`` a number that stands for the schedule they are of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from controller.engine.objects import Manifest, Moment, Timers
from controller.engine.schedules import Schedule, ScheduleFault, parse

HOUR, DAY = 3600, 86_400
FAR = 9 * 366
"""Days after which a time that did not come never comes; leap days can be eight years apart."""
LOOKS_BACK = (HOUR, DAY, 31 * DAY, 366 * DAY, FAR * DAY)
"""How far the last time is looked for, in seconds: near first, as there may be one every minute."""


class Times(NamedTuple):
    """The times of a CronJob."""

    schedule: Schedule
    zone: tzinfo

    @classmethod
    def of(cls, spec: Manifest) -> Self | None:
        """Read the spec of a CronJob; None if nobody understands it: it came in before its rules did."""
        name = spec.get("timeZone") or ""
        try:
            return cls(parse(spec["schedule"]), ZoneInfo(name) if name else UTC)
        except (ScheduleFault, ZoneInfoNotFoundError, ValueError, OSError):
            return None

    def after(self, moment: float) -> float | None:
        """Return the first time after a moment, or None if there is none."""
        if self.schedule.seconds:
            return int(moment) + self.schedule.seconds
        begins = datetime.fromtimestamp(moment, self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range(FAR):
            day = begins + timedelta(days=number)
            later = [time for time in self._on(day) if time > moment]
            if later:
                return min(later)
        return None

    def _on(self, day: datetime) -> Iterator[float]:
        """Yield the times of a day. An hour that clocks leave out has none, one that they repeat one each."""
        of_month = day.day in self.schedule.days
        of_week = day.isoweekday() % 7 in self.schedule.weekdays
        right = of_month or of_week if self.schedule.any_day else of_month and of_week
        if not right or day.month not in self.schedule.months:
            return
        for hour in self.schedule.hours:
            for minute in self.schedule.minutes:
                time = day.replace(hour=hour, minute=minute).timestamp()
                if datetime.fromtimestamp(time, self.zone).hour == hour:
                    yield time

    def latest(self, since: float, until: float) -> float:
        """Return the last time that is not after ``until``; ``since`` is one of the times before it."""
        if self.schedule.seconds:
            return since + (until - since) // self.schedule.seconds * self.schedule.seconds
        for back in LOOKS_BACK:
            found, later = since, self.after(max(since, until - back))
            while later is not None and later <= until:
                found, later = later, self.after(later)
            if found > since:
                return found
        return since

    def stamp(self, time: float) -> str:
        """Return a time as people of the zone write it."""
        return datetime.fromtimestamp(time, self.zone).isoformat().replace("+00:00", "Z")


def first_timers(times: Times, number: float, now: Moment) -> Timers:
    """Return the timers of a CronJob that is seen for the first time, or whose schedule changed."""
    wall = now.wall.timestamp()
    return timers_after(times, {"schedule": number, "time": wall, "due": now.cluster}, wall)


def timers_after(times: Times, timers: Timers, time: float) -> Timers:
    """Return the timers with the time that follows ``time``; of ``schedule`` alone if none does."""
    following = times.after(time)
    if following is None:
        return {"schedule": timers["schedule"]}
    due = timers["due"] + following - timers["time"]
    return {"schedule": timers["schedule"], "time": following, "due": due}
