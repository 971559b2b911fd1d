"""The words of the steps between a pod that should run and one that is available.

The facts come from ``controller/queries/steps.py`` and ``room.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from controller.queries.room import HOST_PORT, PODS, Holder, Shortage
from controller.queries.steps import Standing, Step, StepKind
from dashboard.present.amounts import amount
from dashboard.present.checks import all_of
from dashboard.present.words import Word, grouped, seconds_label

NAMES: dict[StepKind, Word] = {
    StepKind.NODE: gettext_lazy("node"),
    StepKind.CREATED: gettext_lazy("creation"),
    StepKind.SCHEDULED: gettext_lazy("scheduling"),
    StepKind.PULLED: gettext_lazy("image"),
    StepKind.STARTED: gettext_lazy("containers"),
    StepKind.READY: gettext_lazy("readiness"),
    StepKind.AVAILABLE: gettext_lazy("availability"),
}
MARKS: dict[Standing, tuple[str, Word]] = {
    Standing.PASSED: ("pass", gettext_lazy("passed")),
    Standing.WAITS: ("wait", gettext_lazy("under way")),
    Standing.BLOCKED: ("fail", gettext_lazy("blocked")),
    Standing.AHEAD: ("skip", gettext_lazy("still ahead")),
}
PASSED: dict[StepKind, Word] = {
    StepKind.NODE: gettext_lazy("The machine answers."),
    StepKind.CREATED: gettext_lazy("The pod is created."),
    StepKind.SCHEDULED: gettext_lazy("It is assigned to the node."),
    StepKind.PULLED: gettext_lazy("Its images are pulled."),
    StepKind.STARTED: gettext_lazy("Its containers run."),
    StepKind.READY: gettext_lazy("It is ready."),
    StepKind.AVAILABLE: gettext_lazy("It is available."),
}
AHEAD: dict[StepKind, Word] = {
    StepKind.NODE: gettext_lazy("The machine answers"),
    StepKind.CREATED: gettext_lazy("The pod is created"),
    StepKind.SCHEDULED: gettext_lazy("It is assigned to the node"),
    StepKind.PULLED: gettext_lazy("Its images are pulled"),
    StepKind.STARTED: gettext_lazy("Its containers start"),
    StepKind.READY: gettext_lazy("It gets ready"),
    StepKind.AVAILABLE: gettext_lazy("It counts as available"),
}
WAITS: dict[StepKind, Word] = {
    StepKind.NODE: gettext_lazy("The machine does not answer."),
    StepKind.CREATED: gettext_lazy("A pod should run here, and there is none yet."),
    StepKind.SCHEDULED: gettext_lazy("The scheduler has not looked at the pod yet."),
    StepKind.PULLED: gettext_lazy("Its images are being pulled, and its containers created."),
    StepKind.STARTED: gettext_lazy("Its containers are starting."),
    StepKind.READY: gettext_lazy("Its containers run; it is not ready yet."),
    StepKind.AVAILABLE: gettext_lazy("It is ready."),
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step: ``mark`` is pass, wait, fail or skip, ``message`` the same in words."""

    mark: str
    message: Word
    rule: Word
    text: str


def step_rows(found: Iterable[Step], lacking: Iterable[Shortage], node: str) -> list[StepRow]:
    """Return the steps as rows. ``lacking`` is what the one that is blocked waits for, on a ``node``."""
    lacking = tuple(lacking)
    return [
        StepRow(*MARKS[step.standing], NAMES[step.kind], step_words(step, lacking, node)) for step in found
    ]


def step_words(step: Step, lacking: Iterable[Shortage], node: str) -> str:
    """Return how a step stands in a sentence, what is ahead in a few words."""
    if step.standing is Standing.PASSED:
        return str(PASSED[step.kind])
    if step.standing is Standing.AHEAD:
        return str(AHEAD[step.kind])
    worded = {
        StepKind.NODE: _node,
        StepKind.CREATED: _created,
        StepKind.PULLED: _pulled,
        StepKind.STARTED: _started,
        StepKind.READY: _ready,
        StepKind.AVAILABLE: _available,
    }
    if step.kind is StepKind.SCHEDULED:
        return _scheduled(step, lacking, node)
    return worded[step.kind](step)


def _node(_step: Step) -> str:
    return _("The machine does not answer: nothing on it moves until it is back.")


