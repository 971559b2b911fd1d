"""One daemon in five ways: where each has it, and what became of it since the last button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.alternatives.happenings import INIT, Happening, Instance, Outcome
from controller.engine.alternatives.pieces import HERE, NAMESPACE, Way
from controller.engine.objects import Node
from controller.engine.reasons import Reason
from controller.queries.alternatives import Alternatives, Machine, Press
from dashboard.present.audits import sentence
from dashboard.present.links import node_url, pod_url
from dashboard.present.reasons import REASONS
from dashboard.present.words import Chip, Word, counted, full, seconds_label

WAYS: dict[Way, tuple[Word, Word]] = {
    Way.DAEMONSET: (
        gettext_lazy("DaemonSet"),
        gettext_lazy(
            "One on every node with the label, also on new ones. Its controller replaces what is lost."
        ),
    ),
    Way.DEPLOYMENT: (
        gettext_lazy("Deployment"),
        gettext_lazy("So many, wherever the scheduler finds room. What is lost comes back anywhere."),
    ),
    Way.POD: (
        gettext_lazy("Bare pod"),
        gettext_lazy("Nobody's. Its kubelet restarts its containers; once deleted, it is gone for good."),
    ),
    Way.STATIC: (
        gettext_lazy("Static pod"),
        gettext_lazy("A file on the machine. Its kubelet needs no API server; there one sees only a mirror."),
    ),
    Way.SCRIPT: (
        gettext_lazy("Init script"),
        gettext_lazy("A process of the machine. Kubernetes neither sees it nor does anything to it."),
    ),
}
OUTCOMES: dict[Outcome, tuple[str, Word]] = {
    Outcome.CAME: ("good", gettext_lazy("new, works")),
    Outcome.COMING: ("warn", gettext_lazy("new, not ready yet")),
    Outcome.NOWHERE: ("bad", gettext_lazy("new, has no node")),
    Outcome.BACK: ("good", gettext_lazy("the same, works again")),
    Outcome.DOWN: ("bad", gettext_lazy("does not work")),
    Outcome.GOING: ("warn", gettext_lazy("is stopping")),
    Outcome.GONE: ("old", gettext_lazy("gone")),
}
BUTTONS: dict[str, tuple[Word, Word]] = {
    "create": (gettext_lazy("Set up"), gettext_lazy("The daemon is set up in five ways.")),
    "clear": (gettext_lazy("Clear"), gettext_lazy("The daemon is removed.")),
    "stop": (gettext_lazy("Stop the controllers"), gettext_lazy("The controllers stand still.")),
    "go": (gettext_lazy("Let the controllers go on"), gettext_lazy("The controllers go on.")),
    "image": (gettext_lazy("Change the image"), gettext_lazy("The image is changed.")),
    "add": (gettext_lazy("Add a node"), gettext_lazy("A node is added.")),
    "delete-pods": (gettext_lazy("Delete pods"), gettext_lazy("The pods on %(node)s are deleted.")),
    "power-off": (gettext_lazy("Power down"), gettext_lazy("%(node)s is powered down.")),
    "power-on": (gettext_lazy("Power up"), gettext_lazy("%(node)s is powered up.")),
    "drain": (gettext_lazy("Drain"), gettext_lazy("%(node)s is drained.")),
    "cordon": (gettext_lazy("Cordon"), gettext_lazy("%(node)s is cordoned.")),
    "uncordon": (gettext_lazy("Uncordon"), gettext_lazy("%(node)s is uncordoned.")),
    "label-off": (gettext_lazy("Take label"), gettext_lazy("%(node)s has lost its label.")),
    "label-on": (gettext_lazy("Give label"), gettext_lazy("%(node)s has its label.")),
    "remove": (gettext_lazy("Remove"), gettext_lazy("%(node)s is removed.")),
}
"""What stands on each button, and what is said once it is done."""

UNPLACED = 20
"""The most pods without a node that are listed."""
MOST = 100
"""The most lines of what happened; the figures of each way count all."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button: what it sends, and what stands on it."""

    value: str
    label: Word


