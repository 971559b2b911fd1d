"""The same daemon in five ways as a page: what each is, what it has now, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.reasons import Reason
from controller.queries.alternatives import Loss, Machine, Way
from controller.services.alternatives import BARE, DAEMONSET, DEPLOYMENT, STATIC
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.reasons import REASONS
from dashboard.present.words import Word, age, seconds_label

WAYS: dict[str, tuple[Word, Word]] = {
    DAEMONSET: (
        "DaemonSet",
        gettext_lazy("One on each node that may run it, on later ones too."),
    ),
    DEPLOYMENT: ("Deployment", gettext_lazy("So many, wherever there is room: a node may have two or none.")),
    BARE: (gettext_lazy("bare pod"), gettext_lazy("Nobody makes it anew when it is gone.")),
    STATIC: (
        gettext_lazy("static pod"),
        gettext_lazy("A file of the machine: its kubelet runs it, whatever the API server says."),
    ),
}
"""What each way is called, and what it promises."""


@dataclass(frozen=True, slots=True)
class LossRow:
    """A pod that went and what came of it."""

    age: str
    gone: str
    why_gone: str
    back: str
    after: str
    why_back: str


@dataclass(frozen=True, slots=True)
class WayCard:
    """One way."""

    title: Word
    about: Word
    pods: list[PodRow]
    losses: list[LossRow]


def way_cards(cluster: str, ways: Iterable[Way]) -> list[WayCard]:
    """Return the ways as cards."""
    return [
        WayCard(
            *WAYS[way.name],
            [pod_row(cluster, pod) for pod in way.pods],
            [loss_row(one) for one in way.losses[:10]],
        )
        for way in ways
    ]


def loss_row(one: Loss) -> LossRow:
    """Return what was lost as a row."""
    return LossRow(
        age=age(one.at),
        gone=_("%(pod)s on %(node)s") % {"pod": one.pod, "node": one.node} if one.node else one.pod,
        why_gone=_why(one.actor, one.reason),
        back=_("%(pod)s on %(node)s") % {"pod": one.back, "node": one.back_node or "-"} if one.back else "",
        after=seconds_label(one.after) if one.after is not None else "",
        why_back=_why(one.back_actor, one.back_reason) if one.back else _("Nothing came back (yet)."),
    )


def _why(actor: str, reason: str) -> str:
    """Return who did something and why; what older logs hold in words stays as it is."""
    words = REASONS.get(Reason(reason), reason) if reason in set(Reason) else reason
    return f"{actor}: {words}"


def script_words(machines: Sequence[Machine]) -> list[str]:
    """Return what an init script does on each machine that has one."""
    running, stopped = _("%(name)s: the process runs."), _("%(name)s: it stopped with the machine.")
    return [(stopped if one.down else running) % {"name": one.name} for one in machines if one.noted]
