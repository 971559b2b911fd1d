"""The verdict of a pair, as the panel beside the map shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.placement import Check
from controller.queries.explain import Explanation, PairPod
from dashboard.present.checks import check_words
from dashboard.present.cures import node_cure_words, set_cure_words
from dashboard.present.links import map_url, node_url, set_url
from dashboard.present.nodes import LabelRow, label_rows
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.words import Word, seconds_label, state_words

RULES: dict[str, Word] = {
    "nodeName": gettext_lazy("node name"),
    "nodeSelector": gettext_lazy("node selector"),
    "nodeAffinity": gettext_lazy("node affinity"),
    "taint": gettext_lazy("taint"),
}
MARKS: dict[bool | None, tuple[str, Word]] = {
    True: ("pass", gettext_lazy("passed")),
    False: ("fail", gettext_lazy("failed")),
    None: ("skip", gettext_lazy("not set")),
}


GOOD = frozenset({CellState.NEW, CellState.OLD, CellState.SURGE, CellState.UPDATING})
"""States in which the first sentence tells of nothing that anybody has to cure."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check: ``mark`` is pass, fail or skip, ``said`` the same in words."""

    mark: str
    message: Word
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class CureRow:
    """The smallest edit of one side (node or set) that would let a pod run."""

    side: str
    title: str
    sentence: str
    button: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The panel of a pair."""

    key: str
    set: str
    set_url: str
    node: str
    node_url: str
    close_url: str
    state: CellState
    state_words: str
    lead: str
    yes: bool
    first: str
    checks: list[CheckRow]
    notes: list[str]
    cures: list[CureRow]
    version: str
    node_version: str
    pods: list[PodRow]
    labels: list[LabelRow]


def verdict_row(cluster: str, found: Explanation) -> VerdictRow:
    """Return why a set is or is not on a node."""
    key, failing = f"{found.namespace}/{found.name}", found.verdict.first_failing
    return VerdictRow(
        key=key,
        set=found.name,
        set_url=set_url(cluster, found.namespace, found.name),
        node=found.node,
        node_url=node_url(cluster, found.node),
        close_url=map_url(cluster, chosen=key),
        state=found.state,
        state_words=state_words(found.state).capitalize(),
        lead=_lead(found),
        yes=found.state in GOOD,
        first=check_words(failing) if failing else _wanted(found),
        checks=[_check(one) for one in found.verdict.checks],
        notes=_notes(found),
        cures=_cures(found),
        version=found.version,
        node_version=found.node_version,
        pods=[_pod(cluster, one) for one in found.pods],
        labels=label_rows(found.labels),
    )


def _lead(found: Explanation) -> str:
    count = len(found.pods)
    if not count:
        return _("No pod of this set is here.")
    return ngettext("%(n)s pod is here.", "%(n)s pods are here.", count) % {"n": count}


def _wanted(found: Explanation) -> str:
    """Return what there is to say of a pair that passes every check."""
    message = {
        CellState.FAILING: _("A pod should run here, but it is in trouble: %(why)s."),
        CellState.PENDING: _("A pod should run here, but the scheduler finds no place for it."),
        CellState.MISSING: _("Every check passes: a pod should run here, and there is none yet."),
        CellState.UPDATING: _("Every check passes: a pod should run here, and it is on its way."),
        CellState.DOWN: _("A pod should run here, but the machine does not answer."),
    }.get(found.state, _("Every check passes: a pod should run here."))
    if found.state is CellState.MISSING and found.refusal:
        refused = _("A pod should run here, but the API server refuses to create it: %(why)s")
        return refused % {"why": found.refusal}
    troubled = (one.pod.status for one in found.pods if one.pod.ready < one.pod.containers)
    return message % {"why": next(troubled, _("not ready"))} if found.state is CellState.FAILING else message


def _check(check: Check) -> CheckRow:
    mark, message = MARKS[check.passed]
    rule = str(RULES.get(check.rule, check.rule))
    if check.passed is False and check.keeps:
        rule += ", " + _("a pod that is there may keep running")
    return CheckRow(mark, message, rule, check_words(check))


def _notes(found: Explanation) -> list[str]:
    left = seconds_label(found.backoff)
    message = {
        _("The machine does not answer: nothing on it moves until it is back."): found.down,
        _("Its pod failed; it is left alone for %(left)s more.") % {"left": left}: found.backoff > 0,
        _("The set is being deleted."): found.deleting,
        _("The rollout is paused: missing pods are made, none is replaced."): found.paused,
        _("Time is paused: nothing follows until it is resumed or stepped."): found.clock_stands,
    }
    return [sentence for sentence, holds in message.items() if holds]


def _cures(found: Explanation) -> list[CureRow]:
    cures = []
    if found.node_cure:
        cures.append(
            CureRow("node", _("Of the node:"), node_cure_words(found.node_cure), _("Apply to the node"))
        )
    if found.set_cure:
        cures.append(CureRow("set", _("Of the set:"), set_cure_words(found.set_cure), _("Apply to the set")))
    return cures


def _pod(cluster: str, one: PairPod) -> PodRow:
    why = one.waits_for
    if one.available_in:
        why = _("available in %(left)s") % {"left": seconds_label(one.available_in)}
    elif not one.updated and not one.pod.terminating:
        number = "?" if one.revision is None else one.revision
        why = why or _("of an older revision (%(n)s)") % {"n": number}
    return pod_row(cluster, one.pod, why=why)
