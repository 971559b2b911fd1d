"""What would come of an edit, in words: the panel that a preview opens, and the lines of the command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from controller.engine.daemonset.staged.status import Phase
from controller.engine.whatif.effects import Effect
from controller.engine.whatif.simulation import Ended
from controller.engine.whatif.warnings import Risk, Warning  # noqa: A004 -- see there
from controller.queries.audit import AuditLine
from controller.queries.plans import PlanCourse, WaveCourse
from controller.queries.whatif import Preview
from dashboard.present.audits import sentence
from dashboard.present.links import object_url
from dashboard.present.words import (
    Count,
    Fact,
    Word,
    age,
    counted,
    counts_of,
    grouped,
    joined,
    span,
    wave_title,
)
from dashboard.present.writes import WriteRow, write_rows

SHOWN_CELLS = 400
"""So many nodes of a workload are drawn; of more only the numbers are told."""

FEW = 3
"""So few names need no drawing."""

SHOWN_NAMES = 60
"""So many names are listed."""

RISKS: dict[Risk, Word] = {
    Risk.DOES_NOT_FIT: ngettext_lazy(
        "%(owner)s: %(pods)s pod finds no room on %(node)s. %(said)s",
        "%(owner)s: %(pods)s pods find no room, one of them on %(node)s. %(said)s",
        "pods",
    ),
    Risk.FAILS: ngettext_lazy(
        "%(owner)s: %(pods)s pod does not become ready: %(reason)s on %(node)s.",
        "%(owner)s: %(pods)s pods do not become ready: %(reason)s on %(node)s.",
        "pods",
    ),
    Risk.LAST_IN_ZONE: gettext_lazy("%(owner)s: no ready pod in %(zones)s for up to %(span)s."),
    Risk.MATCHES_NOTHING: ngettext_lazy(
        "%(owner)s: no node is targeted. %(selector)s is not on the only node.",
        "%(owner)s: no node is targeted. %(selector)s is on 0 of %(nodes)s nodes.",
        "nodes",
    ),
    Risk.NOT_COMING_BACK: ngettext_lazy(
        "%(pods)s pod without a controller goes and is not made anew.",
        "%(pods)s pods without a controller go and are not made anew.",
        "pods",
    ),
    Risk.NOT_READY_YET: ngettext_lazy(
        "%(owner)s: the update before is not over: %(pods)s pod is not available yet. It goes at once, "
        "whatever the budget is.",
        "%(owner)s: the update before is not over: %(pods)s pods are not available yet. All go at once, "
        "whatever the budget is.",
        "pods",
    ),
    Risk.ON_DELETE: gettext_lazy("%(owner)s: nothing is replaced before somebody deletes pods (OnDelete)."),
    Risk.OVER_BUDGET: gettext_lazy("%(owner)s: up to %(unavailable)s unavailable, the budget is %(budget)s."),
    Risk.PAUSED: gettext_lazy("%(owner)s: nothing is replaced while the rollout is paused."),
    Risk.REFUSED: gettext_lazy("%(owner)s: its pods are refused: %(said)s"),
    Risk.STANDS_STILL: ngettext_lazy(
        "%(owner)s: the rollout gets no further: %(pods)s pod stays as it is.",
        "%(owner)s: the rollout gets no further: %(pods)s pods stay as they are.",
        "pods",
    ),
    Risk.ZONE_LEFT: gettext_lazy("%(owner)s: no ready pod is left in %(zones)s."),
}
"""Names are facts of the warning, or made of them."""

NOWHERE: Word = ngettext_lazy(
    "%(owner)s: %(pods)s pod finds no room. %(said)s",
    "%(owner)s: %(pods)s pods find no room. %(said)s",
    "pods",
)
"""That pods do not fit which no controller wants on a certain node."""

BORN, GONE, UPDATING = "born", "gone", "updating"
"""What the map's overlay calls a node whose pod comes, goes or is replaced."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of some nodes of a workload. ``cells`` are drawn, ``names`` listed, ``more`` are not.

    A ``few`` names are seen at once.
    """

    key: str
    title: str
    cells: tuple[str, ...]
    names: tuple[str, ...]
    more: int
    few: bool


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What becomes of one workload; ``url`` is "" if it is not there yet."""

    kind: str
    name: str
    url: str
    changes: list[Change]
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave of a plan: which nodes, and when it is their turn."""

    title: str
    when: str
    nodes: Change
    kept: str


@dataclass(frozen=True, slots=True)
class SinceRow:
    """What somebody did since the preview was made."""

    actor: str
    age: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PreviewShown:
    """A preview as a panel. ``cells`` is what the map overlays: the word for each node.

    Of the objects that are written ``writes`` shows some, ``unshown`` tells how many others.
    """

    number: int
    digest: str
    done: list[str]
    lead: str
    figures: list[Fact]
    warnings: list[str]
    effects: list[EffectRow]
    waves: list[WaveRow]
    plan_notes: list[str]
    notes: list[str]
    writes: list[WriteRow]
    unshown: str
    cells: dict[str, str]
    since: list[SinceRow]


def preview_shown(cluster: str, found: Preview, since: Iterable[AuditLine] = ()) -> PreviewShown:
    """Return a preview in words; ``since`` is what was done since the one that it replaces."""
    return PreviewShown(
        number=found.number,
        digest=found.digest,
        done=[sentence(fact.action, fact.about, fact.values) for fact in found.facts],
        lead=lead(found),
        figures=_figures(found),
        warnings=[warning_words(one) for one in found.warnings],
        effects=[_effect_row(cluster, one) for one in found.effects],
        waves=[_wave_row(one, found) for one in found.plan.waves] if found.plan else [],
        plan_notes=_plan_notes(found.plan) if found.plan else [],
        notes=_notes(found),
        writes=write_rows(cluster, found.writes),
        unshown=_unshown(found.changed - len(found.writes)),
        cells=_cells(found.effects),
        since=[SinceRow(one.actor, age(one.at), sentence(one.action, one.about, one.facts)) for one in since],
    )


def _unshown(more: int) -> str:
    if not more:
        return ""
    return counted("%(n)s more object is written.", "%(n)s more objects are written.", more)


def lead(found: Preview) -> str:
    """Return the whole of a preview in a sentence."""
    if not found.changed:
        return _("This changes nothing: everything is so already.")
    come, go, replaced = (_total(found.effects, part) for part in ("gains", "loses", "replaces"))
    replaced += _total(found.effects, "waits")
    parts = []
    if replaced:
        parts.append(counted("%(n)s pod is replaced", "%(n)s pods are replaced", replaced))
    if come:
        parts.append(counted("%(n)s pod comes", "%(n)s pods come", come))
    if go:
        parts.append(counted("%(n)s pod goes", "%(n)s pods go", go))
    if not parts:
        return _("No pod comes or goes.")
    nodes = len(found.nodes)
    where = counted("on %(n)s node", "on %(n)s nodes", nodes)
    return _("%(pods)s, %(where)s.") % {"pods": joined(parts), "where": where}


def _total(effects: Iterable[Effect], part: str) -> int:
    return sum(len(getattr(one, part)) for one in effects)


def _figures(found: Preview) -> list[Fact]:
    made = [Fact(_("Takes"), _takes(found))] if found.effects else []
    if found.changed > 1:
        made.append(Fact(_("Objects written"), grouped(found.changed)))
    return made


def _takes(found: Preview) -> str:
    if found.ended is not Ended.STOPPED:
        return span(found.seconds) if found.seconds else _("no time")
    done, waits = _total(found.effects, "replaces"), _total(found.effects, "waits")
    if not found.elapsed:
        message = _("no time for the first %(done)s of %(n)s pods")
        return message % {"done": grouped(done), "n": grouped(done + waits)} if done else _("not known")
    if not done:
        return _("more than %(span)s") % {"span": span(found.elapsed)}
    return _("about %(span)s") % {"span": span(found.elapsed * (done + waits) / done)}


def _notes(found: Preview) -> list[str]:
    made = []
    if found.paused:
        made.append(_("Time is paused here: nothing of this happens before somebody lets it go on."))
    if found.busy:
        made.append(_("Other things are under way in this cluster. They are not told of here."))
    if found.apart < found.elapsed:
        message = _("They were followed for %(span)s only: some of what is told may be theirs.")
        made.append(message % {"span": span(found.apart)})
    if found.ended is Ended.STOPPED:
        message = _("Played out for %(span)s of cluster time only. %(pods)s")
        if not found.elapsed:
            message = _("Not played out to the end. %(pods)s")
        made.append(message % {"span": span(found.elapsed), "pods": _unplayed(found)})
    if found.ended is Ended.QUIET:
        made.append(
            _("It does not come to an end by itself: after this nothing moves any more, or only in circles.")
        )
    return made


def _unplayed(found: Preview) -> str:
    unplayed = sum(one.unplayed for one in found.effects)
    if not unplayed:
        return _("What comes later is not told of.")
    return counted(
        "%(n)s pod had not come, gone or been replaced by then.",
        "%(n)s pods had not come, gone or been replaced by then.",
        unplayed,
    )


def warning_words(one: Warning) -> str:
    """Return a warning in words."""
    facts: dict[str, object] = {"owner": one.owner[2], "said": "", **counts_of(one.facts)}
    facts["pods"] = Count(one.facts.get("count", one.facts.get("pods", 0)))
    facts["span"] = span(float(one.facts.get("seconds", 0)))
    nowhere = one.risk is Risk.DOES_NOT_FIT and not one.facts.get("node")
    return ((NOWHERE if nowhere else RISKS[one.risk]) % facts).strip()


# -- the waves of a plan -------------------------------------------------------------------------


def _wave_row(one: WaveCourse, found: Preview) -> WaveRow:
    amount = len(one.nodes)
    title = counted("%(n)s node", "%(n)s nodes", amount)
    kept = counted("%(n)s node keeps its old pod", "%(n)s nodes keep their old pods", one.kept)
    return WaveRow(
        wave_title(one.name),
        _when(one, found),
        _change(UPDATING, title, one.nodes, {}),
        kept if one.kept else "",
    )


def _when(one: WaveCourse, found: Preview) -> str:
    is_cut = found.ended is Ended.STOPPED
    if not one.nodes:
        return ""
    if one.begins is None:
        if one.is_behind:
            return _("is up to date already")
        return _("was not played out") if is_cut else _("does not begin")
    facts = {"begins": span(one.begins), "end": span(found.elapsed if one.ends is None else one.ends)}
    if one.ends is not None:
        return _("begins after %(begins)s, all ready after %(end)s") % facts
    if is_cut:
        return _("begins after %(begins)s, was not played out to its end") % facts
    return _("begins after %(begins)s, is not through after %(end)s") % facts


def _plan_notes(plan: PlanCourse) -> list[str]:
    made = []
    if plan.restarted:
        made.append(_("Nothing is to be rolled out now: this is how a restart would go by this plan."))
    if plan.promoted:
        made.append(_("Waves that somebody is to promote are promoted at once here."))
    if plan.phase in ENDS:
        made.append(str(ENDS[plan.phase]) % {"wave": wave_title(plan.wave)})
    return made


ENDS: dict[Phase, Word] = {
    Phase.PAUSED: gettext_lazy("It is paused then, and goes on when somebody resumes it."),
    Phase.AWAITING: gettext_lazy("It waits then until somebody promotes this wave: %(wave)s."),
    Phase.UNDONE: gettext_lazy("It is undone then: the revision of before comes back."),
}
"""How a plan stands in the end, where that is not what it is for."""


def _effect_row(cluster: str, one: Effect) -> EffectRow:
    kind, namespace, name = one.owner
    course, made = one.course, list[Fact]()
    if course and one.is_any and course.most_unavailable:
        lowest = f"{grouped(course.lowest.available)} / {grouped(course.lowest.desired)}"
        made.append(Fact(_("Fewest available"), lowest))
        made.append(
            Fact(_("Most unavailable"), _against(course.most_unavailable, course.bound, course.budget))
        )
        if course.bound == "maxSurge":
            made.append(Fact(_("Most pods"), grouped(course.most_pods)))
    return EffectRow(
        kind=kind,
        name=f"{namespace}/{name}" if kind else _("Pods without a controller"),
        url=object_url(cluster, kind, namespace, name) if kind else "",
        changes=list(_changes(one)),
        facts=made,
    )


def _against(unavailable: int, bound: str, budget: int) -> str:
    if bound != "maxUnavailable":
        return str(unavailable)
    return _("%(n)s, budget %(budget)s") % {"n": grouped(unavailable), "budget": grouped(budget)}


def _changes(one: Effect) -> Iterable[Change]:
    pods = {lost.node: lost.name for lost in one.lost}
    come, go = len(one.gains), len(one.loses)
    replaced = (*one.replaces, *one.waits)
    if replaced:
        title = counted("%(n)s pod replaced", "%(n)s pods replaced", len(replaced))
        yield _change(UPDATING, title, replaced, pods)
    if come:
        yield _change(BORN, counted("%(n)s pod comes", "%(n)s pods come", come), one.gains, {})
    if go:
        yield _change(GONE, counted("%(n)s pod goes", "%(n)s pods go", go), one.loses, pods)


def _change(key: str, title: str, nodes: Sequence[str], pods: dict[str, str]) -> Change:
    names = [
        f"{node or _('no node')}: {pods[node]}" if node in pods else node or _("no node") for node in nodes
    ]
    few = len(names) <= FEW
    drawn = tuple(nodes) if FEW < len(nodes) <= SHOWN_CELLS else ()
    return Change(key, title, drawn, tuple(names[:SHOWN_NAMES]), max(0, len(names) - SHOWN_NAMES), few)


def _cells(effects: Iterable[Effect]) -> dict[str, str]:
    """Return what the map shows of each node; what goes is seen before what comes."""
    cells: dict[str, str] = {}
    for one in effects:
        parts = ((UPDATING, (*one.replaces, *one.waits)), (BORN, one.gains), (GONE, one.loses))
        for word, nodes in parts:
            for node in nodes:
                if node and cells.get(node) != GONE:
                    cells[node] = word
    return cells


def text(cluster: str, found: Preview) -> list[str]:
    """Return a preview as lines of plain text."""
    shown = preview_shown(cluster, found)
    lines = [*shown.done, shown.lead, *(f"{one.label}: {one.value}" for one in shown.figures)]
    for effect in shown.effects:
        lines += ["", f"{effect.kind} {effect.name}".strip()]
        for change in effect.changes:
            more = [_("%(n)s more") % {"n": grouped(change.more)}] if change.more else []
            lines.append(f"  {change.title}: {', '.join((*change.names, *more))}")
        lines += [f"  {one.label}: {one.value}" for one in effect.facts]
    warned = [_("Warning: %(said)s") % {"said": one} for one in shown.warnings]
    return [*lines, *([""] if warned or shown.notes else []), *warned, *shown.notes]
