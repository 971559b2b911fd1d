"""What became of one daemon that is run in five ways, since the last press of a button."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from controller import models
from controller.engine.alternatives.happenings import (
    Happening,
    Instance,
    Read,
    Step,
    happenings,
    pod_instance,
    script_instance,
)
from controller.engine.alternatives.pieces import NAMESPACE, PAGE, takes_part
from controller.engine.objects import Manifest, Node
from controller.engine.timeline import Timeline
from controller.queries.audit import AuditLine, audit_line
from controller.queries.source import ClusterView, cluster_of
from controller.store import clocks, log_reader, rows

LATEST = 200
"""How many audit entries of a cluster are looked through for the last press."""
MOST = 2_000
"""How many changes are looked at after a press."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A node that takes part, or one that is gone, with the instances on it."""

    name: str
    node: Node | None
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """The last press: what it did, and how many seconds of cluster time ago. ``number``: before it."""

    lines: tuple[AuditLine, ...]
    number: int
    at: float
    ago: float


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The daemon in its ways: ``stands`` if it is set up. ``unplaced`` are pods without a node."""

    stands: bool
    machines: tuple[Machine, ...]
    unplaced: tuple[Instance, ...]
    press: Press | None
    happenings: tuple[Happening, ...]


def alternatives(view: ClusterView, *, cluster: int) -> Alternatives:
    """Return what stands of the daemon, and what became of it since the last press. Raises NotFound."""
    row = cluster_of(cluster)
    nodes = {node.name: node for node in view.world.nodes.values() if takes_part(node)}
    found = [pod_instance(one.manifest) for one in rows.in_namespace(cluster, "Pod", NAMESPACE)]
    found += [script_instance(node.manifest) for node in nodes.values()]
    instances = [one for one in found if one and not one.gone]
    names = sorted(nodes.keys() | {one.node for one in instances if one.node})
    press = _press(row)
    return Alternatives(
        stands=rows.find(cluster, ("Namespace", "", NAMESPACE)) is not None,
        machines=tuple(
            Machine(name, view.world.nodes.get(name), tuple(one for one in instances if one.node == name))
            for name in names
        ),
        unplaced=tuple(one for one in instances if not one.node),
        press=press,
        happenings=tuple(_since(row, press, names)) if press else (),
    )


def _press(row: models.Cluster) -> Press | None:
    """Return the last press that changed anything: all its audit entries are of one moment."""
    entries = models.AuditEntry.objects.filter(cluster_name=row.name, cluster=row, number__isnull=False)
    latest = [one for one in entries.order_by("-id")[:LATEST] if PAGE.items() <= one.facts.items()]
    if not latest:
        return None
    last, wall = latest[0], latest[0].at.timestamp()
    lines = tuple(audit_line(one) for one in reversed(latest) if one.at == last.at)
    number = log_reader.number_before(row.pk, last.number or 0, last.at)
    line = clocks.timeline(row, wall)
    return Press(lines, number, wall, line.cluster_at(time.time()) - line.cluster_at(wall))


def _since(row: models.Cluster, press: Press, names: Iterable[str]) -> list[Happening]:
    """Return what became of pods and scripts since a press; in the order of the ways, then of time."""
    line = clocks.timeline(row, press.at)
    touched = {*names, *_nodes_of(press)}
    pods = _became(row.pk, press, line, ("Pod", NAMESPACE, None), pod_instance)
    scripts = _became(row.pk, press, line, ("Node", "", touched), script_instance)
    return sorted([*pods, *scripts], key=lambda one: one.seconds)


def _nodes_of(press: Press) -> list[str]:
    """Return the nodes that a press was about: those that it removed stand no longer."""
    return [name for line in press.lines for name in line.facts.get("nodes", ())]


def _became(
    cluster: int, press: Press, line: Timeline, which: tuple[str, str, set[str] | None], read: Read
) -> list[Happening]:
    kind, namespace, names = which
    found = log_reader.changes_of(cluster, kind, namespace, press.number, names=names, most=MOST)
    pressed = line.cluster_at(press.at)
    steps = [Step(line.cluster_at(at.timestamp()) - pressed, change) for at, change in found]
    places = {change.key[1:] for _at, change in found}
    before = log_reader.objects_at(cluster, kind, places, press.number).values()
    return happenings([_parsed(text) for text in before], steps, read)


def _parsed(text: str) -> Manifest:
    manifest: Manifest = orjson.loads(text)
    return manifest
