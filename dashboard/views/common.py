"""What the pages of a cluster share: the parts around each of them."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse

from controller.queries.causes import nowhere
from controller.queries.clusters import ClusterFacts, overview
from controller.queries.daemonsets import SetRow, daemonsets
from controller.queries.fixes import undo_revision
from controller.queries.health import health
from controller.queries.loads import workload_rows
from controller.queries.rollouts import rollout
from controller.queries.source import ClusterView, cluster_view
from dashboard.http import Request, render_page
from dashboard.present import notices, shell
from dashboard.present.rollouts import About, RolloutRow, rollout_row
from dashboard.present.shell import Rail


def cluster_page(
    request: Request,
    facts: ClusterFacts,
    page: str,
    context: Mapping[str, object],
    *,
    chosen: str = "",
    rail: Rail | None = None,
) -> HttpResponse:
    """Render a page of a cluster with its top bar and rail.

    ``chosen`` is namespace/name of the set that is shown, ``rail`` what the rail lists if it is known.
    """
    if rail is None:
        with cluster_view(facts.id) as view:
            rail = rail_of(view)
    around = shell.shell(
        overview(cluster=facts.id),
        rail,
        health(),
        request.user.rights,
        page=page,
        chosen=chosen,
    )
    shown = {"shell": around, "notices": notices.words(), **context}
    return render_page(request, f"dashboard/{page}.html", shown)


def rail_of(view: ClusterView) -> Rail:
    """Return what the rail lists."""
    return Rail(daemonsets(view), workload_rows(view))


def rollout_of(cluster: str, view: ClusterView, row: SetRow) -> RolloutRow:
    """Return how far a set is, with what can be done about it."""
    place = {"namespace": row.namespace, "name": row.name}
    about = About(row.version, undo_revision(view, **place), nowhere(view, **place))
    return rollout_row(cluster, (row.namespace, row.name), rollout(view, **place), row.states, about=about)
