"""The page on which strategies race: the same change of a set under several, side by side, in memory."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.engine.errors import Refused
from controller.queries import daemonsets as queries
from controller.queries.clusters import cluster_named
from controller.queries.daemonsets import SetDetail
from controller.queries.race import race_lane
from controller.queries.source import cluster_view
from dashboard.http import Request, faults_of, operators, render_page
from dashboard.present import race as present
from dashboard.raceforms import ChangeForm, EntrantForm
from dashboard.views.common import cluster_page, rail_of
from dashboard.views.workloadforms import containers_of, strategy_of


@require_safe
@operators
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show what is to race, and a lane for each strategy once it began."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        rail, found = rail_of(view), queries.daemonset(view, namespace=namespace, name=name)
    began = "race" in request.GET
    change = ChangeForm(containers_of(found.manifest), request.GET if began else None)
    entrants = entrant_forms(request, found)
    is_valid = began and all([change.is_valid(), *(one.is_valid() for one in entrants)])
    shown = {
        "race": present.race_page(facts.name, found),
        "change_form": change,
        "entrants": entrants,
        "lanes": [
            present.lane_url(request.GET, facts.name, found, at)
            for at, one in enumerate(entrants)
            if one.taking_part
        ]
        if is_valid
        else [],
    }
    return cluster_page(request, facts, "race", shown, chosen=f"{namespace}/{name}", rail=rail)


def entrant_forms(request: Request, found: SetDetail) -> list[EntrantForm]:
    """Return the strategies as they were sent, or to begin with."""
    sent = request.GET if "race" in request.GET else None
    return [
        EntrantForm(sent, initial=initial, prefix=f"s{at}")
        for at, initial in enumerate(present.offered(strategy_of(found.manifest)), 1)
    ]


@require_safe
@operators
def lane(request: Request, cluster: str, namespace: str, name: str, at: int) -> HttpResponse:
    """Let one strategy run; the answer takes the place of its lane."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        found = queries.daemonset(view, namespace=namespace, name=name)
    change = ChangeForm(containers_of(found.manifest), request.GET)
    form = EntrantForm(request.GET, prefix=f"s{at + 1}")
    shown: dict[str, object] = {"at": at}
    if change.is_valid() and form.is_valid():
        given = form.entrant()
        try:
            ran = race_lane(
                cluster=facts.id,
                namespace=namespace,
                name=name,
                actor=request.user.username,
                entrant=given,
                container=change.cleaned_data["container"],
                image=change.cleaned_data["image"],
            )
            shown["lane"] = present.lane(facts.name, found, given, ran)
        except Refused as refused:
            shown["faults"] = faults_of(refused)
    else:
        shown["faults"] = [
            fault for one in (change, form) for faults in one.errors.values() for fault in faults
        ]
    return render_page(request, "dashboard/race_lane.html", shown)
