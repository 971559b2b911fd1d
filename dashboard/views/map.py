"""The page of the map, with the verdict of the cell that was chosen."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from controller.engine.controllers.loads import NOWHERE
from controller.engine.errors import NotFound
from controller.queries.clusters import cluster_named
from controller.queries.daemonsets import SetRow
from controller.queries.explain import explain
from controller.queries.loads import WorkloadRow, pods_on
from controller.queries.nodes import node as node_of
from controller.queries.nodes import node_counts
from controller.queries.passes import passes
from controller.queries.source import ClusterView
from dashboard.http import Request, viewers
from dashboard.past import shown_view
from dashboard.present import loadpanel, loads, maps, nodes, sets, verdicts, wholemap
from dashboard.present.savedviews import view_rows, view_url
from dashboard.present.shell import Rail
from dashboard.savedviews import default_query, views_of
from dashboard.views.common import cluster_page, rail_of, rollout_of

PODS = 20
"""How many pods of a workload the panel names."""

ONE = "one"
"""The view of one workload; the others are of all sets, and of the health of nodes."""


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show the map; of the set and the node that are chosen show what is to be said."""
    facts = cluster_named(cluster)
    bare = not request.GET and not request.htmx and request.at is None
    if bare and (query := default_query(request.user, facts.id)):
        return HttpResponseRedirect(view_url(cluster, query))
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        asked, node = request.GET.get("set", ""), request.GET.get("node", "")
        layout = _layout(request.GET.get("view", ""))
        workload = _workload(rail, asked)
        chosen = None if workload else _chosen(rail.sets, asked)
        counts = node_counts(view)
        if workload and layout == ONE:
            panel = _load_panel(facts.name, view, workload, node)
        else:
            panel = _panel(facts.name, view, chosen, node, layout)
    figures = loadpanel.figures(cluster, workload) if workload else sets.figures(cluster, chosen)
    if layout != ONE and figures.uid:
        figures = wholemap.whole_figures(figures, layout, rail.sets, counts)
    if layout != ONE and not node:
        panel = {"whole": wholemap.set_lines(cluster, rail.sets)}
    stands = facts.paused or request.at is not None
    latest = passes(cluster=facts.id, upto=request.at, size=1).items if stands else ()
    shown = {
        "figures": figures,
        "unknown": asked if asked != figures.key else "",
        "states": maps.legend(),
        "map_words": maps.words(),
        "last_pass": maps.last_pass(cluster, latest[0]) if latest else None,
        "views": view_rows(cluster, views_of(request.user, facts.id), rail),
        **panel,
    }
    key = loads.key_of(workload) if workload else _key(chosen) if chosen else ""
    return cluster_page(request, facts, "map", shown, chosen=key, rail=rail)


def _layout(view: str) -> str:
    """Return what cells show: one workload, unless the address says something else that there is."""
    return view if view in {"all", "health"} else ONE


def _workload(rail: Rail, wanted: str) -> WorkloadRow | None:
    """Return the other workload that is asked for; where there is no set, the first of the rail."""
    found = next((row for row in rail.workloads if loads.key_of(row) == wanted), None)
    return found or (loads.in_order(rail.workloads)[0] if rail.workloads and not rail.sets else None)


def _load_panel(cluster: str, view: ClusterView, row: WorkloadRow, node: str) -> dict[str, object]:
    """Return what the panel tells of a workload: its pods on the node that is chosen, those on none."""
    here = pods_on(view, row.id, node, size=PODS).items if node else ()
    nowhere = pods_on(view, row.id, NOWHERE, size=PODS).items
    return {"load": loadpanel.load_panel(cluster, row, node, here, nowhere)}


def _chosen(rows: Sequence[SetRow], wanted: str) -> SetRow | None:
    """Return the set that is asked for, or the first: some set is better to look at than none."""
    return next((row for row in rows if _key(row) == wanted), rows[0] if rows else None)


def _key(row: SetRow) -> str:
    return f"{row.namespace}/{row.name}"


def _panel(
    cluster: str, view: ClusterView, chosen: SetRow | None, node: str, layout: str
) -> dict[str, object]:
    """Return what the panel tells of: a pair, a node, or the rollout of the chosen set."""
    try:
        if node and chosen and layout == ONE:
            found = explain(view, namespace=chosen.namespace, name=chosen.name, node=node)
            return {"verdict": verdicts.verdict_row(cluster, found)}
        if node:
            return {"node": nodes.node_page(cluster, node_of(view, name=node))}
        if chosen:
            return {"rollout": rollout_of(cluster, view, chosen)}
    except NotFound as gone:
        return {"gone": gone.sentence}
    return {}
