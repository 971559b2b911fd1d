"""The page of an object: what it says of itself, its pods, its children, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.edits.workloads import PAUSES
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.engine.views import CronJob
from controller.queries.workloads import ObjectDetail
from dashboard.present.described import described
from dashboard.present.history import EventRow, event_rows
from dashboard.present.links import kind_url, object_url
from dashboard.present.objects import ObjectTable, figures, object_tables
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.podtemplates import Part, template_parts
from dashboard.present.sets import Choice, RevisionCard, revision_card
from dashboard.present.words import Chip, Fact, counted

if TYPE_CHECKING:
    from collections.abc import Iterable

IMMUTABLE = frozenset({"Job", "Pod"})
"""The kinds whose template stays as it was made."""

RESTARTED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""The kinds that replace their pods when their template changes."""

PROPAGATIONS = (
    Choice("Background", gettext_lazy("Background"), gettext_lazy("It goes at once, what it owns after it.")),
    Choice(
        "Foreground",
        gettext_lazy("Foreground"),
        gettext_lazy("What it owns goes first, it when none of that is left."),
    ),
    Choice("Orphan", gettext_lazy("Orphan"), gettext_lazy("What it owns stays; another may adopt it.")),
)


def is_scaled(manifest: Manifest) -> bool:
    """Return whether it can be asked for another number of pods."""
    return KINDS[manifest["kind"]].subresource("scale") is not None


def is_templated(manifest: Manifest) -> bool:
    """Return whether it makes pods from a template."""
    spec = manifest.get("spec") or {}
    return isinstance(spec, dict) and ("template" in spec or "jobTemplate" in spec)


ROLLED_OUT = ("Deployment", "StatefulSet")
"""The kinds beside the DaemonSet that bring a new template to their pods step by step."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Which object a page is about, and where its own page is."""

    kind: str
    namespace: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """An object as a page; ``version`` is its resourceVersion. One that is ``gone`` has only a name.

    ``plain``: none of its pods is of a revision.
    """

    kind: str
    namespace: str
    name: str
    url: str
    list_url: str
    gone: bool = False
    uid: str = ""
    version: str = ""
    yaml_url: str = ""
    action_url: str = ""
    rollout_url: str = ""
    chips: tuple[Chip, ...] = ()
    may_restart: bool = False
    may_pause: bool = False
    may_run: bool = False
    paused: bool = False
    figures: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    template: tuple[Part, ...] = ()
    shows_pods: bool = False
    plain: bool = False
    pods: tuple[PodRow, ...] = ()
    pods_more: str = ""
    children: tuple[ObjectTable, ...] = ()
    keeps_revisions: bool = False
    revisions: tuple[RevisionCard, ...] = ()
    events: tuple[EventRow, ...] = ()
    propagations: tuple[Choice, ...] = ()
    text: str = ""


def gone_page(cluster: str, kind: str, namespace: str, name: str) -> ObjectPage:
    """Return the page of an object that is not there (any more)."""
    return ObjectPage(kind, namespace, name, "", kind_url(cluster, kind), gone=True)


def object_page(cluster: str, found: ObjectDetail) -> ObjectPage:
    """Return an object as a page."""
    kind, manifest = found.kind, found.manifest
    place = (cluster, kind, found.namespace, found.name)
    hidden = found.pods_total - len(found.pods)
    field = PAUSES.get(kind)
    return ObjectPage(
        kind=kind,
        namespace=found.namespace,
        name=found.name,
        url=object_url(*place),
        list_url=kind_url(cluster, kind),
        uid=found.uid,
        version=found.version,
        yaml_url=object_url(*place, page="object_edit"),
        action_url=object_url(*place, page="object_act"),
        chips=tuple(_chips(manifest)),
        rollout_url=object_url(*place, page="object_rollout") if kind in ROLLED_OUT else "",
        may_restart=kind in RESTARTED,
        may_pause=field is not None,
        may_run=kind == CronJob.KIND,
        paused=bool(field and manifest["spec"].get(field)),
        figures=tuple(figures(manifest)),
        facts=tuple(described(cluster, manifest)),
        template=tuple(template_parts(cluster, manifest)),
        shows_pods=is_templated(manifest) or bool(found.pods),
        plain=not any(pod.hash for pod in found.pods),
        pods=tuple(pod_row(cluster, pod) for pod in found.pods),
        pods_more=counted("%(n)s more pod.", "%(n)s more pods.", hidden) if hidden else "",
        children=tuple(object_tables(cluster, found.children)),
        keeps_revisions=kind in ROLLED_OUT,
        revisions=tuple(revision_card(one) for one in found.revisions),
        events=tuple(event_rows(cluster, found.events)),
        propagations=PROPAGATIONS,
        text=found.text,
    )


def _chips(manifest: Manifest) -> Iterable[Chip]:
    meta, spec = manifest["metadata"], manifest.get("spec") or {}
    status = manifest.get("status") or {}
    if "generation" in meta:
        yield Chip(_("generation %(n)s") % {"n": meta["generation"]})
        if "observedGeneration" in status and status["observedGeneration"] < meta["generation"]:
            yield Chip(_("not yet observed"), "warn", _("The counts are of before the last edit."))
    field = PAUSES.get(manifest["kind"])
    if field and spec.get(field):
        yield Chip(_("paused") if field == "paused" else _("suspended"), "warn")
    if "deletionTimestamp" in meta:
        yield Chip(_("being deleted"), "bad")
