"""How far a set is, as the block that its page and the map show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.queries.causes import Nowhere
from controller.queries.rollouts import Motion, Progress, Waiting
from dashboard.present.causes import nowhere_words
from dashboard.present.links import map_url, pairs_url, set_url
from dashboard.present.rolloutwords import progress_words, why_words
from dashboard.present.shell import set_parts
from dashboard.present.words import Part, Word, counted, grouped, joined

SHOWN = 9
"""How many slots are drawn one by one; more are drawn by what they wait for."""

HEADLINES: dict[Motion, tuple[Word, str]] = {
    Motion.DONE: (gettext_lazy("Revision %(n)s: rollout complete"), "good"),
    Motion.MOVING: (gettext_lazy("Rolling out revision %(n)s"), "ask"),
    Motion.STUCK: (gettext_lazy("Rollout of revision %(n)s is stuck"), "bad"),
    Motion.PAUSED: (gettext_lazy("Rollout of revision %(n)s is paused"), "warn"),
    Motion.ON_DELETE: (gettext_lazy("Old pods wait to be deleted by hand"), "ask"),
    Motion.CLOCK: (gettext_lazy("Time is paused"), "ask"),
    Motion.SOAKING: (gettext_lazy("Soaking on the way to revision %(n)s"), "ask"),
    Motion.AWAITING: (gettext_lazy("Rolling out revision %(n)s, waiting for somebody"), "ask"),
    Motion.PARTITIONED: (gettext_lazy("Partly at revision %(n)s, as planned"), "good"),
    Motion.INVALID: (gettext_lazy("Its rollout plan cannot be read"), "bad"),
    Motion.DELETING: (gettext_lazy("Being deleted"), "warn"),
}


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot of the budget and who holds it, or several held for one reason. Without a url: free."""

    title: str
    url: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class About:
    """What a rollout does not know of its set: its ``version``, the revision to go back to (0: none).

    ``nowhere`` is why no node is targeted, if none is.
    """

    version: str = ""
    undo: int = 0
    nowhere: Nowhere | None = None


NOTHING = About()


@dataclass(frozen=True, slots=True)
class Link:
    """A few words that lead somewhere."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """The block."""

    name: str
    url: str
    headline: str
    paused: bool
    parts: list[Part]
    progress: str
    why: str
    why_tone: str
    budget: str
    slots: list[SlotRow]
    numbers: list[Link]
    undo: Undo | None


@dataclass(frozen=True, slots=True)
class Undo:
    """The button that rolls a rollout back which is stuck."""

    label: str
    url: str
    fields: dict[str, str]


def rollout_row(
    cluster: str,
    place: tuple[str, str],
    found: Progress,
    states: Mapping[CellState, int],
    *,
    about: About = NOTHING,
) -> RolloutRow:
    """Return how far the set at ``place`` (namespace, name) is."""
    headline, tone = HEADLINES[found.motion]
    if about.nowhere:
        headline, tone = _("Targets no node"), "warn"
    return RolloutRow(
        name=place[1],
        url=set_url(cluster, *place),
        headline=str(headline) % {"n": found.revision},
        paused=found.paused,
        parts=set_parts(states),
        progress=_progress(found),
        why=nowhere_words(about.nowhere) if about.nowhere else progress_words(found),
        why_tone=tone,
        budget=_budget(found),
        slots=_slots(cluster, "/".join(place), found),
        numbers=_numbers(cluster, place, found),
        undo=_undo(cluster, place, about) if found.motion is Motion.STUCK and about.undo else None,
    )


def _numbers(cluster: str, place: tuple[str, str], found: Progress) -> list[Link]:
    """Return what is amiss in numbers, each leading to the nodes that are counted."""
    amounts = {
        "unavailable": (found.counts.unavailable, _("%(n)s unavailable")),
        "outdated": (found.old, _("%(n)s outdated")),
        "misscheduled": (found.counts.misscheduled, _("%(n)s misscheduled")),
    }
    return [
        Link(words % {"n": grouped(amount)}, pairs_url(cluster, *place, number=number))
        for number, (amount, words) in amounts.items()
        if amount
    ]


def _undo(cluster: str, place: tuple[str, str], about: About) -> Undo:
    label = _("Roll back to revision %(n)s") % {"n": about.undo}
    fields = {"action": "rollback", "revision": str(about.undo), "seen": about.version}
    return Undo(label, reverse("daemonset_act", args=[cluster, *place]), fields)


def _progress(found: Progress) -> str:
    message = _("%(updated)s of %(desired)s up to date, %(available)s available") % {
        "updated": grouped(found.counts.updated),
        "desired": grouped(found.counts.desired),
        "available": grouped(found.counts.available),
    }
    if not found.old:
        return message
    return joined([message, counted("%(n)s old pod", "%(n)s old pods", found.old)])


def _budget(found: Progress) -> str:
    if not found.bound:
        return _("OnDelete: no budget, pods are replaced when somebody deletes them.")
    if found.used > found.budget:
        message = {
            "maxUnavailable": _("%(used)s unavailable, budget %(budget)s exceeded (%(name)s %(bound)s)"),
            "maxSurge": _("%(used)s surging, budget %(budget)s exceeded (%(name)s %(bound)s)"),
        }
        return message[found.bound] % {
            "name": found.bound,
            "bound": found.limit,
            "used": grouped(found.used),
            "budget": grouped(found.budget),
        }
    return _("%(name)s %(bound)s: %(used)s of %(budget)s slots taken") % {
        "name": found.bound,
        "bound": found.limit,
        "used": grouped(found.used),
        "budget": grouped(found.budget),
    }


def _slots(cluster: str, key: str, found: Progress) -> list[SlotRow]:
    waiting = sorted(found.waiting, key=lambda one: (not one.holds_slot, not one.stuck))
    held = [_held(cluster, key, one) for one in waiting]
    free = found.budget - found.used
    untold = found.used - len(waiting)
    if len(held) > SHOWN:
        held = _by_reason(waiting, held)
        if untold > 0:
            held.append(SlotRow(_("%(n)s more") % {"n": grouped(untold)}, "", _("on the map"), ""))
    elif free > 0 and found.motion in {Motion.MOVING, Motion.STUCK}:
        message = counted("%(n)s slot", "%(n)s slots", free)
        held.append(SlotRow(message, "", _("free"), ""))
    return held


def _held(cluster: str, key: str, one: Waiting) -> SlotRow:
    return SlotRow(
        one.node, map_url(cluster, chosen=key, node=one.node), why_words(one.why), "bad" if one.stuck else ""
    )


def _by_reason(waiting: Sequence[Waiting], held: Sequence[SlotRow]) -> list[SlotRow]:
    """Return one row for each reason, with how many nodes it holds up; it leads to the first of them."""
    reasons = Counter(why_words(one.why) for one in waiting)
    first = {slot.words: slot for slot in reversed(held)}
    return [
        replace(first[why], title=counted("%(n)s node", "%(n)s nodes", count))
        for why, count in reasons.most_common()
    ]
