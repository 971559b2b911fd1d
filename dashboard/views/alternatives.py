"""The page that runs the same daemon in five ways, and the buttons that show what each survives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest
from controller.queries.alternatives import Machine, drained, machines, ways
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.source import cluster_view
from controller.services import alternatives as services
from controller.services import nodes, pods
from dashboard.http import Request, done, operators, posted, viewers
from dashboard.present import alternatives as present
from dashboard.views.common import cluster_page, rail_of


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show the ways, and what became of their pods."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        rail, there = rail_of(view), machines(view, services.INIT_SCRIPT_ANNOTATION)
        found = ways(view, cluster=facts.id, namespace=services.NAMESPACE, names=list(present.WAYS))
    shown = {
        "ways": present.way_cards(cluster, found),
        "script": present.script_words(there),
        "machines": there,
        "stands": any(way.pods for way in found) or any(one.noted for one in there),
    }
    return cluster_page(request, facts, "alternatives", shown, rail=rail)


@posted()
@operators
def act(request: Request, cluster: str) -> HttpResponse:
    """Do what a button asks for, to the node or the pod that was chosen."""
    facts, actor = cluster_named(cluster), request.user.username
    with cluster_view(facts.id) as view:
        there = machines(view, services.INIT_SCRIPT_ANNOTATION)
    given = Given(facts, actor, request.POST.get("node", ""), request.POST.get("image", "").strip(), there)
    word, _slash, pod = request.POST.get("action", "").partition("/")
    if word not in ACTIONS:
        raise BadRequest(_("There is no such action."))
    return done(request, ACTIONS[word](given, pod), back=reverse("alternatives", args=[cluster]))


@dataclass(frozen=True, slots=True)
class Given:
    """Who presses a button, where, and what was chosen beside it."""

    facts: ClusterFacts
    actor: str
    node: str
    image: str
    machines: tuple[Machine, ...]

    @property
    def by(self) -> By:
        """Return who does it where, as the services take it."""
        return {"cluster": self.facts.id, "actor": self.actor}


class By(TypedDict):
    """Who does something to which cluster."""

    cluster: int
    actor: str


def _create(given: Given, _pod: str) -> str:
    services.alternatives_create(**given.by, node=given.node, replicas=len(given.machines))
    return _("The daemon runs in five ways.")


def _delete(given: Given, _pod: str) -> str:
    noted = [one.name for one in given.machines if one.noted]
    services.alternatives_delete(**given.by, nodes=noted)
    return _("The daemon goes, in all ways.")


def _image(given: Given, _pod: str) -> str:
    services.alternatives_image(**given.by, image=given.image)
    return _("Set the image %(image)s.") % {"image": given.image}


def _delete_pod(given: Given, pod: str) -> str:
    pods.pod_delete(**given.by, namespace=services.NAMESPACE, name=pod)
    return _("Deleted pod %(name)s.") % {"name": pod}


def _up(given: Given, _pod: str) -> str:
    nodes.node_power(**given.by, nodes=[given.node], up=True)
    return _("Powered up %(name)s.") % {"name": given.node}


def _down(given: Given, _pod: str) -> str:
    nodes.node_power(**given.by, nodes=[given.node], up=False)
    return _("Powered down %(name)s.") % {"name": given.node}


def _cordon(given: Given, _pod: str) -> str:
    nodes.node_cordon(**given.by, nodes=[given.node], cordoned=True)
    return _("Cordoned %(name)s.") % {"name": given.node}


def _uncordon(given: Given, _pod: str) -> str:
    nodes.node_cordon(**given.by, nodes=[given.node], cordoned=False)
    return _("Uncordoned %(name)s.") % {"name": given.node}


def _drain(given: Given, _pod: str) -> str:
    with cluster_view(given.facts.id) as view:
        going = drained(view, given.node)
    services.alternatives_drain(**given.by, node=given.node, pods=going)
    return _("Drained %(name)s.") % {"name": given.node}


def _remove(given: Given, _pod: str) -> str:
    nodes.nodes_remove(**given.by, names=[given.node])
    return _("Removed %(name)s.") % {"name": given.node}


def _add(given: Given, _pod: str) -> str:
    name = f"extra-{given.facts.number}"
    nodes.nodes_add(**given.by, names=[name])
    return _("Added %(name)s.") % {"name": name}


ACTIONS: dict[str, Callable[[Given, str], str]] = {
    "create": _create,
    "delete": _delete,
    "image": _image,
    "pod": _delete_pod,
    "up": _up,
    "down": _down,
    "cordon": _cordon,
    "uncordon": _uncordon,
    "drain": _drain,
    "remove": _remove,
    "add": _add,
}
"""By the word that a button sends, some with a pod after a slash."""
