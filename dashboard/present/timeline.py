"""The history of a cluster as a bar, as rows, and as the difference of two moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from controller.queries.audit import AuditLine
from controller.queries.timeline import Difference, Timeline
from dashboard.present.audits import sentence
from dashboard.present.links import set_url
from dashboard.present.words import age, counted, full, grouped

NAMED = 12
"""How many nodes a difference names."""


def at_url(cluster: str, number: int, *, page: str = "map") -> str:
    """Return a page of a cluster as it was after a change."""
    path = "/" + reverse(page, args=[cluster]).removeprefix(get_script_prefix())
    return f"/at/{number}{path}"


@dataclass(frozen=True, slots=True)
class EditRow:
    """What somebody did, with the addresses of the moment after it and of what came of it.

    Both are "" where the moment is no longer kept.
    """

    at: str
    age: str
    actor: str
    sentence: str
    number: int
    url: str
    since_url: str


def edit_row(cluster: str, line: AuditLine, first: int) -> EditRow:
    """Return an edit as a row; ``first`` is the oldest moment that is kept."""
    number = line.number or 0
    return EditRow(
        at=full(line.at),
        age=age(line.at),
        actor=line.actor,
        sentence=sentence(line.action, line.about, line.facts),
        number=number,
        url=at_url(cluster, number) if number >= first else "",
        since_url=f"?before={max(0, number - 1)}&after=" if number > first else "",
    )


def bar(found: Timeline, at: int | None) -> dict[str, Any]:
    """Return the bar as JSON: numbers with milliseconds since 1970, and marks with their sentences."""
    marks = [
        [one.number, _ms(one.at), "edit", f"{one.actor}: {sentence(one.action, one.about, one.facts)}"]
        for one in found.edits
    ]
    for made in found.moves:
        facts = {"made": grouped(made.creations), "gone": grouped(made.deletions)}
        said = _("pods: %(made)s made, %(gone)s deleted") % facts
        marks.append([made.number, _ms(made.at), "moves", said])
    return {
        "first": found.first,
        "last": found.last,
        "at": at,
        "points": [[point.number, _ms(point.at)] for point in found.points],
        "marks": sorted(marks),
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A sentence of what is different; ``nodes`` are named, ``cause`` says who did what, when."""

    sentence: str
    set_url: str
    nodes: str
    cause: str
    cause_url: str
    tone: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What is different between two moments."""

    about: str
    rows: list[DifferenceRow]


def differences(cluster: str, before: int, after: int, found: Sequence[Difference]) -> Differences:
    """Return the difference of two moments as rows."""
    about = _("From change %(before)s to change %(after)s:") % {
        "before": grouped(before),
        "after": grouped(after),
    }
    return Differences(about, [_row(cluster, one) for one in found])


def _row(cluster: str, one: Difference) -> DifferenceRow:
    count = len(one.nodes)
    if one.gained:
        message = counted("%(n)s node got %(set)s", "%(n)s nodes got %(set)s", count, set=one.name)
    else:
        message = counted("%(n)s node lost %(set)s", "%(n)s nodes lost %(set)s", count, set=one.name)
    nodes = ", ".join(one.nodes[:NAMED])
    if count > NAMED:
        nodes = _("%(names)s and %(n)s more") % {"names": nodes, "n": grouped(count - NAMED)}
    cause, url = "", ""
    if one.cause:
        said = sentence(one.cause.action, one.cause.about, one.cause.facts)
        cause = _("%(who)s, %(when)s: %(what)s") % {
            "who": one.cause.actor,
            "when": full(one.cause.at),
            "what": said,
        }
        url = at_url(cluster, one.cause.number or 0)
    elif one.node_gone:
        cause = _("the nodes came or went")
    else:
        cause = _("no edit of the node or of the set: the controllers and the machines did it")
    return DifferenceRow(
        sentence=message,
        set_url=set_url(cluster, one.namespace, one.name),
        nodes=nodes,
        cause=cause,
        cause_url=url,
        tone="good" if one.gained else "bad",
    )
