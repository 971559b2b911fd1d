"""What previews are made from is loaded for who may be about to ask for one."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from controller.queries.clusters import cluster_named
from controller.queries.whatif import ahead
from dashboard.http import Request, operators


@never_cache
@require_safe
@operators
def loaded(_request: Request, cluster: str) -> HttpResponse:
    """Return how much of the cluster is loaded, 0 to 1; if nothing is, begin to."""
    return JsonResponse({"loaded": ahead(cluster=cluster_named(cluster).id)})
