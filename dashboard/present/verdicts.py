"""The verdict of a pair, as the panel beside the map shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.placement import Check
from controller.queries.explain import Explanation, PairPod
from controller.queries.steps import Standing, StepKind, first_unpassed
from dashboard.present.checks import check_words
from dashboard.present.fixes import CureRow, cure_rows
from dashboard.present.links import map_url, node_url, pairs_url, set_url
from dashboard.present.nodes import LabelRow, label_rows
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.steps import StepRow, step_rows, step_words
from dashboard.present.words import Word, counted, seconds_label, state_words

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


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check: ``mark`` is pass, fail or skip, ``said`` the same in words."""

    mark: str
    message: Word
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class SharedRow:
    """The other nodes with the same cause."""

    text: str
    url: str


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
    tone: str
    first: str
    checks: list[CheckRow]
    steps: list[StepRow]
    shared: SharedRow | None
    notes: list[str]
    cures: list[CureRow]
    pods: list[PodRow]
    labels: list[LabelRow]


def verdict_row(cluster: str, found: Explanation) -> VerdictRow:
    """Return why a set is or is not on a node."""
    key = f"{found.namespace}/{found.name}"
    tone, first = _first(found)
    return VerdictRow(
        key=key,
        set=found.name,
        set_url=set_url(cluster, found.namespace, found.name),
        node=found.node,
        node_url=node_url(cluster, found.node),
        close_url=map_url(cluster, chosen=key),
        state=found.state,
        state_words=_state(found).capitalize(),
        lead=_lead(found),
        tone=tone,
        first=first,
        checks=[_check(one) for one in found.verdict.checks],
        steps=step_rows(found.steps, found.lacking, found.node),
        shared=_shared(cluster, found),
        notes=_notes(found),
        cures=cure_rows(cluster, found),
        pods=[_pod(cluster, one) for one in found.pods],
        labels=label_rows(found.labels),
    )


def _state(found: Explanation) -> str:
    """Return what the cell shows; what the map cannot tell apart is told apart here."""
    if found.state is not CellState.UPDATING:
        return state_words(found.state)
    if all(one.pod.terminating for one in found.pods):
        return _("replacing") if found.verdict.should_run else _("stopping")
    return _("starting")


def _lead(found: Explanation) -> str:
    count = len(found.pods)
    if not count:
        return _("No pod of this set is here.")
    return counted("%(n)s pod is here.", "%(n)s pods are here.", count)


def _first(found: Explanation) -> tuple[str, str]:
    """Return the tone and the sentence that say it all: the first cause, or that there is none."""
    failing, step = found.verdict.first_failing, first_unpassed(found.steps)
    if failing and not (step and step.kind is StepKind.NODE):
        return "", check_words(failing)
    if step is None:
        return "yes", _("Every check passes: a pod should run here, and it is available.")
    words = step_words(step, found.lacking, found.node)
    return "yes" if step.standing is Standing.WAITS else "", words


def _shared(cluster: str, found: Explanation) -> SharedRow | None:
    if not found.cause or not found.shared:
        return None
    count = len(found.shared)
    text = counted("%(n)s more node shares this cause", "%(n)s more nodes share this cause", count)
    url = pairs_url(cluster, found.namespace, found.name, like=found.node)
    return SharedRow(text, url)


def _check(check: Check) -> CheckRow:
    mark, message = MARKS[check.passed]
    rule = str(RULES.get(check.rule, check.rule))
    if check.passed is False and check.keeps:
        rule += ", " + _("a pod that is there may keep running")
    return CheckRow(mark, message, rule, check_words(check))


def _notes(found: Explanation) -> list[str]:
    message = {
        _("The set is being deleted."): found.deleting,
        _("The rollout is paused: missing pods are made, none is replaced."): found.paused,
        _("Time is paused: nothing follows until it is resumed or stepped."): found.clock_stands,
    }
    return [sentence for sentence, holds in message.items() if holds]


def _pod(cluster: str, one: PairPod) -> PodRow:
    why = ""
    if one.available_in:
        why = _("available in %(left)s") % {"left": seconds_label(one.available_in)}
    elif not one.updated and not one.pod.terminating:
        number = "?" if one.revision is None else one.revision
        why = _("of an older revision (%(n)s)") % {"n": number}
    return pod_row(cluster, one.pod, why=why)
