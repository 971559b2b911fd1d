"""The nodes and pods behind any number of a set."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.queries.clusters import cluster_named
from controller.queries.explain import explain
from controller.queries.pairs import Wanted, pairs
from dashboard.http import Request, viewers
from dashboard.past import shown_view
from dashboard.present.pages import page_number, pager
from dashboard.present.pairs import COLUMNS, pairs_page
from dashboard.present.sorting import heads
from dashboard.views.common import cluster_page, rail_of

ASKED = ("number", "like", "text", "sort")


@require_safe
@viewers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show the nodes that are counted in a number, or that share the cause of one."""
    facts = cluster_named(cluster)
    asked = Wanted(**{key: request.GET.get(key, "") for key in ASKED})
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        found = pairs(view, asked, namespace=namespace, name=name, page=page_number(request.GET))
        known = asked.like in view.world.nodes
        like = explain(view, namespace=namespace, name=name, node=asked.like) if known else None
    lines = found.lines
    shown = {
        "pairs": pairs_page(cluster, (namespace, name), asked, found, like),
        "heads": heads(request.GET, COLUMNS, default="node"),
        "pages": pager(request.GET, page=lines.page, pages=lines.pages, total=lines.total),
    }
    return cluster_page(request, facts, "pairs", shown, chosen=f"{namespace}/{name}", rail=rail)
