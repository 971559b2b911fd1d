"""What the pages of a cluster share: the parts around each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponse

from controller.queries.clusters import ClusterFacts, overview
from controller.queries.daemonsets import SetRow, daemonsets
from controller.queries.health import health
from controller.queries.source import cluster_view
from dashboard.http import Request, render_page
from dashboard.present import notices, shell


def cluster_page(
    request: Request,
    facts: ClusterFacts,
    page: str,
    context: Mapping[str, object],
    *,
    chosen: str = "",
    rows: Sequence[SetRow] | None = None,
) -> HttpResponse:
    """Render a page of a cluster with its top bar and rail.

    ``chosen`` is namespace/name of the set that is shown, ``rows`` are the sets if they are known.
    """
    if rows is None:
        with cluster_view(facts.id) as view:
            rows = daemonsets(view)
    around = shell.shell(
        overview(cluster=facts.id),
        rows,
        health(),
        request.user.rights,
        page=page,
        chosen=chosen,
    )
    shown = {"shell": around, "notices": notices.words(), **context}
    return render_page(request, f"dashboard/{page}.html", shown)
