"""What stands around every page of a cluster: top bar, banners, rail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.cells import CellState
from controller.modes import Capability, Mode
from controller.queries.access import Rights
from controller.queries.clusters import ClusterFacts
from controller.queries.daemonsets import SetRow
from controller.queries.health import Health
from controller.queries.loads import WorkloadRow
from controller.queries.mirrors import MirrorFacts
from dashboard.present.links import map_url, pairs_url, set_url
from dashboard.present.loads import RailGroup, rail_groups
from dashboard.present.mirrors import MirrorRow, mirror_row, mirror_troubles
from dashboard.present.words import Option, Part, Word, bar, counted, full, grouped, hours

TIMES = "\N{MULTIPLICATION SIGN}"
SPEEDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0)
PLACES: tuple[tuple[str, str, Word], ...] = (
    ("map", "map", gettext_lazy("Map")),
    ("table", "table", gettext_lazy("Table")),
    ("pods", "pod", gettext_lazy("Pods")),
    ("objects", "file", gettext_lazy("Objects")),
    ("passes", "passes", gettext_lazy("Reconcile log")),
    ("events", "events", gettext_lazy("Events")),
    ("overhead", "node", gettext_lazy("Overhead")),
    ("timeline", "history", gettext_lazy("Timeline")),
    ("reach", "reach", gettext_lazy("Reach")),
    ("alternatives", "copy", gettext_lazy("Alternatives")),
    ("kubectl", "terminal", "kubectl"),
    ("settings", "settings", gettext_lazy("Settings")),
)
SIMULATED_ONLY = {
    "passes": Capability.RECONCILE,
    "reach": Capability.SHELL,
    "alternatives": Capability.MACHINES,
    "kubectl": Capability.APISERVER,
}
"""What a cluster has to offer for a page to be of any use."""
TROUBLE = (CellState.FAILING, CellState.MISSING, CellState.DOWN)
TONES = (
    ("good", (CellState.NEW, CellState.SURGE)),
    ("warn", (CellState.UPDATING, CellState.PENDING)),
    ("bad", TROUBLE),
    ("old", (CellState.OLD,)),
)


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence across the page."""

    tone: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the cluster in the rail."""

    url: str
    icon: str
    label: Word
    current: bool


@dataclass(frozen=True, slots=True)
class RailSet:
    """A set in the rail. ``key`` is namespace/name."""

    uid: str
    key: str
    name: str
    namespace: str
    url: str
    figure: str
    figure_url: str
    aside: str
    aside_tone: str
    parts: list[Part]
    current: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """What is listed in the rail, the sets and the other workloads; and how many ``nodes`` there are."""

    sets: Sequence[SetRow]
    workloads: Sequence[WorkloadRow]
    nodes: int


@dataclass(frozen=True, slots=True)
class Past:
    """The moment that a page shows: after change ``number``; ``present`` is the page's address now."""

    number: int
    wall: datetime
    time: float
    present: str

    @property
    def text(self) -> str:
        """Return the sentence across the page."""
        return _("You look at change %(number)s, of %(at)s. Nothing can be changed here.") % {
            "number": grouped(self.number),
            "at": full(self.wall),
        }


@dataclass(frozen=True, slots=True)
class Shell:
    """All of it. ``nodes`` is how many the cluster has, ``role`` what the person is there.

    ``namespaces`` are those of the workloads, none if there is only one to choose.
    """

    name: str
    role: str
    may_operate: bool
    about: str
    nodes: int
    socket: str
    paused: bool
    speed: float
    speed_label: str
    speeds: list[Option]
    time: float
    time_label: str
    banners: list[Banner]
    places: list[Place]
    sets: list[RailSet]
    workloads: list[RailGroup]
    namespaces: list[str]
    past: Past | None
    can: dict[str, bool]
    mirror: MirrorRow | None


def shell(
    cluster: ClusterFacts,
    rail: Rail,
    health: Health,
    rights: Rights,
    *,
    page: str,
    chosen: str,
    past: Past | None = None,
    mirror: MirrorFacts | None = None,
) -> Shell:
    """Return what stands around a page. On the map a set is chosen, elsewhere its page is opened."""
    role, may_operate = rights.role_on(cluster.id), rights.may("update", cluster.id) and past is None
    time = past.time if past else cluster.time
    nodes = counted("%(n)s node", "%(n)s nodes", rail.nodes)
    return Shell(
        name=cluster.name,
        role=str(role.label) if role else "",
        may_operate=may_operate,
        about=f"{_kind_of(cluster)} · {nodes}",
        nodes=rail.nodes,
        socket=f"/ws/clusters/{cluster.name}/",
        paused=cluster.paused or past is not None,
        speed=cluster.speed,
        speed_label=f"{TIMES}{cluster.speed:g}",
        speeds=[Option(f"{speed:g}", f"{TIMES}{speed:g}", speed == cluster.speed) for speed in SPEEDS],
        time=time,
        time_label=hours(time),
        banners=[] if past else banners(cluster, health, mirror),
        places=places(cluster.name, page, may_operate=may_operate, can=cluster.capabilities),
        sets=[_rail_set(cluster.name, row, on_map=page == "map", chosen=chosen) for row in rail.sets],
        workloads=rail_groups(cluster.name, rail.workloads, on_map=page == "map", chosen=chosen),
        namespaces=_namespaces(rail),
        past=past,
        can={one.value: one in cluster.capabilities for one in Capability},
        mirror=mirror_row(mirror) if mirror and not past else None,
    )


