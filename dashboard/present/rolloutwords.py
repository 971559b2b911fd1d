"""What is said of a rollout: why a node is waited for, and what a whole set waits for.

The facts come from ``controller/queries/rollouts.py``.
"""

from __future__ import annotations

from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from controller.queries.rollouts import Cause, Motion, Progress, WaitsFor, Why
from dashboard.present.words import Word

CAUSES: dict[Cause, Word] = {
    Cause.NODE_DOWN: gettext_lazy("the node does not answer"),
    Cause.CROWDED: gettext_lazy("more than one pod of a revision stands there"),
    Cause.NO_POD: gettext_lazy("it has no pod yet"),
    Cause.REFUSED: gettext_lazy("the API server refuses its pod (%(reason)s)"),
    Cause.STOPPING: gettext_lazy("its pod is stopping"),
    Cause.ENDED: gettext_lazy("its pod has ended (%(reason)s)"),
    Cause.UNSCHEDULED: gettext_lazy("the scheduler finds no room for its new pod"),
    Cause.FAILING: gettext_lazy("its new pod is in trouble (%(reason)s)"),
    Cause.STARTING: gettext_lazy("its new pod is starting"),
    Cause.READY: gettext_lazy("its new pod is ready, and available in %(n)s s"),
    Cause.AVAILABLE: gettext_lazy("its new pod is available; the old one goes"),
    Cause.OLD_REPLACED: gettext_lazy("its old pod is not available (%(reason)s) and is replaced first"),
    Cause.OLD_STAYS: gettext_lazy("its old pod is not available (%(reason)s)"),
}


def why_words(why: Why) -> str:
    """Say why a node is waited for."""
    message = CAUSES[why.cause]
    if why.cause is Cause.ENDED and why.seconds > 0:
        message = _("its pod has ended (%(reason)s) and is left alone for %(n)s s more")
    return str(message) % {"reason": why.reason or _("never ready"), "n": ceil(why.seconds)}


def progress_words(found: Progress) -> str:
    """Say in a sentence what a set waits for."""
    match found.motion:
        case Motion.DONE:
            return _done(found.counts.desired)
        case Motion.DELETING:
            return _("The set is being deleted.")
        case Motion.CLOCK:
            return _("Time is paused in the cluster, so nothing follows from edits.")
        case Motion.PAUSED:
            return _paused(found.old)
        case Motion.ON_DELETE:
            return _on_delete(found.old)
        case Motion.STUCK | Motion.MOVING:
            return _waits_for(found.waits_for) if found.waits_for else _("The next pass goes on with it.")


def _done(desired: int) -> str:
    if not desired:
        return _("No node should run this set.")
    return ngettext(
        "The node that should run it has an available pod of this revision.",
        "All %(n)s nodes that should run it have an available pod of this revision.",
        desired,
    ) % {"n": desired}


def _paused(old: int) -> str:
    return ngettext(
        "The rollout is paused: %(n)s old pod stays until it is resumed.",
        "The rollout is paused: %(n)s old pods stay until it is resumed.",
        old,
    ) % {"n": old}


def _on_delete(old: int) -> str:
    return ngettext(
        "OnDelete: %(n)s old pod stays until somebody deletes it.",
        "OnDelete: %(n)s old pods stay until somebody deletes them.",
        old,
    ) % {"n": old}


def _waits_for(waits_for: WaitsFor) -> str:
    if waits_for.takes_budget:
        message = ngettext(
            "The only slot of the budget is held by %(node)s: %(why)s.",
            "All %(n)s slots of the budget are taken. %(node)s holds one: %(why)s.",
            waits_for.count,
        )
    else:
        message = ngettext(
            "It waits for %(node)s: %(why)s.",
            "It waits for %(n)s nodes. %(node)s is the first: %(why)s.",
            waits_for.count,
        )
    first = waits_for.first
    return message % {"n": waits_for.count, "node": first.node, "why": why_words(first.why)}
