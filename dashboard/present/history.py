"""Passes, events and the audit list as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.engine.outcome import Line
from controller.queries.audit import AuditLine
from controller.queries.events import EventLine
from controller.queries.passes import KUBELET, PassLine
from controller.services.undo import is_undoable
from dashboard.present.audits import sentence
from dashboard.present.links import object_url
from dashboard.present.reasons import line_words
from dashboard.present.words import age, counted, full, grouped, hours, joined, moment

SHOWN_LINES = 12
"""Lines of a pass that are seen at once; the rest are behind a drawer."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a pass: who saw or decided what, about which object, or about how many."""

    actor: str
    about: str
    text: str
    url: str = ""


ALIKE = 3
"""So many lines of one that say the same are told one by one; more are told together."""
MANY = frozenset({KUBELET, "scheduler"})
"""Who says the same of many pods."""


def line_rows(cluster: str, lines: Sequence[Line]) -> list[LineRow]:
    """Return the lines of a pass: what controllers decided first, what kubelets went on with after it."""
    decided, said = list[LineRow](), dict[tuple[str, str], list[Line]]()
    for line in lines:
        if line.actor in MANY:
            said.setdefault((line.actor, line_words(line.code, line.facts)), []).append(line)
        else:
            decided.append(line_row(cluster, line))
    for (actor, words), alike in sorted(said.items(), key=lambda one: one[0][0] == KUBELET):
        if len(alike) > ALIKE:
            about = counted("%(n)s pod", "%(n)s pods", len(alike))
            decided.append(LineRow(actor, about, words))
        else:
            decided.extend(line_row(cluster, line) for line in alike)
    return decided


def line_row(cluster: str, line: Line) -> LineRow:
    """Return a line of a pass in words, with the page of its object."""
    kind, _space, place = line.about.partition(" ")
    namespace, _slash, name = place.rpartition("/")
    url = object_url(cluster, kind, namespace, name) if name else ""
    return LineRow(line.actor, line.about, line_words(line.code, line.facts), url)


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass: its first lines, and the rest with the words that open them."""

    id: int
    title: str
    about: str
    lines: list[LineRow]
    rest: list[LineRow]
    more: str


def pass_row(cluster: str, one: PassLine) -> PassRow:
    """Return a pass as a card."""
    lines = line_rows(cluster, one.lines)
    rest = lines[SHOWN_LINES:]
    return PassRow(
        id=one.id,
        title=_("At %(time)s") % {"time": hours(one.cluster_time)},
        about=joined((_moves(one), _changes(one), full(one.at))),
        lines=lines[:SHOWN_LINES],
        rest=rest,
        more=counted("%(n)s more line", "%(n)s more lines", len(rest)) if rest else "",
    )


def _moves(one: PassLine) -> str:
    made = counted("%(n)s pod created", "%(n)s pods created", one.creations)
    return joined((made, _("%(n)s deleted") % {"n": grouped(one.deletions)}))


def _changes(one: PassLine) -> str:
    if one.last < one.first:
        return _("nothing changed")
    if one.last == one.first:
        return _("change %(n)s") % {"n": grouped(one.first)}
    return _("changes %(first)s to %(last)s") % {"first": grouped(one.first), "last": grouped(one.last)}


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as a row of a table."""

    at: str
    age: str
    type: str
    tone: str
    reason: str
    message: str
    count: int
    object: str
    url: str


def event_row(cluster: str, event: EventLine) -> EventRow:
    """Return an event as a row."""
    last = moment(event.last)
    return EventRow(
        at=full(last),
        age=age(last),
        type=event.type,
        tone="warn" if event.type == "Warning" else "",
        reason=event.reason,
        message=event.message,
        count=event.count,
        object=f"{event.kind} {event.about}",
        url=object_url(cluster, event.kind, event.about_namespace, event.about),
    )


def event_rows(cluster: str, events: Iterable[EventLine]) -> list[EventRow]:
    """Return events as rows."""
    return [event_row(cluster, event) for event in events]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did, as a row of a table."""

    at: str
    age: str
    actor: str
    cluster: str
    url: str
    sentence: str
    number: int | None
    undo_url: str


def audit_row(line: AuditLine, standing: set[str], changed: set[str]) -> AuditRow:
    """Return an audit line as a row; clusters that still stand are linked.

    ``changed`` are those that the person may change: there what was done can be taken back.
    """
    undoable = line.cluster in changed and is_undoable(line.action, line.number)
    known = line.cluster in standing
    return AuditRow(
        at=full(line.at),
        age=age(line.at),
        actor=line.actor,
        cluster=line.cluster,
        url=reverse("map", args=[line.cluster]) if known else "",
        sentence=sentence(line.action, line.about, line.facts),
        number=line.number,
        undo_url=reverse("undo", args=[line.cluster, line.id]) if undoable else "",
    )
