"""The palette: pages, sets, nodes and pods of a cluster by name, and what can be done to them."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.engine.objects import Node
from controller.queries.clusters import cluster_named
from controller.queries.coverage import Request as Asked
from controller.queries.coverage import coverage
from controller.queries.pods import PodFilter, pods
from controller.queries.source import cluster_view
from dashboard.http import Request, viewers
from dashboard.present.actions import actions
from dashboard.present.savedviews import view_rows
from dashboard.present.search import hits
from dashboard.present.shell import places
from dashboard.savedviews import views_of
from dashboard.views.common import cluster_page, rail_of

SHOWN = 8


def _bears(text: str, node: Node) -> bool:
    """Whether a text is in the name of a node, or in one of its labels written key=value."""
    return text in node.name.lower() or any(
        text in f"{key}={value}".lower() for key, value in node.labels.items()
    )


@require_safe
@viewers
def search(request: Request, cluster: str) -> HttpResponse:
    """Show what bears the text in its name, or a node in a label; without a text, pages and sets."""
    facts, text = cluster_named(cluster), request.GET.get("text", "").strip()
    may_operate = request.user.rights.may("update", facts.id)
    with cluster_view(facts.id) as view:
        rail = rail_of(view)
        found_nodes = coverage(view, Asked(partial(_bears, text.lower()), size=SHOWN)).lines if text else ()
        verb, _space, object_ = text.lower().partition(" ")
        wanted = Asked(partial(_bears, object_ or verb), size=SHOWN)
        touched = coverage(view, wanted).lines if text and may_operate else ()
        found_pods = pods(view, PodFilter(text=text), size=SHOWN).items if text else ()
    found_views = view_rows(cluster, views_of(request.user, facts.id), rail)
    pages = places(cluster, "", may_operate=may_operate, can=facts.capabilities)
    shown = {
        "text": text,
        "actions": actions(facts, text, rail=rail, nodes=touched)[:SHOWN] if may_operate else [],
        "hits": hits(
            cluster, text, pages=pages, rail=rail, nodes=found_nodes, pods=found_pods, views=found_views
        ),
    }
    return cluster_page(request, facts, "search", shown, rail=rail)
