"""What the palette does: buttons of pages, found by words such as "cordon node-3" or "restart agent"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from controller.engine.objects import DaemonSet
from controller.modes import Capability
from controller.queries.clusters import ClusterFacts
from controller.queries.coverage import NodeLine
from controller.queries.daemonsets import SetRow
from dashboard.present.shell import Rail


@dataclass(frozen=True, slots=True)
class Action:
    """A button: the form that it sends. ``about`` is what it is done to."""

    label: str
    about: str
    icon: str
    url: str
    fields: tuple[tuple[str, str], ...]


def actions(facts: ClusterFacts, text: str, *, rail: Rail, nodes: Iterable[NodeLine]) -> list[Action]:
    """Return what can be done there that bears every word of a text, in the page's language or in English."""
    words = text.lower().split()
    if not words:
        return []
    lines = list(nodes)
    offered = _offered(facts, rail=rail, nodes=lines)
    with override("en"):  # "cordon" is what it is called on every command line
        english = _offered(facts, rail=rail, nodes=lines)
    return [
        one
        for one, same in zip(offered, english, strict=True)
        if all(word in f"{one.label} {same.label} {one.about}".lower() for word in words)
    ]


def _offered(facts: ClusterFacts, *, rail: Rail, nodes: Iterable[NodeLine]) -> list[Action]:
    return [*_clock(facts), *_sets(facts, rail.sets), *_nodes(facts, nodes)]


def _clock(facts: ClusterFacts) -> Iterator[Action]:
    if Capability.CLOCK not in facts.capabilities:
        return
    url = reverse("clock", args=[facts.name])
    if facts.paused:
        yield Action(_("Resume time"), "", "play", url, (("action", "resume"),))
    else:
        yield Action(_("Pause time"), "", "pause", url, (("action", "pause"),))
    yield Action(_("Step: make one pass"), "", "step", url, (("action", "step"),))


def _sets(facts: ClusterFacts, rows: Iterable[SetRow]) -> Iterator[Action]:
    for row in rows:
        place = f"{row.namespace}/{row.name}"
        url = reverse("daemonset_act", args=[facts.name, row.namespace, row.name])
        yield Action(
            _("Restart %(kind)s") % {"kind": DaemonSet.KIND}, place, "restart", url, (("action", "restart"),)
        )
        if not (row.staged or Capability.RECONCILE in facts.capabilities):
            continue  # its controller knows no pause
        if row.paused:
            yield Action(_("Resume rollout of"), place, "play", url, (("action", "resume"),))
        else:
            yield Action(_("Pause rollout of"), place, "pause", url, (("action", "pause"),))


def _nodes(facts: ClusterFacts, lines: Iterable[NodeLine]) -> Iterator[Action]:
    for line in lines:
        url = reverse("node_state", args=[facts.name, line.name])
        if line.unschedulable:
            yield Action(_("Uncordon node"), line.name, "check", url, (("action", "uncordon"),))
        else:
            yield Action(_("Cordon node"), line.name, "cordon", url, (("action", "cordon"),))
        if Capability.RECONCILE not in facts.capabilities:
            continue
        if line.draining:
            yield Action(_("Stop draining node"), line.name, "cross", url, (("action", "undrain"),))
        else:
            yield Action(_("Drain node"), line.name, "out", url, (("action", "drain"),))
        if Capability.MACHINES not in facts.capabilities:
            continue
        if line.down:
            yield Action(_("Power up node"), line.name, "power", url, (("action", "up"),))
        else:
            yield Action(_("Power down node"), line.name, "power", url, (("action", "down"),))
