"""What the DaemonSets ask of the nodes."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.queries.clusters import cluster_named
from controller.queries.overhead import overhead
from controller.queries.source import paged
from dashboard.csvs import csv_answer
from dashboard.http import Request, viewers
from dashboard.past import shown_view
from dashboard.present.overhead import csv_of, overhead_page, table_of
from dashboard.present.pages import page_number, pager
from dashboard.views.common import cluster_page, rail_of

PAGE = 100


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show the dearest nodes, or the dearest sets; as a file all of them."""
    facts = cluster_named(cluster)
    with shown_view(request, facts) as view:
        rail, found = rail_of(view), overhead(view)
    if request.GET.get("format") == "csv":
        return csv_answer(f"{cluster}-overhead-{table_of(request.GET)}", *csv_of(request.GET, found))
    table = overhead_page(cluster, request.GET, found)
    rows = paged(table.rows, lambda row: row, page_number(request.GET), PAGE)
    shown = {
        "overhead": table,
        "rows": rows.items,
        "heads": table.heads,
        "pages": pager(request.GET, page=rows.page, pages=rows.pages, total=rows.total),
    }
    return cluster_page(request, facts, "overhead", shown, rail=rail)
