"""The page of one DaemonSet: what it is, how far it is, and all that can be done with it."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from controller.engine.objects import DaemonSet
from controller.queries import daemonsets as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.pods import PodFilter, pods
from controller.queries.revisions import revisions
from dashboard.http import Request, operators, posted, viewers
from dashboard.liveforms import LiveForm
from dashboard.past import shown_view
from dashboard.present import sets
from dashboard.present.links import set_url
from dashboard.previews import previewed
from dashboard.views.common import cluster_page, rail_of, rollout_of
from dashboard.views.workloadactions import acted
from dashboard.views.workloadforms import Place, forms_of


@require_safe
@viewers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show one set."""
    return _page(request, cluster_named(cluster), namespace, name)


def _page(
    request: Request, facts: ClusterFacts, namespace: str, name: str, given: LiveForm | None = None
) -> HttpResponse:
    cluster = facts.name
    with shown_view(request, facts) as view:
        rail, found = rail_of(view), queries.daemonset(view, namespace=namespace, name=name)
        block = rollout_of(cluster, view, found.row)
        troubled = pods(view, PodFilter(unready=True), owner=found.row.id, size=sets.SHOWN_PODS)
        listed = pods(view, owner=found.row.id, size=sets.SHOWN_PODS)
        kept = revisions(view, namespace=namespace, name=name)
    shown = {
        "set": sets.set_page(cluster, found, block, (troubled, listed), kept),
        **forms_of(found.manifest, given),
    }
    return cluster_page(request, facts, "daemonset", shown, chosen=f"{namespace}/{name}", rail=rail)


@posted()
@operators
@previewed
def act(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Do one of the things that the page's buttons name."""
    facts = cluster_named(cluster)
    place: Place = {"kind": DaemonSet.KIND, "namespace": namespace, "name": name}
    return acted(
        request,
        {**place, "cluster": facts.id, "actor": request.user.username},
        back=set_url(cluster, namespace, name),
        after=reverse("map", args=[cluster]),
        page=lambda form: _page(request, facts, namespace, name, form),
    )
