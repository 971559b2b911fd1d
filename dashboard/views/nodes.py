"""The table twin of the map, nodes in bulk, and the page of one node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.daemonset.cells import CellState
from controller.engine.errors import BadRequest, Conflict
from controller.engine.matching.nodefilter import FilterFault, node_filter
from controller.engine.objects import Node
from controller.queries import nodes as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.coverage import CONDITION, PAGE, Coverage, columns_of, coverage
from controller.queries.coverage import Request as Asked
from controller.queries.drains import drain_of, drains
from controller.queries.source import ClusterView, cluster_view
from controller.services import nodes as services
from dashboard import forms
from dashboard.csvs import csv_answer
from dashboard.http import Request, accepted, done, moved, operators, posted, version_of, viewers
from dashboard.past import shown_view
from dashboard.present import nodes as present
from dashboard.present.drains import drain_rows
from dashboard.present.filters import fault_words
from dashboard.present.maps import ZONE
from dashboard.present.pages import page_number
from dashboard.present.table import column_key, csv_of, table
from dashboard.present.words import counted
from dashboard.previews import previewed, resend
from dashboard.views import nodeactions
from dashboard.views.common import cluster_page, rail_of


@require_safe
@viewers
def overview(request: Request, cluster: str) -> HttpResponse:
    """Show the table of nodes and sets."""
    return _table(request, cluster_named(cluster), forms.NodesForm())


@require_safe
@viewers
def as_file(request: Request, cluster: str) -> HttpResponse:
    """Send all rows of the table that pass its filters, as comma-separated values."""
    facts = cluster_named(cluster)
    with shown_view(request, facts) as view:
        found, _fault = _found(view, request.GET, _groups(request.GET), size=None)
    return csv_answer(facts.name, *csv_of(found))


def _table(request: Request, facts: ClusterFacts, form: forms.NodesForm) -> HttpResponse:
    groups = _groups(request.GET)
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        found, fault = _found(view, request.GET, groups, size=PAGE)
        draining = drains(view)
    shown = {
        "table": table(facts.name, found, request.GET, groups, fault),
        "drains": drain_rows(facts.name, draining),
        "add_form": form,
        "drain_form": forms.DrainForm(),
    }
    return cluster_page(request, facts, "table", shown, rail=rail)


def _groups(query: QueryDict) -> list[str]:
    """Return what is grouped by: one parameter with a comma, as the map has it, or a field a level."""
    return [key for key in ",".join(query.getlist("group") or [ZONE]).split(",") if key][:2]


def _found(
    view: ClusterView, query: QueryDict, groups: Sequence[str], *, size: int | None
) -> tuple[Coverage, FilterFault | None]:
    """Return the nodes that are asked for. A filter that does not parse keeps all of them."""
    test, fault = _test(query.get("filter", ""))
    ids = {column_key(column): column.id for column in columns_of(view)}
    sort = query.get("sort", "")
    key = sort.removeprefix("-")
    only = set(query.get("only", "").split(","))
    asked = Asked(
        test=test,
        states={state for state in CellState if state in only},
        column=ids.get(query.get("set", ""), ""),
        groups=groups,
        sort=key if key == CONDITION else ids.get(key, ""),
        descending=sort.startswith("-"),
        page=page_number(query),
        size=size,
    )
    return coverage(view, asked), fault


def _test(text: str) -> tuple[Callable[[Node], bool], FilterFault | None]:
    try:
        return node_filter(text), None
    except FilterFault as fault:
        return node_filter(""), fault


@posted()
@operators
@previewed
def add(request: Request, cluster: str) -> HttpResponse:
    """Add one node or many."""
    facts = cluster_named(cluster)
    form = forms.NodesForm(request.POST)
    actor, names = request.user.username, list[str]()

    def act() -> None:
        with cluster_view(facts.id) as view:
            names.extend(form.names(queries.node_names(view)))
        given = form.cleaned_data
        services.nodes_add(
            cluster=facts.id, actor=actor, names=names, labels=given["labels"], taints=given["taints"]
        )

    if not accepted(form, act):
        return _table(request, facts, form)
    message = counted("Added node %(name)s.", "Added %(n)s nodes.", len(names), name=names[0])
    return moved(request, message, to=reverse("table", args=[cluster]))


@posted()
@operators
@previewed
def bulk(request: Request, cluster: str) -> HttpResponse:
    """Do one thing to all nodes that were chosen in the table, or that pass its filters."""
    facts = cluster_named(cluster)
    names = _chosen(facts, request.POST)
    if not names:
        raise BadRequest(_("No node was chosen."))
    message = nodeactions.act(facts.id, request.user.username, names, request.POST)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return done(request, message, back=back if safe else reverse("table", args=[cluster]))


def _chosen(facts: ClusterFacts, given: QueryDict) -> list[str]:
    """Return the nodes that are ticked, or all that pass the filters of the table: ``every`` is its query."""
    if "all" not in given:
        return given.getlist("node")
    query = QueryDict(given.get("every", ""))
    with cluster_view(facts.id) as view:
        found, fault = _found(view, query, (), size=None)
    if fault:
        raise BadRequest(fault_words(fault))
    return [line.name for line in found.lines]


@require_safe
@viewers
def page(request: Request, cluster: str, name: str) -> HttpResponse:
    """Show one node."""
    return _page(request, cluster_named(cluster), name)


def _page(request: Request, facts: ClusterFacts, name: str, **given: forms.StaleForm) -> HttpResponse:
    with shown_view(request, facts) as view:
        found, rail, drain = queries.node(view, name=name), rail_of(view), drain_of(view, name)
    seen = found.node.version
    shown = {
        "node": present.node_page(facts.name, found),
        "drains": drain_rows(facts.name, [drain] if drain else []),
        "drain_form": forms.DrainForm(),
        "labels_form": forms.LabelsForm(
            initial={"text": forms.labels_text(found.node.labels), "seen": seen}, prefix="labels"
        ),
        "taints_form": forms.TaintsForm(
            initial={"text": forms.taints_text(found.node.taints), "seen": seen}, prefix="taints"
        ),
        **given,
    }
    if not request.user.rights.may("update", facts.id):
        shown |= {"labels_form": None, "taints_form": None}
    return cluster_page(request, facts, "node", shown, rail=rail)


@posted()
@operators
@previewed
def state(request: Request, cluster: str, name: str) -> HttpResponse:
    """Cordon a node, switch its machine, or remove it."""
    facts = cluster_named(cluster)
    message = nodeactions.act(facts.id, request.user.username, [name], request.POST)
    if request.POST.get("action") == "remove":
        return moved(request, message, to=reverse("table", args=[cluster]))
    return done(request, message, back=reverse("node", args=[cluster, name]))


@posted()
@operators
@previewed
def pressure(request: Request, cluster: str, name: str) -> HttpResponse:
    """Make a node's machine report a pressure, or take it back."""
    facts, given = cluster_named(cluster), request.POST
    chosen = given.get("report") or given.get("clear") or ""
    services.node_pressure(
        cluster=facts.id,
        actor=request.user.username,
        node=name,
        pressure=chosen,
        reported="report" in given,
        seen=given.get("seen") or None,
    )
    message = (
        _("%(name)s reports %(condition)s.")
        if "report" in given
        else _("%(name)s no longer reports %(condition)s.")
    )
    return done(
        request, message % {"name": name, "condition": chosen}, back=reverse("node", args=[cluster, name])
    )


