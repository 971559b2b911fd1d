"""What the buttons of a verdict do: each cure and fix, by the word that its form sends as ``side``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.edits.draft import Fact
from controller.engine.errors import BadRequest
from controller.queries.clusters import cluster_named
from controller.queries.explain import explain
from controller.queries.source import cluster_view
from controller.services import daemonsets, objects, pods
from dashboard.forms import whole_number
from dashboard.http import Request, done, operators, posted
from dashboard.present import audits
from dashboard.present.links import map_url
from dashboard.present.words import counted, grouped
from dashboard.previews import previewed


class Who(TypedDict):
    """Who changes which set."""

    cluster: int
    actor: str
    namespace: str
    name: str


@posted()
@operators
@previewed
def cure(request: Request, cluster: str) -> HttpResponse:
    """Do what a verdict offers, so that a pod of a set runs on a node."""
    facts, form = cluster_named(cluster), request.POST
    namespace, _slash, name = form.get("set", "").partition("/")
    who = Who(cluster=facts.id, actor=request.user.username, namespace=namespace, name=name)
    act = SIDES.get(form.get("side", ""), _pair)
    back = map_url(cluster, chosen=f"{namespace}/{name}", node=form.get("node", ""))
    return done(request, act(who, form), back=back)


def _said(made: Fact) -> str:
    return audits.sentence(made.action, made.about, made.values)


def _pair(who: Who, form: QueryDict) -> str:
    made = daemonsets.daemonset_cure(
        **who,
        node=form.get("node", ""),
        side=form.get("side", ""),
        seen=form.get("seen"),
        node_seen=form.get("node_seen"),
    )
    return _said(made)


def _nodes(who: Who, form: QueryDict) -> str:
    """Cure all nodes that share the cause of one, if they are as many as the person was told."""
    node, told = form.get("node", ""), whole_number(form.get("count", ""))
    with cluster_view(who["cluster"]) as view:
        found = explain(view, namespace=who["namespace"], name=who["name"], node=node)
    nodes = sorted({node, *found.shared})
    if len(nodes) != told:
        message = counted(
            "Meanwhile %(n)s node has this cause, not %(told)s. Look again, then confirm.",
            "Meanwhile %(n)s nodes share this cause, not %(told)s. Look again, then confirm.",
            len(nodes),
            told=grouped(told or 0),
        )
        raise BadRequest(message)
    return _said(daemonsets.daemonset_cure_nodes(**who, nodes=nodes, seen=form.get("seen")))


def _request(who: Who, form: QueryDict) -> str:
    edit = RequestEdit(form.get("container", ""), form.get("resource", ""), form.get("amount", ""))
    return _said(daemonsets.daemonset_fit(**who, edit=edit, seen=form.get("seen")))


def _port(who: Who, form: QueryDict) -> str:
    before, after = whole_number(form.get("before", "")), whole_number(form.get("after", ""))
    if not before or not after:
        raise BadRequest(_("A port is a number from 1 to 65535."))
    edit = PortEdit(before, after)
    return _said(daemonsets.daemonset_fit(**who, edit=edit, seen=form.get("seen")))


def _no_surge(who: Who, form: QueryDict) -> str:
    daemonsets.daemonset_strategy(**who, max_unavailable=1, max_surge=0, seen=form.get("seen"))
    return _("Pods are replaced one after the other from now on.")


def _account(who: Who, form: QueryDict) -> str:
    meta = {"name": form.get("name", ""), "namespace": who["namespace"]}
    objects.object_create(
        cluster=who["cluster"], actor=who["actor"], kind="ServiceAccount", manifest={"metadata": meta}
    )
    return _("Created the ServiceAccount %(name)s.") % meta


def _no_fault(who: Who, form: QueryDict) -> str:
    name = form.get("name", "")
    pods.pod_behaviour(
        cluster=who["cluster"], actor=who["actor"], namespace=who["namespace"], name=name, behaviour=None
    )
    return _("Pod %(name)s behaves normally from now on.") % {"name": name}


SIDES: dict[str, Callable[[Who, QueryDict], str]] = {
    "nodes": _nodes,
    "request": _request,
    "port": _port,
    "no-surge": _no_surge,
    "create-account": _account,
    "no-fault": _no_fault,
}
