"""A node as a page and as a panel beside the map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.cluster.manifestfolder import mirror_name, read_folder
from controller.engine.cluster.nodeconditions import pressures_of
from controller.engine.cluster.nodes import standard_labels
from controller.engine.daemonset.cells import CellState
from controller.engine.disruption.drain import options_of
from controller.engine.objects import STATIC_PODS_ANNOTATION, Manifest, Taint
from controller.queries.nodes import NodeDetail, NodeSet, Room
from dashboard.present.amounts import amount
from dashboard.present.causes import cause_words
from dashboard.present.checks import check_words
from dashboard.present.history import EventRow, event_rows
from dashboard.present.links import map_url, node_url, pod_url, set_url
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.words import Chip, Fact, Part, age, bar, full, moment, state_words

MACHINE_LABELS = frozenset(standard_labels("", {}))
"""Labels that every machine brings along: they say little of one among others."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label of a node. A ``fixed`` one is its machine's own: pages offer no way to take it off."""

    key: str
    text: str
    fixed: bool


def label_rows(labels: dict[str, str]) -> list[LabelRow]:
    """Return labels as rows; those of the machine come last."""
    rows = [LabelRow(key, f"{key}={value}", key in MACHINE_LABELS) for key, value in sorted(labels.items())]
    return sorted(rows, key=lambda row: row.fixed)


def node_chips(
    *,
    ready: str,
    down: bool,
    unschedulable: bool,
    draining: bool = False,
    taints: Iterable[Taint | str] = (),
) -> list[Chip]:
    """Return how a machine is, in a few words."""
    chips = [_readiness(ready, down=down)]
    if unschedulable:
        chips.append(Chip(_("being drained") if draining else _("cordoned"), "warn"))
    own = [str(taint) for taint in taints if not str(taint).startswith("node.kubernetes.io/")]
    return [*chips, *(Chip(taint) for taint in own)]


def _readiness(ready: str, *, down: bool) -> Chip:
    if down:
        return Chip(_("powered down"), "bad")
    if ready == "True":
        return Chip(_("ready"), "good")
    return Chip(_("unreachable") if ready == "Unknown" else _("not ready"), "bad")


@dataclass(frozen=True, slots=True)
class SetOnNode:
    """A set as seen from one node: what it does there, and the first thing that keeps it away."""

    key: str
    uid: str
    name: str
    url: str
    state: CellState
    words: str
    should_run: str
    may_stay: str
    why: str
    why_url: str


def set_on_node(cluster: str, node: str, one: NodeSet) -> SetOnNode:
    """Return a set as a row of a node's page."""
    key = f"{one.namespace}/{one.name}"
    return SetOnNode(
        key=key,
        uid=one.id,
        name=one.name,
        url=set_url(cluster, one.namespace, one.name),
        state=one.state,
        words=state_words(one.state),
        should_run=_("yes") if one.verdict.should_run else _("no"),
        may_stay=_("yes") if one.verdict.may_stay else _("no"),
        why=_why(one),
        why_url=map_url(cluster, chosen=key, node=node),
    )


def _why(one: NodeSet) -> str:
    """Return the first thing that keeps a set from a node, or from being available there."""
    failing = one.verdict.first_failing
    if one.state is not CellState.DOWN and failing:
        return check_words(failing)
    return cause_words(one.cause) if one.cause else _("Every check passes.")


@dataclass(frozen=True, slots=True)
class Use:
    """A resource of a node: how much of it pods ask for."""

    label: str
    used: str
    total: str
    parts: list[Part]


def uses(room: Room) -> list[Use]:
    """Return what pods ask of a node."""
    return [
        _use("cpu", _("cpu"), room.cpu_used, room.cpu),
        _use("memory", _("memory"), room.memory_used, room.memory),
        _use("pods", _("pods"), room.pods_used, room.pods),
    ]


def _use(resource: str, label: str, used: int, total: int) -> Use:
    tone = "bad" if used >= total else "good"
    parts = bar([(tone, min(used, total))], total)
    return Use(label, amount(resource, used), amount(resource, total), parts)


@dataclass(frozen=True, slots=True)
class PressureButton:
    """A button that makes a machine report a condition, or ``clear`` it."""

    text: str
    action: str
    condition: str