@dataclass(frozen=True, slots=True)
class Row:
    """A machine with what each way has there."""

    name: str
    url: str
    marks: list[Chip]
    cells: list[list[Chip]]
    buttons: list[Button]


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one instance: ``after`` in cluster seconds, ``who`` did it, and why."""

    name: str
    url: str
    node: str
    chip: Chip
    after: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Block:
    """A way with what became of it. ``figure``: how many work now."""

    title: Word
    about: Word
    figure: str
    lines: list[Line]
    more: int


@dataclass(frozen=True, slots=True)
class Page:
    """The page. ``pressed``: what the last button did, ``when`` and ``ago`` how long ago."""

    stands: bool
    act_url: str
    titles: list[Word]
    rows: list[Row]
    unplaced: list[Line]
    blocks: list[Block]
    pressed: str
    when: str
    ago: str
    buttons: list[Button]


def page(cluster: str, found: Alternatives, *, paused: bool) -> Page:
    """Return the page."""
    pressed, when, ago = _pressed(found.press)
    words = ["image", "add", "go" if paused else "stop", "clear"] if found.stands else ["create"]
    return Page(
        stands=found.stands,
        act_url=reverse("alternatives_act", args=[cluster]),
        titles=[title for title, _about in WAYS.values()],
        rows=[_row(cluster, machine) for machine in found.machines],
        unplaced=[_unplaced(cluster, one) for one in found.unplaced[:UNPLACED]],
        blocks=[_block(cluster, way, found) for way in WAYS],
        pressed=pressed,
        when=when,
        ago=ago,
        buttons=[button(word) for word in words],
    )


def button(word: str, node: str = "") -> Button:
    """Return a button, about a node if one is given."""
    return Button(f"{word}/{node}" if node else word, BUTTONS[word][0])


def done_words(word: str, node: str) -> str:
    """Return what is said once a button is carried out."""
    return str(BUTTONS[word][1]) % {"node": node}


def _pressed(press: Press | None) -> tuple[str, str, str]:
    if press is None:
        return "", "", ""
    said = "; ".join(sentence(line.action, line.about, line.facts) for line in press.lines)
    return said, full(press.lines[0].at), seconds_label(press.ago)


# -- machines --------------------------------------------------------------------------------------


def _row(cluster: str, machine: Machine) -> Row:
    return Row(
        name=machine.name,
        url=node_url(cluster, machine.name) if machine.node else "",
        marks=_marks(machine.node),
        cells=[[_chip(one, machine.node) for one in machine.instances if one.way is way] for way in WAYS],
        buttons=[button(word, machine.name) for word in _offered(machine.node)],
    )


def _marks(node: Node | None) -> list[Chip]:
    if node is None:
        return [Chip(_("removed"), "bad")]
    marks = [
        (node.down, Chip(_("powered down"), "bad")),
        (not node.down and node.ready != "True", Chip(_("not ready"), "warn")),
        (node.unschedulable, Chip(_("cordoned"), "warn")),
        (not _labelled(node), Chip(_("no label"), "old")),
    ]
    return [chip for holds, chip in marks if holds]


def _labelled(node: Node) -> bool:
    return HERE.items() <= node.labels.items()


def _offered(node: Node | None) -> list[str]:
    if node is None:
        return []
    return [
        "delete-pods",
        "power-on" if node.down else "power-off",
        "drain",
        "uncordon" if node.unschedulable else "cordon",
        "label-off" if _labelled(node) else "label-on",
        "remove",
    ]


def _chip(one: Instance, node: Node | None = None) -> Chip:
    """Return how an instance fares. What a machine that is off had last told of it may not be so."""
    if one.going:
        return Chip(_("stopping"), "warn", one.name)
    if one.up and node and node.down:
        return Chip(_("silent"), "warn", one.name)
    return Chip(_("works"), "good", one.name) if one.up else Chip(_("does not work"), "bad", one.name)


def _unplaced(cluster: str, one: Instance) -> Line:
    return Line(one.name, _url(cluster, one), "", _chip(one), "", "", one.message)


# -- what happened ---------------------------------------------------------------------------------


def _block(cluster: str, way: Way, found: Alternatives) -> Block:
    title, about = WAYS[way]
    lines = [_line(cluster, one) for one in found.happenings if one.instance.way is way]
    standing = [one for machine in found.machines for one in machine.instances]
    return Block(title, about, _figure(way, standing), lines[:MOST], max(0, len(lines) - MOST))


def _figure(way: Way, standing: Sequence[Instance]) -> str:
    number = sum(1 for one in standing if one.way is way and one.up)
    return counted("%(n)s works", "%(n)s work", number)


def _line(cluster: str, one: Happening) -> Line:
    tone, text = OUTCOMES[one.outcome]
    gone = one.outcome is Outcome.GONE
    return Line(
        name=one.instance.name,
        url="" if gone else _url(cluster, one.instance),
        node=one.instance.node or "-",
        chip=Chip(text, tone),
        after=seconds_label(max(0.0, one.seconds)),
        who=_("init of %(node)s") % {"node": one.instance.node} if one.actor == INIT else one.actor,
        why=". ".join(part for part in (_why(one.reason), one.instance.message) if part),
    )


def _why(reason: str) -> str:
    return str(REASONS[Reason(reason)]) if reason in set(Reason) else reason


def _url(cluster: str, one: Instance) -> str:
    return "" if one.way is Way.SCRIPT else pod_url(cluster, NAMESPACE, one.name)
