"""When a CronJob is due: schedules of five fields, as cron knows them, read into sets of numbers.

Written here because the engine knows nothing but the standard library. Texts of what is wrong are those
of the parser that Kubernetes uses, since admission hands them on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
STARS = frozenset({"*", "?"})
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
EVERY = "@every "
DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h)", re.ASCII)
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class ScheduleFault(ValueError):
    """A schedule that cannot be read; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a field may hold: its lowest and highest number, and names for some."""

    low: int
    high: int
    names: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes, hours, days of the month, months and days of the week (Sunday is 0) on which it is due.

    If neither kind of day is ``*``, either is enough (``any_day``). One of ``@every`` has only the
    ``seconds`` between two times, at least one.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    seconds: int = 0


RANGES = (
    Range(0, 59, {}),
    Range(0, 23, {}),
    Range(1, 31, {}),
    Range(1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    Range(0, 6, {name: number for number, name in enumerate(DAYS)}),
)


def parse(text: str) -> Schedule:
    """Return the schedule of a text such as ``*/5 * * * mon-fri`` or ``@hourly``. Raises ScheduleFault."""
    if not text:
        raise ScheduleFault("empty spec string")
    if text.startswith(EVERY):
        return Schedule(seconds=_seconds(text))
    if text.startswith("@"):
        if text not in NICKNAMES:
            raise ScheduleFault(f"unrecognized descriptor: {text}")
        text = NICKNAMES[text]
    fields = text.split()
    if len(fields) != len(RANGES):
        shown = " ".join(fields)
        raise ScheduleFault(f"expected exactly {len(RANGES)} fields, found {len(fields)}: [{shown}]")
    minutes, hours, days, months, weekdays = (
        _field(field, within) for field, within in zip(fields, RANGES, strict=True)
    )
    any_day = not any(_is_star(fields[place]) for place in (2, 4))
    return Schedule(minutes, hours, days, months, weekdays, any_day)


def _seconds(text: str) -> int:
    written = text.removeprefix(EVERY)
    parts = DURATION.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise ScheduleFault(f'failed to parse duration {text}: time: invalid duration "{written}"')
    return max(1, int(sum(float(number) * UNITS[unit] for number, unit in parts)))


def _is_star(field: str) -> bool:
    """Whether some part of a field stands for all numbers; one with a step of more than one does not."""
    parts = (part.partition("/") for part in field.split(","))
    return any(span in STARS and step in {"", "1"} for span, _slash, step in parts)


def _field(field: str, within: Range) -> frozenset[int]:
    return frozenset().union(*(_part(part, within) for part in field.split(",") if part))


def _part(part: str, within: Range) -> range:
    """Return the numbers of ``N``, ``N-M``, ``*``, each perhaps with ``/STEP``. Raises ScheduleFault."""
    span, *steps = part.split("/")
    first, *lasts = span.split("-")
    if first in STARS:
        start, end = within.low, within.high
    elif len(lasts) > 1:
        raise ScheduleFault(f"too many hyphens: {part}")
    else:
        start = _number(first, within)
        end = _number(lasts[0], within) if lasts else start
    if len(steps) > 1:
        raise ScheduleFault(f"too many slashes: {part}")
    step = _whole(steps[0]) if steps else 1
    if steps and not lasts:
        end = within.high
    if start < within.low:
        raise ScheduleFault(f"beginning of range ({start}) below minimum ({within.low}): {part}")
    if end > within.high:
        raise ScheduleFault(f"end of range ({end}) above maximum ({within.high}): {part}")
    if start > end:
        raise ScheduleFault(f"beginning of range ({start}) beyond end of range ({end}): {part}")
    if step == 0:
        raise ScheduleFault(f"step of range should be a positive number: {part}")
    return range(start, end + 1, step)


def _number(text: str, within: Range) -> int:
    named = within.names.get(text.lower())
    return _whole(text) if named is None else named


def _whole(text: str) -> int:
    if not NUMBER.fullmatch(text):
        why = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise ScheduleFault(f"failed to parse int from {text}: {why}")
    number = int(text)
    if number < 0:
        raise ScheduleFault(f"negative number ({number}) not allowed: {text}")
    return number
