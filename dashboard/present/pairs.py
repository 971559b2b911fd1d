"""The nodes and pods behind a number of a set, as a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Pod
from controller.queries.explain import Explanation
from controller.queries.pairs import Number, PairLine, Pairs, Wanted
from dashboard.present.causes import cause_words
from dashboard.present.fixes import CureRow, cure_rows
from dashboard.present.links import map_url, node_url, pairs_url, pod_url, set_url
from dashboard.present.words import Option, Word, counted, options, state_words

NUMBERS: dict[str, Word] = {
    "": gettext_lazy("all nodes"),
    Number.DESIRED: gettext_lazy("desired"),
    Number.CURRENT: gettext_lazy("current"),
    Number.READY: gettext_lazy("ready"),
    Number.AVAILABLE: gettext_lazy("available"),
    Number.UPDATED: gettext_lazy("up to date"),
    Number.UNAVAILABLE: gettext_lazy("unavailable"),
    Number.OUTDATED: gettext_lazy("outdated"),
    Number.MISSCHEDULED: gettext_lazy("misscheduled"),
    Number.REFUSED: gettext_lazy("refused by the API server"),
    Number.NOT_TARGETED: gettext_lazy("not targeted"),
}
COLUMNS: tuple[tuple[str, Word], ...] = (
    ("node", gettext_lazy("Node")),
    ("state", gettext_lazy("State")),
    ("", gettext_lazy("Pods")),
    ("cause", gettext_lazy("Why")),
)


@dataclass(frozen=True, slots=True)
class PodMention:
    """A pod in a row: its name, its page, and how it is in a word."""

    name: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A node with what a set has there; ``why_url`` leads to all checks and steps."""

    node: str
    node_url: str
    state: CellState
    words: str
    pods: list[PodMention]
    why: str
    why_url: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause with how many of the nodes have it; ``url`` lists those."""

    text: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class PairsPage:
    """The page. ``shared`` is the sentence of the cause that is asked for, with what would cure it."""

    name: str
    namespace: str
    set_url: str
    map_url: str
    numbers: list[Option]
    like: str
    text: str
    sort: str
    total: str
    shared: str
    cures: list[CureRow]
    causes: list[CauseRow]
    rows: list[PairRow]


def pairs_page(
    cluster: str, place: tuple[str, str], asked: Wanted, found: Pairs, like: Explanation | None
) -> PairsPage:
    """Return the page of the set at ``place``. ``asked`` is what its address says."""
    namespace, name = place
    key, count = f"{namespace}/{name}", found.lines.total
    return PairsPage(
        name=name,
        namespace=namespace,
        set_url=set_url(cluster, namespace, name),
        map_url=map_url(cluster, chosen=key),
        numbers=options(NUMBERS.items(), asked.number),
        like=asked.like,
        text=asked.text,
        sort=asked.sort,
        total=counted("%(n)s node", "%(n)s nodes", count),
        shared=cause_words(like.cause) if like and like.cause else "",
        cures=cure_rows(cluster, like) if like else [],
        causes=[
            CauseRow(
                cause_words(one.cause),
                counted("%(n)s node", "%(n)s nodes", one.nodes),
                pairs_url(cluster, namespace, name, like=one.first),
            )
            for one in found.causes
        ],
        rows=[_row(cluster, key, line) for line in found.lines.items],
    )


def _row(cluster: str, key: str, line: PairLine) -> PairRow:
    return PairRow(
        node=line.node,
        node_url=node_url(cluster, line.node),
        state=line.state,
        words=state_words(line.state),
        pods=[
            PodMention(pod.name, pod_url(cluster, pod.namespace, pod.name), _pod_words(pod))
            for pod in line.pods
        ],
        why=cause_words(line.cause) if line.cause else "",
        why_url=map_url(cluster, chosen=key, node=line.node),
    )


def _pod_words(pod: Pod) -> str:
    if pod.terminating:
        return _("stopping")
    return _("ready") if pod.ready else pod.waiting or pod.phase
