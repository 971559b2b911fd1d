"""The page of the rollout of a Deployment or a StatefulSet as rows: bar, small maps, bounds, who waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.queries.revisions import RevisionRow
from controller.queries.rollouts import Cause, Motion, Why
from controller.queries.stages import Stage, StageState
from controller.queries.workloadrollouts import Batch, InTheWay, WorkloadRollout
from dashboard.present.links import object_url, pod_url
from dashboard.present.rollouts import HEADLINES
from dashboard.present.shell import set_parts
from dashboard.present.smallmaps import LegendRow, StageRow, legend_of, stage_row
from dashboard.present.words import Fact, Part, Word, counted, grouped, span

CAUSES: dict[Cause, Word] = {
    Cause.NODE_DOWN: gettext_lazy("its node does not answer"),
    Cause.NO_POD: gettext_lazy("it is not made yet"),
    Cause.STOPPING: gettext_lazy("it is stopping"),
    Cause.UNSCHEDULED: gettext_lazy("the scheduler finds no node for it"),
    Cause.FAILING: gettext_lazy("it is in trouble (%(reason)s)"),
    Cause.STARTING: gettext_lazy("it is starting"),
    Cause.READY: gettext_lazy("it is ready, and available in %(n)s s"),
    Cause.AVAILABLE: gettext_lazy("it is available"),
}
"""Why a pod is waited for."""


@dataclass(frozen=True, slots=True)
class WayRow:
    """A pod that is in the way; ``url`` is "" if it is not there."""

    name: str
    url: str
    node: str
    words: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class WorkloadRolloutPage:
    """The page. ``undo`` is the revision to go back to, 0 for none."""

    kind: str
    name: str
    namespace: str
    version: str
    url: str
    action_url: str
    headline: str
    tone: str
    progress: str
    why: str
    parts: list[Part]
    batches: list[StageRow]
    legend: list[LegendRow]
    ways: list[WayRow]
    more: str
    bounds: list[Fact]
    deadline: list[str]
    may_pause: bool
    paused: bool
    undo: int


def workload_rollout_page(
    cluster: str, place: tuple[str, str], found: WorkloadRollout, kept: tuple[RevisionRow, ...]
) -> WorkloadRolloutPage:
    """Return the page of the workload at ``place`` (namespace, name) with the revisions that it keeps."""
    headline, tone = HEADLINES[found.motion]
    current = next((one.number for one in kept if one.current), 0)
    states = Counter(cell.state for one in found.batches for cell in one.cells)
    drawn = [_batch(found, one) for one in found.batches]
    more = len(found.waiting) - SHOWN
    return WorkloadRolloutPage(
        kind=found.kind,
        name=place[1],
        namespace=place[0],
        version=found.version,
        url=object_url(cluster, found.kind, *place),
        action_url=object_url(cluster, found.kind, *place, page="object_act"),
        headline=str(headline) % {"n": current},
        tone=tone,
        progress=_("%(updated)s of %(desired)s up to date, %(available)s available")
        % {
            "updated": grouped(found.updated),
            "desired": grouped(found.wanted),
            "available": grouped(found.available),
        },
        why=_why(found),
        parts=set_parts(states),
        batches=drawn,
        legend=legend_of(drawn),
        ways=[_way(cluster, place[0], one) for one in found.waiting[:SHOWN]],
        more=counted("and %(n)s more", "and %(n)s more", more) if more > 0 else "",
        bounds=_bounds(found),
        deadline=_deadline(found),
        may_pause=found.kind == "Deployment",
        paused=found.motion is Motion.PAUSED,
        undo=_undo(found, kept),
    )


SHOWN = 10
"""How many pods that are in the way are listed."""


def _undo(found: WorkloadRollout, kept: tuple[RevisionRow, ...]) -> int:
    """Return the revision that a rollout which is not over can go back to."""
    if found.motion is Motion.DONE:
        return 0
    return next((one.number for one in kept if not one.current), 0)


def _batch(found: WorkloadRollout, one: Batch) -> StageRow:
    numbered = found.kind == "StatefulSet"
    up_to_date = sum(cell.state is CellState.NEW for cell in one.cells)
    kept = numbered and not one.is_new
    if kept:
        state = StageState.KEPT
    elif one.is_new:
        state = StageState.DONE if up_to_date == one.asked else StageState.NOW
    else:
        state = StageState.LEAVING
    names = tuple((cell.node or cell.pod, cell.state) for cell in one.cells)
    row = stage_row(Stage("", state, names, up_to_date))
    return row.titled(_title(found, one), _text(found, one))


def _title(found: WorkloadRollout, one: Batch) -> str:
    if found.kind == "StatefulSet":
        if one.is_new:
            return _("Pods in the order of their numbers")
        if found.partition is None:
            return _("All pods: OnDelete")
        return _("Below the partition")
    return _("%(name)s, revision %(n)s") % {"name": one.name, "n": one.revision}


def _text(found: WorkloadRollout, one: Batch) -> str:
    if found.kind == "StatefulSet":
        message = _("%(available)s of %(total)s available")
        return message % {"available": grouped(one.available), "total": grouped(one.asked)}
    message = _("%(asked)s asked for, %(available)s available")
    return message % {"asked": grouped(one.asked), "available": grouped(one.available)}


def _way(cluster: str, namespace: str, one: InTheWay) -> WayRow:
    there = one.why.cause is not Cause.NO_POD
    return WayRow(
        name=one.pod,
        url=pod_url(cluster, namespace, one.pod) if there else "",
        node=one.node,
        words=cause_words(one.why),
        blocks=one.blocks,
    )


def cause_words(why: Why) -> str:
    """Say why a pod is waited for."""
    facts = {"reason": why.reason or _("never ready"), "n": ceil(why.seconds)}
    return str(CAUSES[why.cause]) % facts


# -- why ----------------------------------------------------------------------------------------


def _why(found: WorkloadRollout) -> str:
    said = WHYS.get(found.motion)
    if said:
        return str(said)
    if found.waiting:
        first = next((one for one in found.waiting if one.blocks), found.waiting[0])
        facts = {"pod": first.pod, "why": cause_words(first.why), "next": found.next}
        if found.next and found.next != first.pod:
            return _("It waits for %(pod)s: %(why)s. After it %(next)s is replaced.") % facts
        return _("It waits for %(pod)s: %(why)s.") % facts
    if found.next:
        return _("%(pod)s is replaced next.") % {"pod": found.next}
    return _("Its controller goes on with it.")


WHYS: dict[Motion, Word] = {
    Motion.DONE: gettext_lazy("All pods are of the present template and available."),
    Motion.CLOCK: gettext_lazy("The clock of the cluster stands still, so nothing follows from edits."),
    Motion.PAUSED: gettext_lazy("The rollout is paused: a new template waits until it is resumed."),
    Motion.ON_DELETE: gettext_lazy("OnDelete: old pods stay until somebody deletes them."),
    Motion.PARTITIONED: gettext_lazy("Pods below the partition keep the revision of before."),
}


def _bounds(found: WorkloadRollout) -> list[Fact]:
    if found.kind == "StatefulSet":
        order = _("one after the other") if found.ordered else _("Parallel: made and deleted together")
        made = [Fact(_("Order"), order)]
        if found.partition is not None:
            made.append(Fact(_("Partition"), grouped(found.partition)))
        return [*made, Fact(_("Next"), found.next or "-")]
    if found.recreates:
        return [Fact(_("Strategy"), _("Recreate: all old pods go before the first new one comes"))]
    return [
        Fact(
            _("Asked for"),
            _("%(n)s, at most %(most)s (maxSurge)")
            % {"n": grouped(found.asked), "most": grouped(found.most or 0)},
        ),
        Fact(
            _("Available"),
            _("%(n)s, at least %(least)s (maxUnavailable)")
            % {"n": grouped(found.available), "least": grouped(found.least or 0)},
        ),
    ]


def _deadline(found: WorkloadRollout) -> list[str]:
    """Say how long it may stand still before it counts as stuck."""
    if found.kind == "StatefulSet":
        return [_("A StatefulSet has no progress deadline: one that stands still is never said to be stuck.")]
    if found.deadline is None:
        return [_("There is no progress deadline: one that stands still is never said to be stuck.")]
    whole = _("progressDeadlineSeconds is %(n)s.") % {"n": found.deadline}
    if found.left is not None and found.motion is not Motion.DONE:
        message = _("Without progress it counts as stuck in %(span)s (ProgressDeadlineExceeded).")
        return [message % {"span": span(ceil(found.left))}, whole]
    if found.motion is Motion.STUCK:
        return [_("The deadline is over: it counts as stuck (ProgressDeadlineExceeded)."), whole]
    return [_("Nothing runs against it now."), whole]
