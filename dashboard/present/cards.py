"""The list of clusters as cards."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.modes import Capability, Mode
from controller.queries.clusters import Overview
from dashboard.present.words import Fact, Part, age, bar, counted, grouped, hours


@dataclass(frozen=True, slots=True)
class Card:
    """A cluster as a card."""

    id: int
    name: str
    url: str
    table_url: str
    settings_url: str
    """Empty for those who may only look."""
    tone: str
    health: str
    parts: list[Part]
    figures: list[Fact]
    about: str


def card(one: Overview, *, may_operate: bool) -> Card:
    """Return how a cluster fares."""
    name, counts = one.cluster.name, one.counts
    tone, message = health_of(one)
    return Card(
        id=one.cluster.id,
        name=name,
        url=reverse("map", args=[name]),
        table_url=reverse("table", args=[name]),
        settings_url=reverse("settings", args=[name]) if may_operate else "",
        tone=tone,
        health=message,
        parts=bar([("good", counts.available), ("bad", counts.unavailable)], counts.desired),
        figures=[
            Fact(_("nodes"), grouped(one.nodes)),
            Fact(_("DaemonSets"), grouped(one.sets)),
            Fact(_("pods"), grouped(one.pods)),
            Fact(_("available"), f"{grouped(counts.available)}/{grouped(counts.desired)}"),
        ],
        about=_about(one),
    )


def health_of(one: Overview) -> tuple[str, str]:
    """Return the tone and the words for how a cluster fares; the worst is named."""
    if one.cluster.resetting:
        return "warn", _("being reset")
    silent = one.nodes - one.ready
    if silent:
        return "bad", counted("%(n)s node not ready", "%(n)s nodes not ready", silent)
    if one.counts.unavailable:
        return "warn", _("%(n)s unavailable") % {"n": grouped(one.counts.unavailable)}
    if one.counts.misscheduled:
        return "odd", _("%(n)s misscheduled") % {"n": grouped(one.counts.misscheduled)}
    return "good", _("healthy") if one.sets else _("idle")


def _about(one: Overview) -> str:
    cluster = one.cluster
    if Capability.CLOCK not in cluster.capabilities:
        facts = {"mode": Mode(cluster.mode).label, "age": age(cluster.created)}
        return _("%(mode)s from a real one, added %(age)s ago") % facts
    clock = _("paused") if cluster.paused else _("runs at x%(speed)s") % {"speed": f"{cluster.speed:g}"}
    dump = _("%(mode)s from a dump, %(clock)s, cluster time %(time)s, made %(age)s ago")
    plain = _("%(mode)s, %(clock)s, cluster time %(time)s, made %(age)s ago")
    return (dump if cluster.dump else plain) % {
        "mode": Mode(cluster.mode).label,
        "clock": clock,
        "time": hours(cluster.time),
        "age": age(cluster.created),
    }
