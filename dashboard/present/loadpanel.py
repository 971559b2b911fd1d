"""A workload beside the DaemonSet around the map: its numbers above, its pods beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from controller.queries.loads import WorkloadRow
from controller.queries.podlines import PodLine
from dashboard.present.links import map_url, node_url
from dashboard.present.loads import key_of, name_of, page_of
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.sets import CountRow, Figures
from dashboard.present.words import Word, counted


def figures(cluster: str, row: WorkloadRow) -> Figures:
    """Return what is above the map for a workload that is chosen."""
    counts = [
        CountRow(_("ready"), row.ready, _("Pods that are ready."), "bad" if row.failing else ""),
        CountRow(_("pods"), row.pods, _("Pods that have not finished."), ""),
        CountRow(_("nodes"), row.nodes, _("Nodes on which a pod of it stands."), ""),
        CountRow(
            _("on no node"),
            row.unplaced,
            _("Pods that no node has taken."),
            "bad" if row.unplaced else "quiet",
        ),
    ]
    if row.desired is not None:
        counts.insert(0, CountRow(_("desired"), row.desired, _("Pods that it asks for."), ""))
    return Figures(
        uid=row.id,
        key=key_of(row),
        name=str(name_of(row)),
        url=page_of(cluster, row),
        about=f"{row.kind}, {row.namespace}" if row.namespace else row.kind,
        six=tuple(counts),
    )


@dataclass(frozen=True, slots=True)
class LoadPanel:
    """What stands beside the map for a workload: its pods on a node that is chosen, and those on no node."""

    name: Word
    url: str
    node: str
    node_url: str
    close_url: str
    pods: list[PodRow]
    unplaced: list[PodRow]
    more: str


def load_panel(
    cluster: str, row: WorkloadRow, node: str, pods: Iterable[PodLine], nowhere: Iterable[PodLine]
) -> LoadPanel:
    """Return the panel for a workload; ``node`` is "" if none is chosen."""
    waiting = [pod_row(cluster, one) for one in nowhere]
    more = row.unplaced - len(waiting)
    return LoadPanel(
        name=name_of(row),
        url=page_of(cluster, row),
        node=node,
        node_url=node_url(cluster, node) if node else "",
        close_url=map_url(cluster, chosen=key_of(row)),
        pods=[pod_row(cluster, pod) for pod in pods],
        unplaced=waiting,
        more=counted("%(n)s more", "%(n)s more", more) if more else "",
    )