@posted()
@operators
@previewed
def label(request: Request, cluster: str, name: str) -> HttpResponse:
    """Set one label of a node, or take one off."""
    facts, gone = cluster_named(cluster), request.POST.get("key", "")
    text = gone or request.POST.get("label", "").strip()
    does = nodeactions.remove_label if gone else nodeactions.set_label
    message = does(facts.id, request.user.username, [name], text)
    return done(request, message, back=reverse("node", args=[cluster, name]))


@posted()
@operators
@previewed
def labels(request: Request, cluster: str, name: str) -> HttpResponse:
    """Write all labels of a node anew."""
    facts, form = cluster_named(cluster), forms.LabelsForm(request.POST, prefix="labels")
    given, actor = form.given, request.user.username
    return _save(
        request,
        facts,
        name,
        form,
        lambda: services.node_labels(
            cluster=facts.id, actor=actor, node=name, labels=given("text"), seen=given("seen") or None
        ),
    )


def admin_labels(request: Request, cluster: str, name: str) -> HttpResponse:
    """Preview labels as they are typed in Django admin, whose form has names of its own."""
    sent = {"labels-text": request.POST.get("labels", ""), "labels-seen": request.POST.get("seen", "")}
    resend(request, sent)
    return labels(request, cluster=cluster, name=name)


@posted()
@operators
@previewed
def taints(request: Request, cluster: str, name: str) -> HttpResponse:
    """Write all taints of a node anew."""
    facts, form = cluster_named(cluster), forms.TaintsForm(request.POST, prefix="taints")
    given, actor = form.given, request.user.username
    return _save(
        request,
        facts,
        name,
        form,
        lambda: services.node_taints(
            cluster=facts.id, actor=actor, node=name, taints=given("text"), seen=given("seen") or None
        ),
    )


def _save(
    request: Request, facts: ClusterFacts, name: str, form: forms.NodeForm, act: Callable[[], None]
) -> HttpResponse:
    """Carry out a form of the node's page; of a stale one show what stands now beside what was typed."""
    try:
        if accepted(form, act):
            return moved(request, _("Saved."), to=reverse("node", args=[facts.name, name]))
    except Conflict as conflict:
        form.restart(form.text_of(Node.read(conflict.standing or {}, {})), version_of(conflict))
    return _page(request, facts, name, **{f"{form.prefix}_form": form})
