"""What is said of a rollout: why a node is waited for, and what a whole set waits for.

The facts come from ``controller/queries/rollouts.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.staged.status import MOST_NAMED, Why
from controller.queries import rollouts
from controller.queries.rollouts import Cause, Motion, Progress, WaitsFor
from dashboard.present.words import Word, counted, joined, wave_title

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


def why_words(why: rollouts.Why) -> str:
    """Say why a node is waited for."""
    message = CAUSES[why.cause]
    if why.cause is Cause.ENDED and why.seconds > 0:
        message = _("its pod has ended (%(reason)s) and is left alone for %(n)s s more")
    return str(message) % {"reason": why.reason or _("never ready"), "n": ceil(why.seconds)}


def progress_words(found: Progress) -> str:
    """Say in a sentence what a set waits for."""
    return SENTENCES[found.motion](found)


def _done(found: Progress) -> str:
    desired = found.counts.desired
    if not desired:
        return _("No node should run this set.")
    return counted(
        "The node that should run it has an available pod of this revision.",
        "All %(n)s nodes that should run it have an available pod of this revision.",
        desired,
    )


def _paused(found: Progress) -> str:
    """Say who paused it and what they can do, if that was its plan."""
    status, old = found.status, found.old
    if status and status.why in PAUSES:
        more = ("…",) if len(status.failed) == MOST_NAMED else ()
        return str(PAUSES[status.why]) % {"nodes": joined((*status.failed, *more))}
    return counted(
        "The rollout is paused: %(n)s old pod stays until it is resumed.",
        "The rollout is paused: %(n)s old pods stay until it is resumed.",
        old,
    )


PAUSES: dict[Why, Word] = {
    Why.FAILURES: gettext_lazy("Its plan paused it, for these nodes are in trouble: %(nodes)s."),
    Why.TEMPLATE: gettext_lazy(
        "Its plan paused it: somebody edited the template meanwhile. Resumed, it begins anew."
    ),
    Why.STRATEGY: gettext_lazy("Its plan paused it: somebody edited the update strategy meanwhile."),
}


def _soaking(found: Progress) -> str:
    message = _("All pods of the wave %(wave)s are available; it soaks before the next step.")
    return message % {"wave": wave_title(found.status.wave) if found.status else ""}


def _awaiting(found: Progress) -> str:
    message = _("All pods of the wave %(wave)s are available; the next begins when somebody promotes it.")
    return message % {"wave": wave_title(found.status.wave) if found.status else ""}


def _invalid(found: Progress) -> str:
    message = _("Nothing is replaced until its plan can be read: %(message)s")
    return message % {"message": found.status.message if found.status else ""}


def _partitioned(found: Progress) -> str:
    old = found.old
    return counted(
        "%(n)s node keeps its old pod, as the partition of its plan says.",
        "%(n)s nodes keep their old pods, as the partition of its plan says.",
        old,
    )


def _on_delete(found: Progress) -> str:
    old = found.old
    return counted(
        "OnDelete: %(n)s old pod stays until somebody deletes it.",
        "OnDelete: %(n)s old pods stay until somebody deletes them.",
        old,
    )


def _waits(found: Progress) -> str:
    if found.waits_for:
        return _waits_for(found.waits_for)
    return _("Its controller goes on with it.")


def _waits_for(waits_for: WaitsFor) -> str:
    first = waits_for.first
    facts = {"node": first.node, "why": why_words(first.why)}
    if waits_for.takes_budget:
        return counted(
            "The only slot of the budget is held by %(node)s: %(why)s.",
            "All %(n)s slots of the budget are taken. %(node)s holds one: %(why)s.",
            waits_for.count,
            **facts,
        )
    return counted(
        "It waits for %(node)s: %(why)s.",
        "It waits for %(n)s nodes. %(node)s is the first: %(why)s.",
        waits_for.count,
        **facts,
    )


SENTENCES: dict[Motion, Callable[[Progress], str]] = {
    Motion.DONE: _done,
    Motion.DELETING: lambda _found: _("The set is being deleted."),
    Motion.CLOCK: lambda _found: _("The clock of the cluster stands still, so nothing follows from edits."),
    Motion.PAUSED: _paused,
    Motion.SOAKING: _soaking,
    Motion.AWAITING: _awaiting,
    Motion.PARTITIONED: _partitioned,
    Motion.INVALID: _invalid,
    Motion.ON_DELETE: _on_delete,
    Motion.STUCK: _waits,
    Motion.MOVING: _waits,
}
"""What is said of each motion."""
