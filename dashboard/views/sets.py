"""The page of one DaemonSet: what it is, how far it is, and all that can be done with it."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.queries import daemonsets as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.pods import pods
from controller.queries.revisions import revisions
from controller.queries.rollouts import rollout
from controller.queries.source import cluster_view
from controller.services.objects import object_delete
from dashboard.http import Request, done, moved, operators, posted, viewers
from dashboard.liveforms import LiveForm, unsaved
from dashboard.present import rollouts, sets
from dashboard.views.common import cluster_page, rail_of
from dashboard.views.setactions import Who, change
from dashboard.views.setforms import ABOUT, KINDS, forms_of, save_form


@require_safe
@viewers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show one set."""
    return _page(request, cluster_named(cluster), namespace, name)


def _page(
    request: Request, facts: ClusterFacts, namespace: str, name: str, given: LiveForm | None = None
) -> HttpResponse:
    cluster = facts.name
    with cluster_view(facts.id) as view:
        rail, found = rail_of(view), queries.daemonset(view, namespace=namespace, name=name)
        progress = rollout(view, namespace=namespace, name=name)
        troubled = pods(view, owner=found.row.id, size=sets.SHOWN_PODS, unready=True)
        listed = pods(view, owner=found.row.id, size=sets.SHOWN_PODS)
        kept = revisions(view, namespace=namespace, name=name)
    block = rollouts.rollout_row(cluster, (namespace, name), progress, found.row.states)
    shown = {
        "set": sets.set_page(cluster, found, block, (troubled, listed), kept),
        **forms_of(found, given),
    }
    return cluster_page(request, facts, "daemonset", shown, chosen=f"{namespace}/{name}", rail=rail)


@posted()
@operators
def act(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Do one of the things that the page's buttons name."""
    facts = cluster_named(cluster)
    action = request.POST.get("action", "")
    if action == "delete":
        return _delete(request, facts, namespace, name)
    who = Who(cluster=facts.id, actor=request.user.username, namespace=namespace, name=name)
    back = _page_of(cluster, namespace, name)
    if action not in KINDS:
        return done(request, change(who, request.POST), back=back)
    form, message = save_form(who, action, request.POST)
    if message:
        return done(request, message, back=back)
    if request.htmx:
        return unsaved(request, form, {"url": request.path, "back": back, "about": ABOUT})
    return _page(request, facts, namespace, name, form)


def _delete(request: Request, facts: ClusterFacts, namespace: str, name: str) -> HttpResponse:
    propagation = request.POST.get("propagation", "Background")
    object_delete(
        cluster=facts.id,
        actor=request.user.username,
        kind="DaemonSet",
        namespace=namespace,
        name=name,
        propagation=propagation,
        uid=request.POST.get("uid", ""),
    )
    return moved(request, _("Deleted %(name)s.") % {"name": name}, to=reverse("map", args=[facts.name]))


def _page_of(cluster: str, namespace: str, name: str) -> str:
    return reverse("daemonset", args=[cluster, namespace, name])
