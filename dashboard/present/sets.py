"""A set as a page, and its figures above the map."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.status import Counts
from controller.manifests import dump
from controller.queries.daemonsets import SetDetail, SetRow
from controller.queries.podlines import PodLine
from controller.queries.revisions import RevisionRow
from controller.queries.source import Page
from dashboard.present.diffs import DiffLine, diff_lines
from dashboard.present.history import EventRow, event_rows
from dashboard.present.links import map_url, pairs_url, set_url
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.podtemplates import Part, template_parts
from dashboard.present.rollouts import RolloutRow
from dashboard.present.words import BEHAVIOURS, Chip, Fact, Word, age, counted, joined, moment

COUNTS: tuple[tuple[str, Word, Word], ...] = (
    ("desired", gettext_lazy("desired"), gettext_lazy("Nodes that should run it.")),
    ("current", gettext_lazy("current"), gettext_lazy("Of those, nodes that have a pod of it.")),
    ("ready", gettext_lazy("ready"), gettext_lazy("Of those, nodes whose pod is ready.")),
    ("updated", gettext_lazy("up to date"), gettext_lazy("Nodes whose pod is of the current revision.")),
    ("available", gettext_lazy("available"), gettext_lazy("Nodes whose pod was ready for minReadySeconds.")),
    ("misscheduled", gettext_lazy("misscheduled"), gettext_lazy("Nodes that have a pod but should not.")),
)
UNAVAILABLE = gettext_lazy("unavailable"), gettext_lazy("Desired nodes without an available pod.")


SHOWN_PODS = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several ways, with what it means."""

    value: str
    label: Word
    help: Word


PROPAGATIONS = (
    Choice(
        "Background", gettext_lazy("Background"), gettext_lazy("The set goes at once, its pods after it.")
    ),
    Choice(
        "Foreground",
        gettext_lazy("Foreground"),
        gettext_lazy("Its pods go first, the set when none is left."),
    ),
    Choice(
        "Orphan", gettext_lazy("Orphan"), gettext_lazy("The pods stay; a set with this selector adopts them.")
    ),
)


@dataclass(frozen=True, slots=True)
class CountRow:
    """One of the six numbers."""

    label: Word
    value: int
    help: Word
    tone: str
    url: str = ""


def count_rows(cluster: str, place: tuple[str, str], counts: Counts) -> list[CountRow]:
    """Return the six numbers of the set at ``place``, toned where they say that something is amiss.

    Each leads to the nodes and pods that were counted.
    """
    return [
        CountRow(
            label,
            getattr(counts, key),
            about,
            _tone(key, counts),
            pairs_url(cluster, *place, number=key),
        )
        for key, label, about in COUNTS
    ]


