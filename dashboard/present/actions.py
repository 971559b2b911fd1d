"""What the palette does: buttons of pages, found by words such as "cordon node-3" or "restart agent"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from controller.engine.objects import DaemonSet
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


def actions(cluster: str, text: str, *, paused: bool, rail: Rail, nodes: Iterable[NodeLine]) -> list[Action]:
    """Return the actions that bear every word of a text, in the page's language or in English."""
    words = text.lower().split()
    if not words:
        return []
    lines = list(nodes)
    offered = _offered(cluster, paused=paused, rail=rail, nodes=lines)
    with override("en"):  # "cordon" is what it is called on every command line
        english = _offered(cluster, paused=paused, rail=rail, nodes=lines)
    return [
        one
        for one, same in zip(offered, english, strict=True)
        if all(word in f"{one.label} {same.label} {one.about}".lower() for word in words)
    ]


def _offered(cluster: str, *, paused: bool, rail: Rail, nodes: Iterable[NodeLine]) -> list[Action]:
    return [*_clock(cluster, paused=paused), *_sets(cluster, rail.sets), *_nodes(cluster, nodes)]


def _clock(cluster: str, *, paused: bool) -> Iterator[Action]:
    url = reverse("clock", args=[cluster])
    if paused:
        yield Action(_("Resume time"), "", "play", url, (("action", "resume"),))
    else:
        yield Action(_("Pause time"), "", "pause", url, (("action", "pause"),))
    yield Action(_("Step: make one pass"), "", "step", url, (("action", "step"),))


def _sets(cluster: str, rows: Iterable[SetRow]) -> Iterator[Action]:
    for row in rows:
        place = f"{row.namespace}/{row.name}"
        url = reverse("daemonset_act", args=[cluster, row.namespace, row.name])
        yield Action(
            _("Restart %(kind)s") % {"kind": DaemonSet.KIND}, place, "restart", url, (("action", "restart"),)
        )
        if row.paused:
            yield Action(_("Resume rollout of"), place, "play", url, (("action", "resume"),))
        else:
            yield Action(_("Pause rollout of"), place, "pause", url, (("action", "pause"),))


def _nodes(cluster: str, lines: Iterable[NodeLine]) -> Iterator[Action]:
    for line in lines:
        url = reverse("node_state", args=[cluster, line.name])
        if line.unschedulable:
            yield Action(_("Uncordon node"), line.name, "check", url, (("action", "uncordon"),))
        else:
            yield Action(_("Cordon node"), line.name, "cordon", url, (("action", "cordon"),))
        if line.draining:
            yield Action(_("Stop draining node"), line.name, "cross", url, (("action", "undrain"),))
        else:
            yield Action(_("Drain node"), line.name, "out", url, (("action", "drain"),))
        if line.down:
            yield Action(_("Power up node"), line.name, "power", url, (("action", "up"),))
        else:
            yield Action(_("Power down node"), line.name, "power", url, (("action", "down"),))
