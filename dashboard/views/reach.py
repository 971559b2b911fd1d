"""The page of the four ways to talk to the pods of a DaemonSet, and the buttons that break and mend them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest
from controller.engine.service.patterns import DISCARD, QUARANTINE, own_port, pieces, selecting_label
from controller.queries.clusters import cluster_named
from controller.queries.reach import Reached, reached
from controller.queries.source import ClusterView, cluster_view
from controller.services import pods, reach
from dashboard.http import Request, done, operators, posted, viewers
from dashboard.past import shown_view
from dashboard.present import reach as present
from dashboard.views.common import cluster_page, rail_of


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show whom each way reaches for one set: the one that is asked for, or the first."""
    facts, sink = cluster_named(cluster), request.GET.get("sink", "").strip()
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        chosen = request.GET.get("set", "") or next((f"{row.namespace}/{row.name}" for row in rail.sets), "")
        found = _reached(view, chosen, sink) if chosen else None
    names = [f"{row.namespace}/{row.name}" for row in rail.sets]
    shown = {"reach": present.reach_page(facts.name, names, chosen, sink, found)}
    return cluster_page(request, facts, "reach", shown, rail=rail)


def _reached(view: ClusterView, chosen: str, sink: str) -> Reached:
    namespace, _slash, name = chosen.partition("/")
    return reached(view, namespace=namespace, name=name, sink=sink)


@posted()
@operators
def act(request: Request, cluster: str) -> HttpResponse:
    """Break or mend what a button names: a word, and after a slash the pod or the Service."""
    facts, chosen = cluster_named(cluster), request.POST.get("set", "")
    word, _slash, name = request.POST.get("action", "").partition("/")
    if word not in ACTIONS:
        raise BadRequest(_("There is no such action."))
    sink = request.POST.get("sink", "")
    with cluster_view(facts.id) as view:
        found = _reached(view, chosen, sink)
    message = ACTIONS[word](facts.id, request.user.username, found, name)
    return done(request, message, back=present.page_url(cluster, chosen, sink))


def _behave(behaviour: str | None) -> Callable[[int, str, Reached, str], str]:
    def behave(cluster: int, actor: str, found: Reached, name: str) -> str:
        place = {"namespace": found.owner.namespace, "name": name}
        pods.pod_behaviour(cluster=cluster, actor=actor, **place, behaviour=behaviour)
        if behaviour is None:
            return _("Pod %(name)s is left to itself.") % {"name": name}
        return _("Pod %(name)s breaks.") % {"name": name}

    return behave


def _label(cluster: int, actor: str, found: Reached, name: str) -> str:
    _relabel(cluster, actor, found, name, QUARANTINE)
    return _("Pod %(name)s has lost its label.") % {"name": name}


def _label_back(cluster: int, actor: str, found: Reached, name: str) -> str:
    labels = found.owner.template["metadata"]["labels"]
    _relabel(cluster, actor, found, name, labels.get(selecting_label(found.owner), ""))
    return _("Pod %(name)s has its label back.") % {"name": name}


def _relabel(cluster: int, actor: str, found: Reached, name: str, value: str) -> None:
    place = {"namespace": found.owner.namespace, "name": name}
    reach.pod_label(cluster=cluster, actor=actor, **place, key=selecting_label(found.owner), value=value)


def _port(cluster: int, actor: str, found: Reached, name: str) -> str:
    _lead(cluster, actor, found, name, DISCARD)
    return _("Service %(name)s leads to a port where nobody listens.") % {"name": name}


def _port_back(cluster: int, actor: str, found: Reached, name: str) -> str:
    _lead(cluster, actor, found, name, own_port(found.owner) or 80)
    return _("Service %(name)s leads to the right port.") % {"name": name}


def _lead(cluster: int, actor: str, found: Reached, name: str, target: int) -> None:
    place = {"namespace": found.owner.namespace, "name": name}
    reach.service_target(cluster=cluster, actor=actor, **place, target=target)


def _create(cluster: int, actor: str, found: Reached, _name: str) -> str:
    wanted = list(pieces(found.owner, found.ways))
    reach.pieces_create(cluster=cluster, actor=actor, pieces=wanted)
    return _("Created what the ways were lacking.")


ACTIONS: dict[str, Callable[[int, str, Reached, str], str]] = {
    "crash": _behave("crash-loop"),
    "unready": _behave("never-ready"),
    "mend": _behave(None),
    "label": _label,
    "label-back": _label_back,
    "port": _port,
    "port-back": _port_back,
    "create": _create,
}
