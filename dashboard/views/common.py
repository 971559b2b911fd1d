"""What the pages of a cluster share: the parts around each of them."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse

from controller.queries.causes import nowhere
from controller.queries.clusters import ClusterFacts
from controller.queries.daemonsets import SetRow, daemonsets
from controller.queries.fixes import undo_revision
from controller.queries.health import health
from controller.queries.loads import workload_rows
from controller.queries.mirrors import mirror_of
from controller.queries.rollouts import rollout
from controller.queries.source import ClusterView
from dashboard.http import Request, render_page
from dashboard.past import PAGES, present_path, shown_view
from dashboard.present import notices, shell
from dashboard.present.rollouts import About, RolloutRow, rollout_row
from dashboard.present.shell import Past, Rail


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
    template = page if request.at is None or page in PAGES else "present_only"
    if rail is None:
        with shown_view(request, facts) as view:
            rail = rail_of(view)
    around = shell.shell(
        facts,
        rail,
        health(),
        request.user.rights,
        page=page,
        chosen=chosen,
        past=_past(request, facts),
        mirror=mirror_of(cluster=facts.id),
    )
    shown = {"shell": around, "notices": notices.words(), **context}
    return render_page(request, f"dashboard/{template}.html", shown)


def _past(request: Request, facts: ClusterFacts) -> Past | None:
    if request.at is None:
        return None
    with shown_view(request, facts) as view:
        moment = view.moment
    return Past(request.at, moment.wall, moment.cluster, present_path(request))


def rail_of(view: ClusterView) -> Rail:
    """Return what the rail lists."""
    return Rail(daemonsets(view), workload_rows(view), len(view.world.nodes))


def rollout_of(cluster: str, view: ClusterView, row: SetRow) -> RolloutRow:
    """Return how far a set is, with what can be done about it."""
    place = {"namespace": row.namespace, "name": row.name}
    about = About(row.version, undo_revision(view, **place), nowhere(view, **place))
    return rollout_row(cluster, (row.namespace, row.name), rollout(view, **place), row.states, about=about)
