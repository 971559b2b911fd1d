"""The list of all pods of a cluster: by namespace and state, sorted, paged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.queries.podlines import PodLine
from controller.queries.pods import PodFilter
from dashboard.present.links import node_url
from dashboard.present.pods import PodRow, pod_row
from dashboard.present.words import Option, Word, counted, options

STATES: tuple[tuple[str, Word], ...] = (
    ("", gettext_lazy("all pods")),
    ("unready", gettext_lazy("not ready")),
    ("unplaced", gettext_lazy("on no node")),
    ("orphans", gettext_lazy("orphans: without a controller")),
)
COLUMNS: tuple[tuple[str, Word], ...] = (
    ("name", gettext_lazy("Pod")),
    ("namespace", gettext_lazy("Namespace")),
    ("node", gettext_lazy("Node")),
    ("", gettext_lazy("Controller")),
    ("status", gettext_lazy("Status")),
    ("", gettext_lazy("Restarts")),
    ("age", gettext_lazy("Age")),
)


@dataclass(frozen=True, slots=True)
class ListedPod:
    """A pod of the list."""

    pod: PodRow
    namespace: str
    node: str
    node_url: str


@dataclass(frozen=True, slots=True)
class PodList:
    """The page."""

    about: str
    note: str
    text: str
    sort: str
    namespaces: list[Option]
    states: list[Option]
    rows: list[ListedPod]


def filter_of(query: QueryDict) -> PodFilter:
    """Return which pods an address asks for."""
    state = query.get("state", "")
    return PodFilter(
        text=query.get("text", ""),
        namespace=query.get("namespace", ""),
        unready=state == "unready",
        unplaced=state == "unplaced",
        orphans=state == "orphans",
        sort=query.get("sort", ""),
    )


def pod_list(
    cluster: str, query: QueryDict, lines: Iterable[PodLine], total: int, namespaces: Iterable[str]
) -> PodList:
    """Return the page: the ``lines`` of one page, of ``total`` pods that are asked for."""
    state = query.get("state", "")
    return PodList(
        about=counted("%(n)s pod", "%(n)s pods", total),
        note=_("No controller makes these pods anew. A set whose selector matches their labels adopts them.")
        if state == "orphans"
        else "",
        text=query.get("text", ""),
        sort=query.get("sort", ""),
        namespaces=options(
            [("", _("all namespaces")), *((name, name) for name in namespaces)], query.get("namespace", "")
        ),
        states=options(STATES, state),
        rows=[_row(cluster, line) for line in lines],
    )


def _row(cluster: str, line: PodLine) -> ListedPod:
    url = node_url(cluster, line.node) if line.node else ""
    return ListedPod(pod_row(cluster, line, by_set=True), line.namespace, line.node, url)
