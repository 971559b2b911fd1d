"""Strategies that race, as lanes with a chart and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from controller.engine.daemonset.rollout import ON_DELETE, ROLLING_UPDATE
from controller.engine.whatif.simulation import Ended
from controller.queries.daemonsets import SetDetail
from controller.queries.race import Entrant, Lane
from dashboard.present.links import set_url
from dashboard.present.words import Fact, counted, grouped, span


@dataclass(frozen=True, slots=True)
class RacePage:
    """The set that strategies race for."""

    namespace: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class LaneShown:
    """How a strategy fared. ``chart`` is what the script draws: seconds, available pods, all pods."""

    title: str
    facts: list[Fact]
    tone: str
    verdict: str
    label: str
    chart: dict[str, object]
    url: str
    fields: Mapping[str, object]


def race_page(cluster: str, found: SetDetail) -> RacePage:
    """Return the head of the page."""
    row = found.row
    return RacePage(row.namespace, row.name, set_url(cluster, row.namespace, row.name))


def offered(standing: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the strategies that are offered: that of the set, and three that differ from it."""
    rolling = {**standing, "strategy": ROLLING_UPDATE, "max_surge": 0}
    others = [
        {**rolling, "max_unavailable": "10%"},
        {**rolling, "max_unavailable": 0, "max_surge": "10%"},
        {**rolling, "max_unavailable": "33%"},
        {**rolling, "max_unavailable": "50%"},
    ]
    return [{**standing}, *[one for one in others if one != standing][:3]]


def lane_url(sent: QueryDict, cluster: str, found: SetDetail, at: int) -> str:
    """Return where one strategy runs."""
    path = reverse("race_lane", args=[cluster, found.row.namespace, found.row.name, at])
    return f"{path}?{sent.urlencode()}"


def lane(cluster: str, found: SetDetail, one: Entrant, ran: Lane) -> LaneShown:
    """Return how a strategy fared."""
    course = ran.course
    extra = course.most_pods - ran.before.pods
    facts = [
        Fact(_("Takes"), span(ran.seconds) if ran.done else _more(ran)),
        Fact(_("Fewest available"), f"{grouped(course.lowest.available)} / {grouped(course.lowest.desired)}"),
        Fact(_("Most unavailable"), grouped(course.most_unavailable)),
        Fact(_("Extra pods"), grouped(max(0, extra))),
    ]
    tone, verdict = _verdict(one, ran)
    return LaneShown(
        title=title(one),
        facts=facts,
        tone=tone,
        verdict=verdict,
        label=_("%(title)s: available pods and all pods over time. %(verdict)s")
        % {"title": title(one), "verdict": verdict},
        chart=_chart(ran),
        url=reverse("daemonset_act", args=[cluster, found.row.namespace, found.row.name]),
        fields=_fields(one),
    )


def title(one: Entrant) -> str:
    """Return a strategy in a line."""
    if one.type == ON_DELETE:
        return ON_DELETE
    parts = [f"maxUnavailable {one.max_unavailable}"]
    if str(one.max_surge).rstrip("%") != "0":
        parts.append(f"maxSurge {one.max_surge}")
    if one.min_ready_seconds:
        parts.append(f"minReadySeconds {one.min_ready_seconds}")
    return ", ".join(parts)


def _more(ran: Lane) -> str:
    if ran.ended is not Ended.STOPPED:
        return _("never")
    return _("more than %(span)s") % {"span": span(ran.seconds)} if ran.seconds else _("not known")


def _verdict(one: Entrant, ran: Lane) -> tuple[str, str]:
    if ran.done:
        return "good", _("All pods are replaced and available.")
    left = counted("%(n)s pod is left", "%(n)s pods are left", ran.left)
    if one.type == ON_DELETE:
        return "warn", _("Nothing is replaced before somebody deletes pods: %(left)s.") % {"left": left}
    if ran.ended is Ended.STOPPED:
        return "warn", _("Not played out to the end: %(left)s.") % {"left": left}
    return "bad", _("It does not come to an end: %(left)s.") % {"left": left}


def _chart(ran: Lane) -> dict[str, object]:
    samples = ran.course.samples
    return {
        "at": [one.at for one in samples],
        "available": [one.available for one in samples],
        "pods": [one.pods for one in samples],
        "desired": ran.before.desired,
        "words": {"available": _("available"), "pods": _("pods"), "at": _("seconds")},
    }


def _fields(one: Entrant) -> Mapping[str, object]:
    """Return what the form of the set's strategy would send."""
    return {
        "action": "strategy",
        "strategy": one.type,
        "max_unavailable": one.max_unavailable,
        "max_surge": one.max_surge,
        "min_ready_seconds": one.min_ready_seconds,
    }
