"""The page of the rollout of a Deployment or a StatefulSet. Its buttons are those of the object's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.queries.clusters import cluster_named
from controller.queries.revisions import revisions_of_workload
from controller.queries.workloadrollouts import workload_rollout
from dashboard.http import Request, viewers
from dashboard.past import shown_view
from dashboard.present.workloadrollouts import workload_rollout_page
from dashboard.present.workloads import ROLLED_OUT
from dashboard.views.common import cluster_page, rail_of

KIND_OF = {KINDS[kind].plural: kind for kind in ROLLED_OUT}


@require_safe
@viewers
def page(request: Request, cluster: str, plural: str, namespace: str, name: str) -> HttpResponse:
    """Show how a Deployment or a StatefulSet is rolled out."""
    facts, place = cluster_named(cluster), {"namespace": namespace, "name": name}
    if plural not in KIND_OF:
        raise NotFound(plural, name)
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        found = workload_rollout(view, kind=KIND_OF[plural], **place)
        standing = view.world.find(KIND_OF[plural], namespace, name)
        kept = revisions_of_workload(view, standing.manifest) if standing else ()
    shown = {"page": workload_rollout_page(facts.name, (namespace, name), found, kept)}
    return cluster_page(request, facts, "workload_rollout", shown, rail=rail)
