"""Real clusters: how fresh what is shown of one is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from controller.engine.errors import NotFound
from controller.queries.clusters import cluster_named
from controller.queries.mirrors import mirror_of
from dashboard.http import Request, viewers
from dashboard.present.mirrors import mirror_row


@viewers
def state(request: Request, cluster: str) -> HttpResponse:
    """Return the badge of a real cluster, which asks for itself again."""
    facts = mirror_of(cluster=cluster_named(cluster).id)
    if facts is None:
        raise NotFound("mirrors", cluster)
    shown = {"shell": {"name": cluster, "mirror": mirror_row(facts)}}
    return render(request, "dashboard/shared/mirror.html", shown)
