"""The saved views of a cluster's map: the list, and what is done to one."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest
from controller.queries.clusters import cluster_named
from controller.queries.source import cluster_view
from dashboard import savedviews
from dashboard.forms import SaveViewForm, ViewNameForm
from dashboard.http import Request, done, posted, viewers
from dashboard.present.savedviews import view_rows
from dashboard.views.common import cluster_page, rail_of


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """List the views that somebody sees, with what can be done to each."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        rail = rail_of(view)
    rows = view_rows(facts.name, savedviews.views_of(request.user, facts.id), rail)
    return cluster_page(request, facts, "views", {"views": rows}, rail=rail)


@posted(up=2)
@viewers
def save(request: Request, cluster: str) -> HttpResponse:
    """Keep what the map shows under a name."""
    facts, given = cluster_named(cluster), _given(SaveViewForm(request.POST))
    savedviews.view_save(
        request.user,
        facts.id,
        name=given["name"],
        query=savedviews.kept_query(given["query"]),
        shared=given["shared"],
        replace=given["replace"],
    )
    message = _("Saved the view %(name)s.") % {"name": given["name"]}
    return done(request, message, back=reverse("views", args=[cluster]))


@posted(up=3)
@viewers
def act(request: Request, cluster: str, view: int) -> HttpResponse:
    """Rename, share or delete a view, or let the map open with it."""
    facts, user = cluster_named(cluster), request.user
    match request.POST.get("action", ""):
        case "rename":
            given = _given(ViewNameForm(request.POST))
            savedviews.view_rename(user, facts.id, view, name=given["name"])
            message = _("Renamed the view.")
        case "share":
            savedviews.view_share(user, facts.id, view)
            message = _("All who see the cluster see this view now.")
        case "delete":
            savedviews.view_delete(user, facts.id, view)
            message = _("Deleted the view.")
        case "default":
            savedviews.view_default(user, facts.id, view)
            message = _("The map opens with this view for you.")
        case "plain":
            savedviews.view_default(user, facts.id, None)
            message = _("The map opens as it comes.")
        case _unknown:
            raise BadRequest(_("There is no such action."))
    return done(request, message, back=reverse("views", args=[cluster]))


def _given(form: Form) -> dict[str, Any]:
    """Return what was typed. Raises BadRequest with all that is wrong with it."""
    if not form.is_valid():
        raise BadRequest(" ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return form.cleaned_data
