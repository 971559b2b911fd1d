"""The page of a rollout as rows: small maps, whose fault it is, pace, alerts, and the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isinf

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from controller.engine.daemonset.alerts import Alert, AlertName
from controller.engine.daemonset.faults import Fault
from controller.engine.daemonset.pace import Pace
from controller.engine.daemonset.staged.status import Phase
from controller.queries.limits import Limits
from controller.queries.race import Lane
from controller.queries.rollouts import Motion, Progress
from controller.queries.stages import Stages
from dashboard.present.links import map_url, node_url
from dashboard.present.rollouts import RolloutRow
from dashboard.present.smallmaps import LegendRow, StageRow, legend_of, stage_row
from dashboard.present.words import Word, counted, roughly, wave_title

NAMED = 5
"""How many nodes are named for a fault."""

FAULTS: dict[Fault, tuple[Word, Word, str]] = {
    Fault.NODE: (
        gettext_lazy("the node's fault"),
        gettext_lazy("The machine does not answer or is not ready, and was so before the new pod ran there."),
        "warn",
    ),
    Fault.DOUBTFUL: (
        gettext_lazy("doubtful"),
        gettext_lazy("The machine failed within ten minutes of getting its new pod: either may be to blame."),
        "bad",
    ),
    Fault.REVISION: (
        gettext_lazy("the revision's fault"),
        gettext_lazy("Its new pod crashes, is refused, finds no image, or is not ready for too long."),
        "bad",
    ),
    Fault.OLD_POD: (
        gettext_lazy("the old pod's fault"),
        gettext_lazy("A pod of an older revision is not available there."),
        "warn",
    ),
    Fault.DRAINING: (gettext_lazy("draining"), gettext_lazy("The node is cordoned."), ""),
    Fault.JOINED: (
        gettext_lazy("just joined"),
        gettext_lazy("The node came within the last two minutes."),
        "",
    ),
    Fault.UNDER_WAY: (
        gettext_lazy("under way"),
        gettext_lazy("Its pod is being replaced, starts, or is ready but not for long enough."),
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class NodeLink:
    """A node that is named."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class FaultRow:
    """How many nodes are without an available pod for one reason."""

    label: str
    help: str
    tone: str
    count: int
    nodes: list[NodeLink]
    more: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A standard alert."""

    name: str
    state: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class RolloutPage:
    """The page."""

    name: str
    namespace: str
    version: str
    set_url: str
    map_url: str
    action_url: str
    rollout: RolloutRow
    stages: list[StageRow]
    legend: list[LegendRow]
    faults: list[FaultRow]
    pace: list[str]
    alerts: list[AlertRow]
    judgement: str
    staged: bool
    may_undo: bool
    promotes: str
    promotes_title: str
    last: str
    message: str
    labels: tuple[str, ...]


def rollout_page(
    cluster: str,
    place: tuple[str, str],
    found: tuple[Stages, Progress],
    row: RolloutRow,
    alerts: tuple[Sequence[Alert], float],
) -> RolloutPage:
    """Return the page of the set at ``place``. ``alerts`` come with the cluster time that it is."""
    stages, progress = found
    drawn = [stage_row(one) for one in stages.stages]
    status = stages.status
    promotes = status.wave if stages.staged and status and status.phase is Phase.AWAITING else ""
    return RolloutPage(
        name=place[1],
        namespace=place[0],
        version=stages.version,
        set_url=row.url,
        map_url=map_url(cluster, chosen="/".join(place)),
        action_url=reverse("rollout_act", args=[cluster, *place]),
        rollout=row,
        stages=drawn,
        legend=legend_of(drawn),
        faults=[_fault(cluster, fault, names) for fault, names in stages.faults.items()],
        pace=pace_words(stages.pace, stages.remaining, progress),
        alerts=[_alert(one, alerts[1]) for one in alerts[0]],
        judgement=judgement([one for one in alerts[0] if one.since is not None], alerts[1], progress),
        staged=stages.staged,
        may_undo=stages.staged and bool(status and status.previous),
        promotes=promotes,
        promotes_title=wave_title(promotes),
        last="" if stages.staged or status is None else str(LAST.get(status.phase, "")),
        message=status.message if stages.staged and status and status.phase is Phase.PROGRESSING else "",
        labels=stages.labels,
    )


LAST: dict[Phase, Word] = {
    Phase.COMPLETED: gettext_lazy("The last plan brought its revision everywhere."),
    Phase.UNDONE: gettext_lazy("The last plan was undone: the revision of before it came back."),
    Phase.CANCELED: gettext_lazy("The last plan was ended by hand."),
}


# -- faults, pace, alerts ------------------------------------------------------------------------


def _fault(cluster: str, fault: Fault, names: tuple[str, ...]) -> FaultRow:
    label, about, tone = FAULTS[fault]
    more = len(names) - NAMED
    return FaultRow(
        label=str(label),
        help=str(about),
        tone=tone,
        count=len(names),
        nodes=[NodeLink(name, node_url(cluster, name)) for name in names[:NAMED]],
        more=counted("and %(n)s more", "and %(n)s more", more) if more > 0 else "",
    )


def span(seconds: float) -> str:
    """Return a span of cluster time, as coarse as it is uncertain."""
    if seconds < 120:  # noqa: PLR2004 -- two minutes
        return _("%(n)s s") % {"n": ceil(seconds)}
    if seconds < 7200:  # noqa: PLR2004 -- two hours
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s h") % {"n": f"{seconds / 3600:.1f}"}


STANDING = frozenset({Motion.STUCK, Motion.PAUSED, Motion.AWAITING, Motion.PARTITIONED, Motion.INVALID})
"""How a rollout stands that does not go on by itself."""


def pace_words(pace: Pace | None, remaining: int, progress: Progress) -> list[str]:
    """Say how fast it goes and when it may end."""
    if progress.motion is Motion.DONE or not remaining:
        return [_("Nothing is left to do.")]
    lines = [counted("%(n)s node to go.", "%(n)s nodes to go.", remaining)]
    if pace is not None:
        lines.append(_("%(n)s nodes a minute since it began.") % {"n": roughly(pace.per_minute)})
    if progress.motion in STANDING:
        return [*lines, _("It stands still, so no end is expected.")]
    if pace is None:
        return [*lines, _("Too few nodes are through yet to tell a pace.")]
    if isinf(pace.latest):
        message = _("At its pace so far %(soonest)s more; of late nothing came through.")
    elif span(pace.soonest) == span(pace.latest):
        message = _("About %(soonest)s more.")
    else:
        message = _("Between %(soonest)s and %(latest)s more.")
    latest = "" if pace.latest == inf else span(pace.latest)
    return [*lines, message % {"soonest": span(pace.soonest), "latest": latest}]


def _alert(alert: Alert, now: float) -> AlertRow:
    if alert.since is None:
        return AlertRow(alert.name, _("inactive"), "", "")
    since = _("for %(span)s") % {"span": span(now - alert.since)}
    if alert.is_firing(now):
        return AlertRow(alert.name, _("firing"), "bad", since)
    message = _("%(since)s; fires in %(span)s if nothing changes")
    fires = message % {"since": since, "span": span(alert.since + alert.holds - now)}
    return AlertRow(alert.name, pgettext("alert", "pending"), "warn", fires)


PLANNED = frozenset({Motion.SOAKING, Motion.AWAITING, Motion.PARTITIONED, Motion.PAUSED, Motion.ON_DELETE})


def judgement(active: Sequence[Alert], now: float, progress: Progress) -> str:
    """Say how what the alerts tell goes together with what is told above, and where they differ, why."""
    firing = {one.name for one in active if one.is_firing(now)}
    stuck = any(one.name is AlertName.STUCK for one in active)
    if progress.motion is Motion.STUCK and AlertName.STUCK not in firing:
        return _(
            "It is stuck now. The alert waits: five minutes without a further updated pod, then fifteen."
        )
    if not stuck:
        return _("The alerts and what is told here agree.")
    if progress.motion is Motion.DONE:
        return _("The rollout is done. The alert is true as long as any pod is misscheduled or unavailable.")
    if progress.motion in PLANNED:
        return _("This is wanted. The alert knows neither of pauses nor of plans.")
    if progress.motion is Motion.MOVING:
        return _("It moves. The alert looks at one number and not at which nodes changed.")
    return _("The alerts and what is told here agree.")


@dataclass(frozen=True, slots=True)
class LimitRow:
    """What would become of the rollout under some limits."""

    title: str
    lines: list[str]


def limit_rows(given: Limits, under: Lane, own: Lane) -> list[LimitRow]:
    """Return what would become of a rollout under the limits that were asked for, and as it stands."""
    names = {"a": given.max_unavailable, "b": given.max_surge, "c": given.min_ready_seconds}
    title = _("maxUnavailable %(a)s, maxSurge %(b)s, minReadySeconds %(c)s") % names
    return [LimitRow(title, _lane_words(under)), LimitRow(_("As it stands"), _lane_words(own))]


def _lane_words(lane: Lane) -> list[str]:
    if lane.done:
        end = _("Done in %(span)s.") % {"span": span(lane.seconds)}
    else:
        end = counted(
            "Not done after %(span)s: %(n)s node is left.",
            "Not done after %(span)s: %(n)s nodes are left.",
            lane.left,
            span=span(lane.seconds),
        )
    most, more = lane.course.most_unavailable, lane.course.most_pods - lane.before.pods
    lines = [
        end,
        counted(
            "At most %(n)s node without an available pod.",
            "At most %(n)s nodes without an available pod.",
            most,
        ),
    ]
    if more > 0:
        lines.append(counted("At most %(n)s pod more than now.", "At most %(n)s pods more than now.", more))
    return lines
