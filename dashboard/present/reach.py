"""Whom the four ways to talk to daemon pods reach: as a table, and as lines on small maps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.objects import BEHAVIOUR_ANNOTATION, Pod
from controller.engine.service.patterns import Hop, Pattern, Way, own_port, selecting_label
from controller.engine.service.reach import Reply, Why
from controller.queries.reach import Reached
from dashboard.present.links import node_url, pod_url
from dashboard.present.words import Option, Word, grouped, options

MOST = 40
"""The most nodes in the table; the figures count all of them."""
DRAWN = 10
"""The most nodes on a map."""
STEP, WIDTH, LEFT, RIGHT = 20, 250, 70, 180
"""Of a map: pixels from row to row, its width, and where its two columns of points are."""

PATTERNS: dict[Pattern, tuple[Word, Word]] = {
    Pattern.PUSH: (gettext_lazy("Push"), gettext_lazy("Each pod sends to a sink.")),
    Pattern.NODE: (
        gettext_lazy("Node and known port"),
        gettext_lazy("Somebody outside calls each node at the port of the pods."),
    ),
    Pattern.NAME: (
        gettext_lazy("DNS"),
        gettext_lazy("A headless Service gives the addresses of all ready pods."),
    ),
    Pattern.SERVICE: (
        gettext_lazy("Service"),
        gettext_lazy(
            "From each node the Service leads to a pod; with internalTrafficPolicy Local to its own."
        ),
    ),
}
LACKING: dict[Pattern, Word] = {
    Pattern.PUSH: gettext_lazy("No Service of others is in this namespace; name a sink, such as sink:80."),
    Pattern.NODE: gettext_lazy("The pods declare no port."),
    Pattern.NAME: gettext_lazy("No headless Service selects the pods."),
    Pattern.SERVICE: gettext_lazy("No Service with an address of its own selects the pods."),
}
WHYS: dict[Why, Word] = {
    Why.NO_NAME: gettext_lazy("no such name"),
    Why.NO_CLUSTER_NAMES: gettext_lazy("asks the name server of its node (dnsPolicy)"),
    Why.OUTSIDE: gettext_lazy("leads out of the cluster"),
    Why.NOBODY_LISTED: gettext_lazy("the name gives no ready pod"),
    Why.NOT_LISTED: gettext_lazy("not among the addresses of the name"),
    Why.NO_ADDRESS: gettext_lazy("nobody has this address"),
    Why.CLUSTER_ONLY: gettext_lazy("known inside of the cluster only"),
    Why.NO_SERVICE_PORT: gettext_lazy("the Service has no such port"),
    Why.NO_ENDPOINTS: gettext_lazy("no pod is behind the Service"),
    Why.NONE_READY: gettext_lazy("no pod behind the Service is ready"),
    Why.NONE_LOCAL: gettext_lazy("no ready pod on this node"),
    Why.PORT_CLOSED: gettext_lazy("nobody listens on port %(port)s"),
    Why.NOT_RUNNING: gettext_lazy("its container does not run"),
    Why.NO_HOST_PORT: gettext_lazy("the node has nothing on port %(port)s"),
    Why.NODE_DOWN: gettext_lazy("the machine does not answer"),
    Why.SOURCE_DOWN: gettext_lazy("its machine is cut off"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What comes of one call."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """A point on a map with its name beside it; ``anchor`` is the side on which the name ends."""

    x: int
    y: int
    text_x: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of a map. ``until`` is where it ends: one that reaches nobody ends half way."""

    x: int
    y: int
    until_x: int
    until_y: int
    tone: str
    about: str


@dataclass(frozen=True, slots=True)
class WayBlock:
    """A way: what is called, how many are reached, and its map. ``port_action`` breaks or mends its port."""

    title: Word
    about: Word
    target: str
    tone: str
    count: str
    lacking: Word
    height: int
    points: list[Point]
    strokes: list[Stroke]
    port_action: str
    port_label: Word


@dataclass(frozen=True, slots=True)
class Row:
    """A node with its daemon pod and what comes of each way. ``broken``: the pod was made to break."""

    node: str
    node_url: str
    pod: str
    pod_url: str
    status: str
    broken: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class ReachPage:
    """The page. ``lacks``: something is to be created before every way has something to call."""

    chosen: str
    sink: str
    sets: list[Option]
    act_url: str
    ways: list[WayBlock]
    rows: list[Row]
    more: int
    let_go: list[Row]
    lacks: bool
    label: str
    width: int = WIDTH


def page_url(cluster: str, chosen: str, sink: str) -> str:
    """Return the address of the page for a set and a sink."""
    query = urlencode([(key, value) for key, value in (("set", chosen), ("sink", sink)) if value], safe="/:")
    return reverse("reach", args=[cluster]) + (f"?{query}" if query else "")


def reach_page(
    cluster: str, names: Iterable[str], chosen: str, sink: str, found: Reached | None
) -> ReachPage:
    """Return the page for the chosen one of the sets with these names."""
    blocks = [way_block(way, found) for way in found.ways] if found else []
    nodes = sorted({hop.node for way in found.ways for hop in way.hops}) if found else []
    return ReachPage(
        chosen=chosen,
        sink=sink,
        sets=options([(name, name) for name in names], chosen),
        act_url=reverse("reach_act", args=[cluster]),
        ways=blocks,
        rows=_rows(cluster, found, nodes[:MOST]) if found else [],
        more=max(0, len(nodes) - MOST),
        let_go=[_row(cluster, pod.node, pod, []) for pod in found.let_go] if found else [],
        lacks=any(not way.target and way.pattern is not Pattern.NODE for way in found.ways)
        if found
        else False,
        label=selecting_label(found.owner) if found else "",
    )


