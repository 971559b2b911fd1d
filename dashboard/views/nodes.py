"""The table twin of the map, nodes in bulk, and the page of one node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from controller.engine.daemonset.cells import CellState
from controller.engine.errors import BadRequest, Conflict
from controller.engine.matching.nodefilter import FilterFault, node_filter
from controller.engine.objects import Node
from controller.queries import nodes as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.coverage import CONDITION, PAGE, Coverage, columns_of, coverage
from controller.queries.coverage import Request as Asked
from controller.queries.source import ClusterView, cluster_view
from controller.services import nodes as services
from dashboard import forms
from dashboard.csvs import csv_answer
from dashboard.http import Request, accepted, done, moved, operators, posted, version_of, viewers
from dashboard.past import shown_view
from dashboard.present import nodes as present
from dashboard.present.maps import ZONE
from dashboard.present.pages import page_number
from dashboard.present.table import column_key, csv_of, table
from dashboard.previews import previewed, resend
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
    shown = {"table": table(facts.name, found, request.GET, groups, fault), "add_form": form}
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
    message = ngettext("Added node %(name)s.", "Added %(n)s nodes.", len(names))
    return moved(request, message % {"n": len(names), "name": names[0]}, to=reverse("table", args=[cluster]))


@posted()
@operators
@previewed
def bulk(request: Request, cluster: str) -> HttpResponse:
    """Do one thing to all nodes that were chosen in the table."""
    names = request.POST.getlist("node")
    if not names:
        raise BadRequest(_("No node was chosen."))
    facts = cluster_named(cluster)
    label = request.POST.get("label", "").strip()
    message = _act(facts.id, request.user.username, names, request.POST.get("action", ""), label)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return done(request, message, back=back if safe else reverse("table", args=[cluster]))


def _act(cluster: int, actor: str, names: Sequence[str], action: str, label: str = "") -> str:
    """Carry out one of the words that buttons send, and say what was done."""
    many = {"n": len(names), "name": names[0]}
    match action:
        case "cordon" | "uncordon":
            services.node_cordon(cluster=cluster, actor=actor, nodes=names, cordoned=action == "cordon")
            one, more = (
                (_("Cordoned %(name)s."), _("Cordoned %(n)s nodes."))
                if action == "cordon"
                else (_("Uncordoned %(name)s."), _("Uncordoned %(n)s nodes."))
            )
        case "up" | "down":
            services.node_power(cluster=cluster, actor=actor, nodes=names, up=action == "up")
            one, more = (
                (_("Powered up %(name)s."), _("Powered up %(n)s nodes."))
                if action == "up"
                else (_("Powered down %(name)s."), _("Powered down %(n)s nodes."))
            )
        case "label" | "unlabel":
            return _label(cluster, actor, names, label, remove=action == "unlabel")
        case "remove":
            services.nodes_remove(cluster=cluster, actor=actor, names=names)
            one, more = _("Removed %(name)s."), _("Removed %(n)s nodes.")
        case _:
            raise BadRequest(_("There is no such action."))
    return (one if len(names) == 1 else more) % many


def _label(cluster: int, actor: str, names: Sequence[str], text: str, *, remove: bool) -> str:
    key, equals, value = text.partition("=")
    if not key or not (equals or remove):
        raise BadRequest(_("Write the label as key=value."))
    given = {} if remove else {key: value}
    gone = [key] if remove else []
    services.node_label_patch(cluster=cluster, actor=actor, nodes=names, set=given, remove=gone)
    if remove:
        return _("Removed the label %(label)s.") % {"label": key}
    return _("Set the label %(label)s.") % {"label": text}


@require_safe
@viewers
def page(request: Request, cluster: str, name: str) -> HttpResponse:
    """Show one node."""
    return _page(request, cluster_named(cluster), name)


def _page(request: Request, facts: ClusterFacts, name: str, **given: forms.StaleForm) -> HttpResponse:
    with shown_view(request, facts) as view:
        found, rail = queries.node(view, name=name), rail_of(view)
    seen = found.node.version
    shown = {
        "node": present.node_page(facts.name, found),
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
    facts, action = cluster_named(cluster), request.POST.get("action", "")
    message = _act(facts.id, request.user.username, [name], action)
    if action == "remove":
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
    facts, gone = cluster_named(cluster), request.POST.get("remove", "")
    text = gone or request.POST.get("label", "").strip()
    message = _label(facts.id, request.user.username, [name], text, remove=bool(gone))
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