def _tone(key: str, counts: Counts) -> str:
    value = getattr(counts, key)
    if key == "misscheduled":
        return "odd" if value else "quiet"
    if value >= counts.desired:
        return ""
    return {"current": "bad", "available": "warn"}.get(key, "")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is above the map: the chosen set and its six numbers. Without a set all is empty."""

    uid: str = ""
    key: str = ""
    name: str = ""
    url: str = ""
    about: str = ""
    six: tuple[CountRow, ...] = ()


def figures(cluster: str, row: SetRow | None) -> Figures:
    """Return what is above the map."""
    if row is None:
        return Figures()
    return Figures(
        uid=row.id,
        key=f"{row.namespace}/{row.name}",
        name=row.name,
        url=set_url(cluster, row.namespace, row.name),
        about=_("%(namespace)s, revision %(n)s") % {"namespace": row.namespace, "n": row.revision},
        six=tuple(count_rows(cluster, (row.namespace, row.name), row.counts)),
    )


@dataclass(frozen=True, slots=True)
class RevisionCard:
    """A kept template: what it changed, or for an older one what going back to it would change."""

    number: int
    title: str
    current: bool
    about: str
    images: str
    diff: list[DiffLine]
    diff_title: str


def revision_card(one: RevisionRow) -> RevisionCard:
    """Return a revision as a card."""
    pods = counted("%(n)s pod", "%(n)s pods", one.pods)
    parts = [one.hash, pods, _("made %(age)s ago") % {"age": age(moment(one.created))}, one.cause]
    changed = one.changed if one.current else one.back
    return RevisionCard(
        number=one.number,
        title=_("Revision %(n)s") % {"n": one.number},
        current=one.current,
        about=joined(filter(None, parts)),
        images=", ".join(one.images),
        diff=diff_lines(changed),
        diff_title=_("What it changed") if one.current else _("What going back would change"),
    )


@dataclass(frozen=True, slots=True)
class SetPage:
    """A set as a page; ``version`` is its resourceVersion."""

    uid: str
    version: str
    name: str
    namespace: str
    url: str
    map_url: str
    pairs_url: str
    yaml_url: str
    action_url: str
    chips: list[Chip]
    paused: bool
    staged: bool
    counts: list[CountRow]
    rollout: RolloutRow
    pods: list[PodRow]
    pods_more: str
    events: list[EventRow]
    revisions: list[RevisionCard]
    propagations: tuple[Choice, ...]
    strategy: list[Fact]
    template: list[Part]
    yaml: str


def set_page(
    cluster: str,
    found: SetDetail,
    rollout: RolloutRow,
    pods: tuple[Page[PodLine], Page[PodLine]],
    revisions: tuple[RevisionRow, ...],
) -> SetPage:
    """Return a set as a page. ``pods`` are first pages of those that are not ready, and of all."""
    row = found.row
    place = [cluster, row.namespace, row.name]
    current = next((one.hash for one in revisions if one.current), "")
    troubled, every = pods
    shown = list({pod.uid: pod for pod in (*troubled.items, *every.items)}.values())[:SHOWN_PODS]
    hidden = every.total - len(shown)
    return SetPage(
        uid=row.id,
        version=row.version,
        name=row.name,
        namespace=row.namespace,
        url=set_url(cluster, row.namespace, row.name),
        map_url=map_url(cluster, chosen=f"{row.namespace}/{row.name}"),
        pairs_url=pairs_url(cluster, row.namespace, row.name),
        yaml_url=reverse("edit", args=place),
        action_url=reverse("daemonset_act", args=place),
        chips=_chips(found),
        paused=row.paused,
        staged=row.staged,
        counts=count_rows(cluster, (row.namespace, row.name), row.counts),
        rollout=rollout,
        pods=[pod_row(cluster, pod, current=current) for pod in shown],
        pods_more=counted("%(n)s more pod.", "%(n)s more pods.", hidden) if hidden else "",
        events=event_rows(cluster, found.events),
        revisions=[revision_card(one) for one in revisions],
        propagations=PROPAGATIONS,
        strategy=_strategy(found),
        template=template_parts(cluster, found.manifest),
        yaml=dump(found.manifest),
    )


def _strategy(found: SetDetail) -> list[Fact]:
    """Return how pods are replaced, for those who may not change it; Kubernetes' own names."""
    spec = found.manifest["spec"]
    rolling = spec["updateStrategy"].get("rollingUpdate") or {}
    return [
        Fact(_("Strategy"), spec["updateStrategy"]["type"]),
        *(Fact(name, rolling[name]) for name in ("maxUnavailable", "maxSurge") if name in rolling),
        Fact("minReadySeconds", spec.get("minReadySeconds") or 0),
        Fact("revisionHistoryLimit", spec.get("revisionHistoryLimit", 10)),
    ]


def _chips(found: SetDetail) -> list[Chip]:
    row = found.row
    chips = [Chip(row.strategy), Chip(_("generation %(n)s") % {"n": row.generation})]
    if row.observed < row.generation:
        chips.append(Chip(_("not yet observed"), "warn", _("The counts are of before the last edit.")))
    if row.paused:
        message = _("Everynode's own annotation, not an upstream strategy.")
        chips.append(Chip(_("paused"), "warn", message))
    if row.deleting:
        chips.append(Chip(_("being deleted"), "bad"))
    if found.behaviour:
        fault = BEHAVIOURS.get(found.behaviour, found.behaviour)
        chips.append(Chip(fault, "warn", _("Fault injection")))
    selector = [Chip(f"{key}={value}", "", _("Node selector")) for key, value in found.node_selector.items()]
    return [*chips, *selector]
