"""All that a cluster holds: the kinds, the objects of one, the page of one object, and its YAML."""

from __future__ import annotations

import hashlib
from functools import partial
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controller import manifests
from controller.engine.errors import Conflict, NotFound
from controller.engine.kinds import KINDS, Kind
from controller.engine.matching.selection import Selection
from controller.mirror.kinds import ORDER as MIRRORED
from controller.modes import Capability
from controller.queries import objects as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.workloads import object_detail, object_manifest
from controller.services.objects import object_edit
from dashboard.http import Request, accepted, faults_in, moved, operators, posted, version_of, viewers
from dashboard.liveforms import LiveForm
from dashboard.past import ages_of_then, shown_view
from dashboard.present import objects as present
from dashboard.present import workloads
from dashboard.present.diffs import DiffLine, difference
from dashboard.present.links import NOWHERE, kind_url, object_url
from dashboard.previews import previewed
from dashboard.textforms import ManifestForm
from dashboard.views.common import cluster_page
from dashboard.views.workloadactions import acted
from dashboard.views.workloadforms import Which, forms_of

BY_PLURAL = {kind.plural: kind for kind in KINDS.values()}
PAGE = 100
"""How many objects of a list are shown at once."""


@require_safe
@viewers
def kinds(request: Request, cluster: str) -> HttpResponse:
    """Show the kinds, with how many objects there are of each."""
    facts = cluster_named(cluster)
    return cluster_page(request, facts, "objects", {"groups": _groups(facts, request.at)})


def _groups(facts: ClusterFacts, number: int | None, chosen: str = "") -> list[present.KindGroup]:
    counts = queries.counts(cluster=facts.id, number=number)
    held = KINDS if Capability.RECONCILE in facts.capabilities else {kind.name for kind in MIRRORED}
    return present.kind_groups(facts.name, counts, chosen, read=held)


@require_safe
@viewers
def listed(request: Request, cluster: str, plural: str) -> HttpResponse:
    """Show the objects of a kind, page by page in the order of their names."""
    facts, kind = cluster_named(cluster), _kind(request, cluster, plural)
    ages_of_then(request, facts)
    namespace, after = request.GET.get("namespace", ""), request.GET.get("after", "")
    place = (after.partition("/")[0], after.partition("/")[2]) if "/" in after else None
    wanted = Selection(kind.name, namespace)
    listing = queries.Listing(facts.id, wanted, after=place, limit=PAGE, number=request.at)
    rows = [found.parsed() for found in listing]
    here = {"namespace": namespace} if namespace else {}
    base, onward = kind_url(cluster, kind.name), {**here, "after": "/".join(listing.last or ())}
    shown: dict[str, object] = {
        "groups": _groups(facts, request.at, kind.name),
        "namespaces": present.namespace_options(
            queries.namespaces(cluster=facts.id, number=request.at), namespace
        )
        if kind.namespaced
        else [],
        "table": present.object_table(cluster, kind.name, rows),
        "next": f"{base}?{urlencode(onward)}" if listing.last else "",
        "first": base + (f"?{urlencode(here)}" if here else "") if place else "",
    }
    return cluster_page(request, facts, "objects", shown)


@require_safe
@viewers
def page(request: Request, cluster: str, plural: str, namespace: str, name: str) -> HttpResponse:
    """Show one object; of one that went while it was looked at, say so."""
    facts, which = cluster_named(cluster), which_of(request, cluster, plural, namespace, name)
    try:
        return _page(request, facts, which)
    except NotFound:
        gone = workloads.gone_page(cluster, which.kind, which.namespace, name)
        return cluster_page(request, facts, "object", {"object": gone})


def _page(request: Request, facts: ClusterFacts, which: Which, given: LiveForm | None = None) -> HttpResponse:
    with shown_view(request, facts) as view:
        found = object_detail(view, cluster=facts.id, **which.place, number=request.at)
    shown = {
        "object": workloads.object_page(facts.name, found),
        **forms_of(found.manifest, given),
    }
    return cluster_page(request, facts, "object", shown)


@posted()
@operators
@previewed
def act(request: Request, cluster: str, plural: str, namespace: str, name: str) -> HttpResponse:
    """Do one of the things that the page's buttons name."""
    facts, which = cluster_named(cluster), which_of(request, cluster, plural, namespace, name)
    return acted(
        request,
        {**which.place, "cluster": facts.id, "actor": request.user.username},
        back=object_url(cluster, which.kind, which.namespace, name),
        after=kind_url(cluster, which.kind),
        page=lambda form: _page(request, facts, which, form),
    )


@require_http_methods(["GET", "POST"])
@operators
@previewed
def edit(request: Request, cluster: str, plural: str, namespace: str, name: str) -> HttpResponse:
    """Edit the YAML of an object; of a stale form show both versions."""
    facts, which = cluster_named(cluster), which_of(request, cluster, plural, namespace, name)
    url = object_url(cluster, which.kind, which.namespace, name)
    form = ManifestForm(request.POST) if request.method == "POST" else _blank(facts, which)
    try:
        saves = partial(_save, request, facts, which, form)
        if form.is_bound and accepted(form, saves, faults=faults_in(form)):
            return moved(request, _("Saved %(name)s.") % {"name": name}, to=url)
    except Conflict as conflict:
        form.restart(manifests.dump(conflict.standing or {}), version_of(conflict))
    shown = {
        "form": form,
        "check_url": reverse("object_check", args=[cluster, plural, namespace, name]),
        "mark": _mark(facts, which),
        "object": workloads.Heading(which.kind, which.namespace, name, url),
        "standing_diff": difference_of(form.standing, form["text"].value()),
    }
    return cluster_page(request, facts, "edit", shown, chosen=f"{which.namespace}/{name}")


def set_edit(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Edit the YAML of a DaemonSet, at the address below its own page."""
    return edit(request, cluster=cluster, plural="daemonsets", namespace=namespace, name=name)


def _blank(facts: ClusterFacts, which: Which) -> ManifestForm:
    found = object_manifest(cluster=facts.id, **which.place)
    text = manifests.dump(found)
    return ManifestForm(initial={"text": text, "seen": found["metadata"]["resourceVersion"]})


def _mark(facts: ClusterFacts, which: Which) -> str:
    """Return what tells an object as it stands from one that people changed; "" if it is gone."""
    try:
        text = manifests.dump(object_manifest(cluster=facts.id, **which.place))
    except NotFound:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _save(request: Request, facts: ClusterFacts, which: Which, form: ManifestForm) -> None:
    object_edit(
        cluster=facts.id,
        actor=request.user.username,
        **which.place,
        text=form.cleaned_data["text"],
        seen=form.cleaned_data["seen"] or None,
    )


def _kind(request: Request, cluster: str, plural: str) -> Kind:
    """Return a kind by the name in the address. Raises NotFound, PermissionDenied for what is hidden."""
    kind = BY_PLURAL.get(plural)
    if kind is None:
        raise NotFound("kinds", plural)
    if not request.user.rights.may("get", cluster, kind.plural):
        raise PermissionDenied
    return kind


def which_of(request: Request, cluster: str, plural: str, namespace: str, name: str) -> Which:
    """Return the object of an address. Raises NotFound, PermissionDenied for what is hidden."""
    kind = _kind(request, cluster, plural)
    if kind.namespaced == (namespace == NOWHERE):
        raise NotFound(kind.resource, name)
    return Which(kind.name, "" if namespace == NOWHERE else namespace, name)


def difference_of(standing: str | None, typed: str) -> list[DiffLine]:
    """Return what saving the typed text would change of what stands now."""
    return [] if standing is None else difference(standing, typed)
