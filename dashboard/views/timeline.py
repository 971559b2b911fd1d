"""The history of a cluster: its bar, what people did, how two moments differ, and the map of any moment."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from controller.engine.errors import Refused
from controller.queries import charts
from controller.queries import timeline as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from dashboard.forms import MomentsForm
from dashboard.http import Request, faults_of, viewers
from dashboard.past import shown_view
from dashboard.present import timeline as present
from dashboard.present.charts import chart_data
from dashboard.present.pages import page_number, pager
from dashboard.views.common import cluster_page


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show the bar, what people did, and what is different between two moments if they are given."""
    facts = cluster_named(cluster)
    found = queries.edits(cluster=facts.id, page=page_number(request.GET))
    first = queries.first_kept(cluster=facts.id)
    form = MomentsForm(request.GET if "before" in request.GET else None)
    shown = {
        "edits": [present.edit_row(cluster, line, first) for line in found.items],
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
        "form": form,
        "differences": _differences(facts, form) if form.is_bound and form.is_valid() else None,
    }
    return cluster_page(request, facts, "timeline", shown)


def _differences(facts: ClusterFacts, form: MomentsForm) -> present.Differences | None:
    """Return how the two moments differ; what is wrong with them is the form's."""
    moments = form.cleaned_data
    try:
        before, after = (
            moments[name] if isinstance(moments[name], int) else _number(facts, moments[name])
            for name in ("before", "after")
        )
        found = queries.differences(cluster=facts.id, before=before, after=after)
    except Refused as refused:
        for fault in faults_of(refused):
            form.add_error(None, fault)
        return None
    return present.differences(facts.name, before, after, found)


def _number(facts: ClusterFacts, at: object) -> int:
    if at is None:
        return facts.number
    return queries.number_at(cluster=facts.id, at=at)  # type: ignore[arg-type] # what the form made of it


@require_safe
@viewers
def data(request: Request, cluster: str) -> HttpResponse:
    """Return the bar as the script draws it."""
    facts = cluster_named(cluster)
    return JsonResponse(present.bar(queries.timeline(cluster=facts.id), request.at))


@require_safe
@viewers
def chart(request: Request, cluster: str) -> HttpResponse:
    """Return how numbers went, as the script draws them: of a set (``?set=namespace/name``), or of all."""
    facts = cluster_named(cluster)
    namespace, _slash, name = request.GET.get("set", "").partition("/")
    with shown_view(request, facts) as view:
        if name:
            found = charts.set_chart(view, cluster=facts.id, namespace=namespace, name=name)
        else:
            found = charts.cluster_chart(view, cluster=facts.id)
    return JsonResponse(chart_data(found))


@require_safe
@viewers
def frame(request: Request, cluster: str) -> HttpResponse:
    """Return the frame of the moment in the address, or of now, from which the script draws the map."""
    facts = cluster_named(cluster)
    number = facts.number if request.at is None else request.at
    return HttpResponse(queries.frame_at(cluster=facts.id, number=number), content_type="application/json")
