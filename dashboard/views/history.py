"""What happened: passes and events of a cluster, and the audit list of all."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.queries import audit as audits
from controller.queries import events as event_queries
from controller.queries import passes as pass_queries
from controller.queries.clusters import cluster_named, cluster_names
from controller.queries.objects import namespaces
from controller.services.undo import edit_undo
from dashboard.http import Request, done, operators, posted, viewers
from dashboard.past import ages_of_then, shown_view
from dashboard.present import history
from dashboard.present.audits import sentence
from dashboard.present.objects import namespace_options
from dashboard.present.pages import page_number, pager
from dashboard.present.words import Word, options
from dashboard.previews import previewed
from dashboard.views.common import cluster_page


@require_safe
@viewers
def passes(request: Request, cluster: str) -> HttpResponse:
    """Show what the controllers saw and decided, pass by pass."""
    facts = cluster_named(cluster)
    ages_of_then(request, facts)
    wanted = pass_queries.LineFilter(
        text=request.GET.get("text", ""), kubelets=not request.GET.get("without")
    )
    found = pass_queries.passes(wanted, cluster=facts.id, upto=request.at, page=page_number(request.GET))
    shown = {
        "passes": [history.pass_row(cluster, one) for one in found.items],
        "wanted": wanted,
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
    }
    return cluster_page(request, facts, "passes", shown)


@require_safe
@viewers
def events(request: Request, cluster: str) -> HttpResponse:
    """Show the events of a cluster."""
    facts, chosen = cluster_named(cluster), request.GET.get("type", "")
    with shown_view(request, facts) as view:
        namespace = request.GET.get("namespace", "")
        wanted = event_queries.EventFilter(warnings=chosen == "Warning", namespace=namespace)
        found = event_queries.events(view, wanted, page=page_number(request.GET))
    types: list[tuple[str, Word]] = [("", _("all")), ("Warning", _("warnings only"))]
    shown = {
        "events": history.event_rows(facts.name, found.items),
        "types": options(types, chosen),
        "namespaces": namespace_options(namespaces(cluster=facts.id, number=request.at), namespace),
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
    }
    return cluster_page(request, facts, "events", shown)


@require_safe
@viewers
def audit(request: Request) -> HttpResponse:
    """Show who changed what."""
    cluster, actor = request.GET.get("cluster", ""), request.GET.get("actor", "")
    found = audits.audit(request.user.rights, cluster=cluster, actor=actor, page=page_number(request.GET))
    rights = request.user.rights
    seen, changed = (
        {name for name in cluster_names() if rights.may(verb, name)} for verb in ("get", "update")
    )
    shown = {
        "entries": [history.audit_row(line, seen, changed) for line in found.items],
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
        "cluster": cluster,
        "actor": actor,
    }
    return render(request, "dashboard/audit.html", shown)


@posted(up=2)
@operators
@previewed
def undo(request: Request, cluster: str, entry: int) -> HttpResponse:
    """Take an edit back."""
    facts = cluster_named(cluster)
    decision = edit_undo(cluster=facts.id, actor=request.user.username, entry=entry)
    made = [sentence(fact.action, fact.about, fact.values) for fact in decision.facts]
    message = made[0] if made else _("There is nothing to take back: it is so already.")
    return done(request, message, back=f"{reverse('audit')}?{urlencode({'cluster': facts.name})}")
