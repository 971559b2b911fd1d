"""What is said of a rollout: why a node is waited for, and what a whole set waits for."""

from __future__ import annotations

from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from controller.engine.daemonset.cells import is_failing
from controller.engine.objects import Pod


def cut_off() -> str:
    """Say that a machine is down or unreachable."""
    return _("the node does not answer")


def crowded() -> str:
    """Say that the pair is in a state that the controller tidies up first."""
    return _("more than one pod of a revision stands there")


def no_pod() -> str:
    """Say that the controller has not made one yet."""
    return _("it has no pod yet")


def ended(pod: Pod, left: float) -> str:
    """Say how the pod ended, and for how many seconds of back-off it stays, if for any."""
    if left > 0:
        facts = {"phase": pod.phase, "n": ceil(left)}
        return _("its pod has ended (%(phase)s) and is left alone for %(n)s s more") % facts
    return _("its pod has ended (%(phase)s)") % {"phase": pod.phase}


def stopping() -> str:
    """Say that the pod that was there has not gone yet."""
    return _("its pod is stopping")


def new_pod(pod: Pod, left: float) -> str:
    """Say what a pod of the current revision waits for; it is available in ``left`` seconds."""
    if not pod.bound:
        return _("the scheduler finds no room for its new pod")
    if is_failing(pod):
        return _("its new pod is in trouble (%(reason)s)") % {"reason": pod.waiting or _("never ready")}
    if not pod.ready:
        return _("its new pod is starting")
    if left > 0:
        return _("its new pod is ready, and available in %(n)s s") % {"n": ceil(left)}
    return _("its new pod is available; the old one goes")


def old_pod(pod: Pod, *, replaced: bool) -> str:
    """Say what ails an old pod, and whether the rollout takes it first."""
    trouble = {"reason": pod.waiting or pod.phase}
    if replaced:
        return _("its old pod is not available (%(reason)s) and is replaced first") % trouble
    return _("its old pod is not available (%(reason)s)") % trouble


def done(desired: int) -> str:
    """Say that everything is as wanted on ``desired`` nodes."""
    if not desired:
        return _("No node should run this set.")
    return ngettext(
        "The node that should run it has an available pod of this revision.",
        "All %(n)s nodes that should run it have an available pod of this revision.",
        desired,
    ) % {"n": desired}


def deleting() -> str:
    """Say that the set goes away."""
    return _("The set is being deleted.")


def clock_stands() -> str:
    """Say that time is paused."""
    return _("The clock of the cluster stands still, so nothing follows from edits.")


def goes_on() -> str:
    """Say that the next pass takes more pods."""
    return _("The next pass goes on with it.")


def paused(old: int) -> str:
    """Say that somebody paused the rollout."""
    return ngettext(
        "The rollout is paused: %(n)s old pod stays until it is resumed.",
        "The rollout is paused: %(n)s old pods stay until it is resumed.",
        old,
    ) % {"n": old}


def on_delete(old: int) -> str:
    """Say that the strategy leaves it to people."""
    return ngettext(
        "OnDelete: %(n)s old pod stays until somebody deletes it.",
        "OnDelete: %(n)s old pods stay until somebody deletes them.",
        old,
    ) % {"n": old}


def budget_taken(budget: int, node: str, why: str) -> str:
    """Say that nodes in trouble hold the whole budget, and name one."""
    facts = {"n": budget, "node": node, "why": why}
    return (
        ngettext(
            "The only slot of the budget is held by %(node)s: %(why)s.",
            "All %(n)s slots of the budget are taken. %(node)s holds one: %(why)s.",
            budget,
        )
        % facts
    )


def waits_for(count: int, node: str, why: str) -> str:
    """Say that ``count`` nodes are waited for, and name the first."""
    facts = {"n": count, "node": node, "why": why}
    return (
        ngettext(
            "It waits for %(node)s: %(why)s.",
            "It waits for %(n)s nodes. %(node)s is the first: %(why)s.",
            count,
        )
        % facts
    )
