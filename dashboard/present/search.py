"""What a search finds in a cluster, as links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from controller.queries.coverage import NodeLine
from controller.queries.podlines import PodLine
from dashboard.present.links import node_url, object_url, pod_url, set_url
from dashboard.present.savedviews import ViewRows
from dashboard.present.shell import Place, Rail
from dashboard.present.words import Word


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found."""

    kind: str
    name: Word
    about: str
    url: str
    icon: str


def hits(
    cluster: str,
    text: str,
    *,
    pages: Iterable[Place],
    rail: Rail,
    nodes: Iterable[NodeLine],
    pods: Iterable[PodLine],
    views: ViewRows,
) -> list[Hit]:
    """Return what bears the text in its name: views, pages, sets, then the nodes and pods that were found."""
    sought = text.lower()
    found = [
        Hit(_("view"), row.name, row.about, row.url, "map")
        for row in views.rows
        if sought in row.name.lower()
    ]
    if views.rows and sought in _("Saved views").lower():
        found.append(Hit(_("page"), _("Saved views"), "", views.list_url, "map"))
    found += [
        Hit(_("page"), place.label, "", place.url, place.icon)
        for place in pages
        if sought in f"{place.label} {_english(place.label)}".lower()
    ]
    found += [
        Hit(_("DaemonSet"), row.name, row.namespace, set_url(cluster, row.namespace, row.name), "set")
        for row in rail.sets
        if sought in row.name
    ]
    found += [
        Hit(row.kind, row.name, row.namespace, object_url(cluster, row.kind, row.namespace, row.name), "set")
        for row in rail.workloads
        if row.name and sought in row.name
    ]
    found += [
        Hit(_("node"), one.name, _labels(one.labels), node_url(cluster, one.name), "node") for one in nodes
    ]
    return found + [
        Hit(_("pod"), one.name, one.node, pod_url(cluster, one.namespace, one.name), "pod") for one in pods
    ]


def _english(label: Word) -> str:
    with override("en"):
        return str(label)


def _labels(labels: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()) if "/" not in key)
