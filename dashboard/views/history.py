"""What happened: passes and events of a cluster, and the audit list of all."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.queries import audit as audits
from controller.queries import events as event_queries
from controller.queries import passes as pass_queries
from controller.queries.clusters import cluster_named, cluster_names
from controller.queries.source import cluster_view
from dashboard.http import Request, viewers
from dashboard.present import history
from dashboard.present.pages import page_number, pager
from dashboard.present.words import Word, options
from dashboard.views.common import cluster_page


@require_safe
@viewers
def passes(request: Request, cluster: str) -> HttpResponse:
    """Show what the controllers saw and decided, pass by pass."""
    facts = cluster_named(cluster)
    found = pass_queries.passes(cluster=facts.id, page=page_number(request.GET))
    shown = {
        "passes": [history.pass_row(one) for one in found.items],
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
    }
    return cluster_page(request, facts, "passes", shown)


@require_safe
@viewers
def events(request: Request, cluster: str) -> HttpResponse:
    """Show the events of a cluster."""
    facts, chosen = cluster_named(cluster), request.GET.get("type", "")
    with cluster_view(facts.id) as view:
        wanted = event_queries.EventFilter(warnings=chosen == "Warning")
        found = event_queries.events(view, wanted, page=page_number(request.GET))
    types: list[tuple[str, Word]] = [("", _("all")), ("Warning", _("warnings only"))]
    shown = {
        "events": history.event_rows(facts.name, found.items),
        "types": options(types, chosen),
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
    }
    return cluster_page(request, facts, "events", shown)


@require_safe
@viewers
def audit(request: Request) -> HttpResponse:
    """Show who changed what."""
    cluster, actor = request.GET.get("cluster", ""), request.GET.get("actor", "")
    found = audits.audit(request.user.rights, cluster=cluster, actor=actor, page=page_number(request.GET))
    standing = {name for name in cluster_names() if request.user.rights.may("get", name)}
    shown = {
        "entries": [history.audit_row(line, standing) for line in found.items],
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
        "cluster": cluster,
        "actor": actor,
    }
    return render(request, "dashboard/audit.html", shown)