def _created(step: Step) -> str:
    if step.standing is Standing.BLOCKED:
        return _("The API server refuses to create the pod: %(why)s") % {"why": step.message}
    if step.reason:
        return _("Its pod is stopping; the next one is made when it is gone.")
    if step.seconds:
        left = seconds_label(step.seconds)
        return _("Its last pod failed: none is made for %(left)s more.") % {"left": left}
    return str(WAITS[step.kind])


def _scheduled(step: Step, lacking: Iterable[Shortage], node: str) -> str:
    if step.standing is Standing.WAITS:
        return str(WAITS[step.kind])
    if step.reason == "SchedulingGated":
        return _("Its scheduling gates hold it back: the scheduler does not look at it until they are gone.")
    found = " ".join(shortage_words(one, node) for one in lacking)
    return found or _("The scheduler finds no place for it: %(why)s") % {"why": step.message}


def shortage_words(one: Shortage, node: str) -> str:
    """Return what a pod does not find on a node, and who has it."""
    facts = {"node": node, "resource": one.resource, "asked": amount(one.resource, one.asked)}
    if one.resource == HOST_PORT:
        facts |= {"protocol": one.protocol, "holder": _holder(one.holders[0])}
        return _("Port %(asked)s/%(protocol)s of %(node)s is taken by pod %(holder)s.") % facts
    facts |= {"free": amount(one.resource, one.free), "total": amount(one.resource, one.total)}
    if one.resource == PODS:
        return _("%(node)s has room for no more pods: %(total)s at most, and as many are there.") % facts
    message = _("The pod requests %(asked)s %(resource)s; %(node)s has %(free)s of %(total)s free.") % facts
    if one.holders:
        most = [f"{_holder(held)}: {amount(one.resource, held.amount)}" for held in one.holders]
        message += " " + _("Most of it is taken by %(pods)s.") % {"pods": all_of(most)}
    return message


def _holder(held: Holder) -> str:
    kind, _slash, name = held.owner.partition("/")
    return f"{held.namespace}/{held.name}" + (f" ({kind} {name})" if held.owner else "")


def _pulled(step: Step) -> str:
    if step.standing is Standing.WAITS:
        return str(WAITS[step.kind])
    message = _("The image %(image)s of container %(container)s cannot be pulled (%(reason)s).") % {
        "image": step.image,
        "container": step.container,
        "reason": step.reason,
    }
    return f"{message} {step.message}".strip()


def _started(step: Step) -> str:
    facts = {"container": step.container, "code": step.exit_code, "reason": step.reason}
    if step.reason == "CrashLoopBackOff":
        return _crashing(step)
    if step.reason == "Failed" and step.exit_code is not None:
        message = _("Container %(container)s has ended with exit code %(code)s: the pod has failed.") % facts
    elif not step.container:
        message = _("The pod has failed (%(reason)s).") % facts
    elif step.standing is Standing.BLOCKED:
        message = _("Container %(container)s does not start (%(reason)s).") % facts
    else:
        return str(WAITS[step.kind])
    if step.seconds:
        left = seconds_label(step.seconds)
        message += " " + _("It is left alone for %(left)s more, then made anew.") % {"left": left}
    return f"{message} {step.message}".strip()


def _crashing(step: Step) -> str:
    facts = {"container": step.container, "code": step.exit_code, "n": grouped(step.restarts)}
    if not step.restarts and step.exit_code is None:
        message = _("Container %(container)s crashed, and is not restarted yet.")
    elif not step.restarts:
        message = _("Container %(container)s crashed with exit code %(code)s, and is not restarted yet.")
    elif step.exit_code is None:
        message = ngettext(
            "Container %(container)s keeps crashing (restarted %(n)s time).",
            "Container %(container)s keeps crashing (restarted %(n)s times).",
            step.restarts,
        )
    else:
        message = ngettext(
            "Container %(container)s keeps crashing: exit code %(code)s, restarted %(n)s time.",
            "Container %(container)s keeps crashing: exit code %(code)s, restarted %(n)s times.",
            step.restarts,
        )
    return message % facts


def _ready(step: Step) -> str:
    if step.standing is Standing.WAITS:
        return str(WAITS[step.kind])
    return _("Its containers run, but it does not get ready.")


def _available(step: Step) -> str:
    left = seconds_label(step.seconds)
    return _("It is ready, and counts as available in %(left)s (minReadySeconds).") % {"left": left}