PRESSURE_WORDS = {
    "MemoryPressure": (gettext_lazy("Report memory pressure"), gettext_lazy("Clear memory pressure")),
    "DiskPressure": (gettext_lazy("Report disk pressure"), gettext_lazy("Clear disk pressure")),
    "PIDPressure": (gettext_lazy("Report PID pressure"), gettext_lazy("Clear PID pressure")),
}


def pressure_buttons(node: Manifest) -> list[PressureButton]:
    """Return a button for every pressure that a machine can report."""
    reported = pressures_of(node)
    return [
        PressureButton(str(clear), "clear", kind)
        if kind in reported
        else PressureButton(str(report), "report", kind)
        for kind, (report, clear) in PRESSURE_WORDS.items()
    ]


@dataclass(frozen=True, slots=True)
class StaticPodRow:
    """A file in the manifest folder of a machine, and the mirror of its pod; ``pod`` is "" if it is none.

    ``sent`` is what a preview of its removal sends.
    """

    file: str
    pod: str
    pod_url: str
    edit_url: str
    sent: str


def static_pod_rows(cluster: str, node: str, files: dict[str, Any]) -> list[StaticPodRow]:
    """Return the files of a machine in the order of their names."""
    rows = []
    for file, raw in sorted(files.items()):
        sent = urlencode({"file": file})
        edit_url = reverse("static_pod_put", args=[cluster, node]) + f"?{sent}"
        meta = (raw.get("metadata") or {}) if isinstance(raw, dict) else {}
        named = isinstance(meta, dict) and meta.get("name")
        name = mirror_name(node, raw) if named else ""
        url = pod_url(cluster, str(meta.get("namespace") or "default"), name) if named else ""
        rows.append(StaticPodRow(file, name, url, edit_url, sent))
    return rows


@dataclass(frozen=True, slots=True)
class NodePage:
    """A node as a page."""

    name: str
    url: str
    close_url: str
    chips: list[Chip]
    cordoned: bool
    down: bool
    state_url: str
    version: str
    pressure_url: str
    pressures: list[PressureButton]
    labels: list[LabelRow]
    labels_title: str
    labels_url: str
    taints_title: str
    taints_url: str
    sets: list[SetOnNode]
    pods: list[PodRow]
    events: list[EventRow]
    facts: list[Fact]
    uses: list[Use]
    files: list[StaticPodRow]
    file_url: str
    file_remove_url: str


def node_page(cluster: str, found: NodeDetail) -> NodePage:
    """Return a node as a page."""
    node = found.node
    place = [cluster, node.name]
    return NodePage(
        name=node.name,
        url=node_url(cluster, node.name),
        close_url=map_url(cluster),
        chips=node_chips(
            ready=node.ready,
            down=node.down,
            unschedulable=node.unschedulable,
            draining=bool(options_of(found.manifest)),
            taints=node.taints,
        ),
        cordoned=node.unschedulable,
        down=node.down,
        state_url=reverse("node_state", args=place),
        version=node.version,
        pressure_url=reverse("node_pressure", args=place),
        pressures=pressure_buttons(found.manifest),
        labels=label_rows(node.labels),
        labels_title=_("Labels"),
        labels_url=reverse("node_labels", args=place),
        taints_title=_("Taints"),
        taints_url=reverse("node_taints", args=place),
        sets=[set_on_node(cluster, node.name, one) for one in found.sets],
        pods=[pod_row(cluster, one, by_set=True) for one in found.pods],
        events=event_rows(cluster, found.events),
        facts=_facts(found),
        uses=uses(found.room),
        files=static_pod_rows(cluster, node.name, read_folder(found.manifest) or {}),
        file_url=reverse("static_pod_put", args=place),
        file_remove_url=reverse("static_pod_remove", args=place),
    )


def _facts(found: NodeDetail) -> list[Fact]:
    node = found.node
    born = moment(node.created)
    facts = [
        Fact(_("Created"), f"{full(born)} ({age(born)})"),
        Fact(_("Kubelet"), node.kubelet or "-"),
        Fact(_("Taints"), "-", codes=tuple(str(taint) for taint in node.taints)),
        Fact(
            _("Annotations"),
            "-",
            codes=tuple(
                f"{key}={value}" for key, value in found.annotations.items() if key != STATIC_PODS_ANNOTATION
            ),
        ),
    ]
    return [*facts, *(Fact(one.type, _condition(one.status, one.message)) for one in found.conditions)]


def _condition(status: str, message: str) -> str:
    return f"{status}. {message}" if message else status
