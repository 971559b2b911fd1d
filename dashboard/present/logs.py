"""Logs and terminals as pages: what can be chosen, and the socket that carries it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from controller.engine.objects import Pod
from controller.queries.logs import MOST_PODS, LogTargets
from controller.queries.pods import PodDetail
from dashboard.podlogs import TAILS, LogsOptions
from dashboard.present.links import object_url, pod_url
from dashboard.present.words import Option, counted, grouped, joined


@dataclass(frozen=True, slots=True)
class LogsPage:
    """The page of logs. ``socket`` is where they come from, ``about`` how many pods of all they are of."""

    of: str
    kind: str
    name: str
    namespace: str
    url: str
    about: str
    nodes: str
    by_node: bool
    containers: list[Option]
    tails: list[Option]
    previous: bool
    socket: str
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShellPage:
    """The page of a terminal."""

    name: str
    namespace: str
    url: str
    container: str
    containers: list[Option]
    socket: str
    words: dict[str, str]


def logs_page(cluster: str, options: LogsOptions, targets: LogTargets, query: QueryDict) -> LogsPage:
    """Return the page of logs that an address asks for."""
    container = options.container or targets.container
    return LogsPage(
        of=f"{options.kind}/{options.namespace}/{options.name}",
        kind=options.kind,
        name=options.name,
        namespace=options.namespace,
        url=object_url(cluster, options.kind, options.namespace, options.name),
        about=_about(options, targets) if options.kind != Pod.KIND else "",
        nodes=options.nodes,
        by_node=options.kind != Pod.KIND,
        containers=[Option(one, one, one == container) for one in targets.containers],
        tails=[Option(str(one), grouped(one), one == options.tail) for one in TAILS],
        previous=options.previous,
        socket=f"/ws/clusters/{cluster}/logs/?{query.urlencode()}",
        words={
            "matches": _("{n} matching lines"),
            "lines": _("{n} lines"),
            "cut": _("The connection was cut: trying again."),
            "over": _("Nothing more will come."),
            "refused": _("This may not be read any more."),
            "waiting": _("Waiting for the first line."),
        },
    )


def _about(options: LogsOptions, targets: LogTargets) -> str:
    if targets.unknown:
        return _("There is no node called %(names)s.") % {"names": joined(targets.unknown)}
    if options.nodes and not targets.total:
        return _("It has no pod on such a node.")
    if targets.total > MOST_PODS:
        message = _("%(n)s of %(total)s pods: name nodes to read others.")
        return message % {"n": grouped(len(targets.pods)), "total": grouped(targets.total)}
    return counted("%(n)s pod", "%(n)s pods", targets.total)


def shell_page(cluster: str, found: PodDetail, container: str) -> ShellPage:
    """Return the page of a terminal in a container of a pod; without a name, its first."""
    names = [one.name for one in found.containers]
    chosen = container or names[0]
    place = f"{found.pod.namespace}/{found.pod.name}/{chosen}"
    return ShellPage(
        name=found.pod.name,
        namespace=found.pod.namespace,
        url=pod_url(cluster, found.pod.namespace, found.pod.name),
        container=chosen,
        containers=[Option(one, one, one == chosen) for one in names],
        socket=f"/ws/clusters/{cluster}/shell/{place}/",
        words={
            "over": _("The shell has ended."),
            "cut": _("The connection was cut."),
            "refused": _("Your right to this shell has ended."),
            "terminal": _("Terminal in container {container}"),
        },
    )
