"""The words, tones and small figures that several pages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from controller.engine.daemonset.cells import CellState

Word = str | Promise

STATES: dict[CellState, tuple[Word, Word]] = {
    CellState.NEW: (gettext_lazy("up to date"), gettext_lazy("A ready pod of the current revision.")),
    CellState.OLD: (gettext_lazy("outdated"), gettext_lazy("A ready pod of an older revision.")),
    CellState.UPDATING: (
        gettext_lazy("starting or stopping"),
        gettext_lazy("A pod starts, stops or is replaced."),
    ),
    CellState.SURGE: (gettext_lazy("surging"), gettext_lazy("An old and a new pod side by side.")),
    CellState.PENDING: (
        gettext_lazy("pending"),
        gettext_lazy("A pod that the scheduler cannot place: no room, or a port is taken."),
    ),
    CellState.FAILING: (
        gettext_lazy("failing"),
        gettext_lazy("A pod in trouble: its image, a crash loop, never ready, failed."),
    ),
    CellState.MISSING: (gettext_lazy("missing"), gettext_lazy("A pod should run here and there is none.")),
    CellState.MISSCHEDULED: (
        gettext_lazy("misscheduled"),
        gettext_lazy("A pod runs here although none should."),
    ),
    CellState.DOWN: (gettext_lazy("node down"), gettext_lazy("The machine does not answer.")),
    CellState.NONE: (gettext_lazy("not targeted"), gettext_lazy("No pod, and none should be here.")),
}
"""What each mark of the map means: in the legend, and as a sentence. In the legend's order."""

WAVES = {"canary": gettext_lazy("Canary"), "rest": gettext_lazy("All other nodes")}


def wave_title(name: str) -> str:
    """Return what a wave is called on pages: its selector, unless it is the first or the last."""
    return str(WAVES.get(name, name))


BEHAVIOURS: dict[str, Word] = {
    "": gettext_lazy("normal"),
    "image-pull-error": gettext_lazy("image cannot be pulled"),
    "crash-loop": gettext_lazy("crash loop"),
    "never-ready": gettext_lazy("never ready"),
    "unhealthy": gettext_lazy("every probe fails"),
    "exit-1": gettext_lazy("fails (exit 1)"),
    "exit-0": gettext_lazy("finishes (exit 0)"),
}

MINUTE, HOUR, DAY = 60, 3600, 86400


def state_words(state: CellState) -> str:
    """Return what a state is called."""
    return str(STATES[state][0])


def as_sentence(words: str) -> str:
    """Return words as a whole sentence, with its capital and its full stop."""
    return _("%(words)s.") % {"words": f"{words[:1].upper()}{words[1:]}"}


def roughly(value: float) -> str:
    """Return a number with three digits, or with all that stand before its point."""
    return f"{value:.{max(3, len(str(int(value))))}g}"


def grouped(count: int | Decimal) -> str:
    """Return a count with its digits in groups, as both languages write it: 5,000."""
    return str(number_format(count, force_grouping=True))


def counted(one: str, many: str, count: int, **facts: object) -> str:
    """Return the form of a message that a count asks for, with the count as its ``%(n)s``, and its facts."""
    return ngettext(one, many, count) % {"n": grouped(count), **facts}


class Count(int):
    """A count that reads as ``grouped`` writes it, for messages that choose their plural by it."""

    def __str__(self) -> str:
        """Return it for people."""
        return grouped(int(self))


def counts_of(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts whose whole numbers read as counts."""
    return {key: Count(fact) if isinstance(fact, int) else fact for key, fact in facts.items()}


def joined(words: Iterable[str]) -> str:
    """Return words, or parts of a sentence, one after the other."""
    return pgettext("between words", ", ").join(words)


def headed(head: str, rest: str) -> str:
    """Return what something is about, and what is said of it."""
    return _("%(head)s: %(rest)s") % {"head": head, "rest": rest}


AS_OF: ContextVar[datetime | None] = ContextVar("as_of", default=None)
"""The moment of the past that the page shows which is made now, None for the present."""


def shown_moment() -> datetime:
    """Return the moment that the page shows."""
    return AS_OF.get() or datetime.now(UTC)


def age(then: datetime, now: datetime | None = None) -> str:
    """Return how long ago something was, as kubectl writes it: 12s, 3m, 2h, 5d."""
    seconds = max(0, int(((now or shown_moment()) - then).total_seconds()))
    if seconds < 2 * MINUTE:
        return f"{seconds}s"
    if seconds < 2 * HOUR:
        return f"{seconds // MINUTE}m"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR}h"
    return f"{seconds // DAY}d"


def moment(stamp: str) -> datetime:
    """Read a moment as manifests write it."""
    return datetime.fromisoformat(stamp)


def full(then: datetime) -> str:
    """Return a moment in full, to the second."""
    return date_format(then, "Y-m-d H:i:s") + " UTC"


FIRST_DATE = 1e9
"""From this second on a clock shows dates: what was made of a real cluster goes by its time (live.js)."""


def hours(seconds: float) -> str:
    """Return cluster time as hours, minutes and seconds, or as a date: see ``FIRST_DATE``."""
    whole = int(seconds)
    if whole >= FIRST_DATE:
        return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{whole // HOUR:02}:{whole // MINUTE % MINUTE:02}:{whole % MINUTE:02}"


def seconds_label(seconds: float) -> str:
    """Return a span of cluster time."""
    return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}".rstrip("0").rstrip(".")}


def span(seconds: float) -> str:
    """Return a span of cluster time, roughly if it is long."""
    if seconds < 2 * MINUTE:
        return seconds_label(seconds)
    if seconds < 2 * HOUR:
        return _("%(n)s min") % {"n": round(seconds / MINUTE)}
    return _("%(n)s h") % {"n": round(seconds / HOUR)} if seconds < 2 * DAY else f"{seconds / DAY:.0f} d"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, in hundredths of its length."""

    tone: str
    x: str
    width: str


def bar(parts: Iterable[tuple[str, int]], total: int) -> list[Part]:
    """Return the parts of a bar of ``total``: tones and their amounts, from the left."""
    made, x = [], 0.0
    for tone, amount in parts:
        if amount > 0 and total > 0:
            width = min(100.0 - x, amount * 100.0 / total)
            made.append(Part(tone, f"{x:.2f}", f"{width:.2f}"))
            x += width
    return made


@dataclass(frozen=True, slots=True)
class Chip:
    """A short fact with a tone."""

    text: Word
    tone: str = ""
    help: Word = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value. ``codes`` are shown as code instead, ``url`` makes it a link."""

    label: Word
    value: object = ""
    codes: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a choice."""

    value: str
    label: Word
    chosen: bool = False


def options(entries: Iterable[tuple[str, Word]], chosen: str) -> list[Option]:
    """Return the entries of a choice, one of them chosen."""
    return [Option(value, label, value == chosen) for value, label in entries]