def _rows(cluster: str, found: Reached, nodes: list[str]) -> list[Row]:
    calls = {node: [NOTHING] * len(found.ways) for node in nodes}
    pods: dict[str, Pod | None] = {}
    for place, way in enumerate(found.ways):
        for hop in way.hops:
            if hop.node in calls:
                pods[hop.node] = pods.get(hop.node) or hop.pod
                calls[hop.node][place] = cell(way, hop)
    return [_row(cluster, node, pods[node], cells) for node, cells in calls.items()]


NOTHING = Cell("", "-")


def _row(cluster: str, node: str, pod: Pod | None, cells: list[Cell]) -> Row:
    return Row(
        node=node,
        node_url=node_url(cluster, node) if node else "",
        pod=pod.name if pod else "",
        pod_url=pod_url(cluster, pod.namespace, pod.name) if pod else "",
        status=_status(pod),
        broken=bool(pod and BEHAVIOUR_ANNOTATION in (pod.manifest["metadata"].get("annotations") or {})),
        cells=cells,
    )


def _status(pod: Pod | None) -> str:
    if pod is None:
        return _("no pod here")
    if pod.terminating:
        return _("is stopping")
    if pod.ready:
        return _("ready")
    return pod.waiting or (_("not ready") if pod.phase == "Running" else pod.phase)


def cell(way: Way, hop: Hop) -> Cell:
    """Return in a few words what comes of a call."""
    reply = hop.reply
    if reply is None:
        return NOTHING
    if reply.why:
        return Cell("bad", why_words(reply))
    far = way.pattern is Pattern.SERVICE and reply.node != hop.node
    return Cell("good", _("%(pod)s on %(node)s") % _who(reply) if far else _("reached"))


def _who(reply: Reply) -> dict[str, str]:
    return {"pod": reply.pod.name if reply.pod else reply.address, "node": reply.node}


def why_words(reply: Reply) -> str:
    """Return why nobody answers."""
    return str(WHYS[reply.why]) % {"port": reply.port} if reply.why else ""


# -- maps ------------------------------------------------------------------------------------------


def way_block(way: Way, found: Reached) -> WayBlock:
    """Return a way with its map."""
    title, about = PATTERNS[way.pattern]
    called = [hop for hop in way.hops if hop.reply]
    well = sum(1 for hop in called if hop.reply and not hop.reply.why)
    drawn = list(way.hops[:DRAWN])
    named = way.service.name if way.service else ""
    wrong = bool(way.service) and _leads_wrong(way, found)
    return WayBlock(
        title=title,
        about=about,
        target=way.target,
        tone="" if not called else "good" if well == len(called) else "bad" if not well else "warn",
        count=_("%(well)s of %(all)s reached") % {"well": grouped(well), "all": grouped(len(called))}
        if way.target
        else "",
        lacking="" if way.target else LACKING[way.pattern],
        height=STEP * max(2, len(drawn)) + STEP,
        points=_points(way, drawn),
        strokes=[_stroke(way, drawn, place) for place, hop in enumerate(drawn) if hop.reply],
        port_action=f"{'port-back' if wrong else 'port'}/{named}"
        if way.pattern is Pattern.SERVICE and named
        else "",
        port_label=_("Mend its port") if wrong else _("Break its port"),
    )


def _leads_wrong(way: Way, found: Reached) -> bool:
    ports = way.service.ports if way.service else []
    return bool(ports) and ports[0].get("targetPort") not in {
        own_port(found.owner) or 80,
        ports[0].get("name"),
    }


def _y(place: int) -> int:
    return STEP + STEP * place


def _middle(drawn: list[Hop]) -> int:
    return STEP + STEP * (max(2, len(drawn)) - 1) // 2


def _points(way: Way, drawn: list[Hop]) -> list[Point]:
    left = [Point(LEFT, _y(place), LEFT - 8, "end", _short(hop.node)) for place, hop in enumerate(drawn)]
    right = [Point(RIGHT, _y(place), RIGHT + 8, "start", _short(hop.node)) for place, hop in enumerate(drawn)]
    if not drawn:
        return []
    if way.pattern is Pattern.PUSH:
        return [
            *left,
            Point(RIGHT, _middle(drawn), RIGHT + 8, "start", _short(way.target.rpartition(":")[0])),
        ]
    if way.pattern is Pattern.SERVICE:
        return [*left, *right]
    return [Point(LEFT, _middle(drawn), LEFT - 8, "end", _("client")), *right]


LONGEST = 11
"""The most letters of a name on a map."""


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"\N{HORIZONTAL ELLIPSIS}{name[1 - LONGEST :]}"


def _stroke(way: Way, drawn: list[Hop], place: int) -> Stroke:
    hop, middle = drawn[place], _middle(drawn)
    begin = _y(place) if way.pattern in {Pattern.PUSH, Pattern.SERVICE} else middle
    end = middle if way.pattern is Pattern.PUSH else _y(place)
    if way.pattern is Pattern.SERVICE and hop.reply:
        there = [at for at, other in enumerate(drawn) if other.node == hop.reply.node]
        end = _y(there[0]) if there else _y(place)
    found = cell(way, hop)
    if found.tone == "good":
        return Stroke(LEFT, begin, RIGHT, end, "good", f"{hop.node}: {found.text}")
    half = (LEFT + RIGHT) // 2, (begin + end) // 2
    return Stroke(LEFT, begin, *half, "bad", f"{hop.node}: {found.text}")