def _kind_of(cluster: ClusterFacts) -> str:
    """Return what a cluster is, in a word or two: of which moment a dump is, its clock tells."""
    return _("from a dump") if cluster.dump else str(Mode(cluster.mode).label)


def _namespaces(rail: Rail) -> list[str]:
    found = {row.namespace for row in rail.sets} | {row.namespace for row in rail.workloads if row.namespace}
    return sorted(found) if len(found) > 1 else []


def places(
    cluster: str, page: str, *, may_operate: bool, can: frozenset[Capability] = frozenset(Capability)
) -> list[Place]:
    """Return the pages of a cluster that a person may see, the one that is shown marked."""
    return [
        Place(reverse(name, args=[cluster]), icon, label, name == page)
        for name, icon, label in PLACES
        if (may_operate or name != "settings") and (name not in SIMULATED_ONLY or SIMULATED_ONLY[name] in can)
    ]


def banners(cluster: ClusterFacts, health: Health, mirror: MirrorFacts | None) -> list[Banner]:
    """Return what stands across the pages of a cluster at present."""
    return [
        *health_banners(health),
        *_reset_banners(cluster),
        *_clock_banners(cluster),
        *_mirror_banners(mirror),
    ]


def health_banners(health: Health) -> list[Banner]:
    """Return what people should know of the parts behind the page."""
    if not health.redis:
        message = _("Redis does not answer: clusters stand still and pages follow slowly until it is back.")
        return [Banner("bad", "warn", message)]
    if not health.worker:
        return [Banner("bad", "warn", _("No worker runs: edits are kept, but nothing follows from them."))]
    return []


def _mirror_banners(mirror: MirrorFacts | None) -> list[Banner]:
    return [Banner(tone, "warn", text) for tone, text in mirror_troubles(mirror)] if mirror else []


def _reset_banners(cluster: ClusterFacts) -> list[Banner]:
    if not cluster.resetting:
        return []
    message = _("%(person)s is resetting this cluster: until that is done it is not whole, and not edited.")
    return [Banner("warn", "warn", message % {"person": cluster.resetting})]


def _clock_banners(cluster: ClusterFacts) -> list[Banner]:
    if not cluster.paused:
        return []
    message = _("Time is paused. Edits are kept; a step makes one pass.")
    return [Banner("calm", "pause", message)]


def _rail_set(cluster: str, row: SetRow, *, on_map: bool, chosen: str) -> RailSet:
    key, counts = f"{row.namespace}/{row.name}", row.counts
    lacks = counts.desired - counts.available
    return RailSet(
        uid=row.id,
        key=key,
        name=row.name,
        namespace=row.namespace,
        url=map_url(cluster, chosen=key) if on_map else set_url(cluster, row.namespace, row.name),
        figure=f"{grouped(counts.available)}/{grouped(counts.desired)}",
        figure_url=pairs_url(cluster, row.namespace, row.name, number="unavailable" if lacks else "desired"),
        aside=aside(row),
        aside_tone="warn" if is_nowhere(row) else "",
        parts=set_parts(row.states),
        current=key == chosen,
    )


def set_parts(states: Mapping[CellState, int]) -> list[Part]:
    """Return the bar of a set: healthy, moving, in trouble, outdated."""
    amounts = [(tone, sum(states.get(state, 0) for state in kinds)) for tone, kinds in TONES]
    return bar(amounts, sum(amount for _tone, amount in amounts))


def aside(row: SetRow) -> str:
    """Return the one thing worth knowing of a set, in a few words."""
    trouble = sum(row.states.get(state, 0) for state in TROUBLE)
    counts = row.counts
    if row.deleting:
        return _("being deleted")
    if trouble:
        return _("%(n)s in trouble") % {"n": grouped(trouble)}
    if row.paused:
        return _("paused")
    if counts.updated < counts.desired:
        return _rolling(row)
    return _amiss(row)


def _amiss(row: SetRow) -> str:
    """Return what is not as it should be with a set that is complete."""
    if is_nowhere(row):
        return _("targets no node")
    if row.counts.misscheduled:
        return _("%(n)s misscheduled") % {"n": grouped(row.counts.misscheduled)}
    return _("%(n)s unavailable") % {"n": grouped(row.counts.unavailable)} if row.counts.unavailable else ""


def is_nowhere(row: SetRow) -> bool:
    """Whether a set targets no node although there are some, as far as its controller has looked."""
    return not row.counts.desired and row.observed >= row.generation and bool(sum(row.states.values()))


def _rolling(row: SetRow) -> str:
    if row.strategy == "OnDelete":
        return _("OnDelete, %(n)s old") % {"n": grouped(row.counts.desired - row.counts.updated)}
    return _("rolling, %(percent)s %%") % {"percent": row.counts.updated * 100 // row.counts.desired}
