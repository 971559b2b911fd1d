"""The list of pods, and the page of one."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from controller.engine.errors import NotFound
from controller.queries import pods as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.services import pods as services
from dashboard.http import Request, done, operators, posted, viewers
from dashboard.liveforms import BehaviourForm, LiveForm, saved, unsaved
from dashboard.past import shown_view
from dashboard.present import podlist
from dashboard.present import pods as present
from dashboard.present.pages import page_number, pager
from dashboard.present.sorting import heads
from dashboard.present.words import BEHAVIOURS
from dashboard.previews import previewed
from dashboard.views.common import cluster_page, rail_of

PAGE = 100
_ABOUT = gettext_lazy("How this simulated pod behaves from now on. It acts at once and is gone with the pod.")


@require_safe
@viewers
def listed(request: Request, cluster: str) -> HttpResponse:
    """Show the pods of a cluster: of a namespace, not ready, orphans; sorted."""
    facts = cluster_named(cluster)
    with shown_view(request, facts) as view:
        rail = rail_of(view)
        found = queries.pods(view, podlist.filter_of(request.GET), page=page_number(request.GET), size=PAGE)
        namespaces = sorted({pod.namespace for pod in view.world.pods.values()})
    shown = {
        "pods": podlist.pod_list(cluster, request.GET, found.items, found.total, namespaces),
        "heads": heads(request.GET, podlist.COLUMNS, default="namespace"),
        "pages": pager(request.GET, page=found.page, pages=found.pages, total=found.total),
    }
    return cluster_page(request, facts, "pods", shown, rail=rail)


@require_safe
@viewers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show one pod; of one that went while it was looked at, say so."""
    facts = cluster_named(cluster)
    try:
        found = _found(request, facts, namespace, name)
    except NotFound:
        return cluster_page(request, facts, "pod", {"pod": present.gone_page(namespace, name)})
    return _page(request, facts, found)


def _found(request: Request, facts: ClusterFacts, namespace: str, name: str) -> queries.PodDetail:
    with shown_view(request, facts) as view:
        return queries.pod(view, namespace=namespace, name=name)


def _page(
    request: Request, facts: ClusterFacts, found: queries.PodDetail, given: LiveForm | None = None
) -> HttpResponse:
    shown = {
        "pod": present.pod_page(facts.name, found),
        "behaviour_form": given or BehaviourForm(initial={"behaviour": found.pod.behaviour}),
        "behaviour_about": _ABOUT,
    }
    return cluster_page(request, facts, "pod", shown)


@posted()
@operators
@previewed
def delete(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Delete a pod, by force if so asked."""
    facts, force = cluster_named(cluster), bool(request.POST.get("force"))
    services.pod_delete(
        cluster=facts.id,
        actor=request.user.username,
        namespace=namespace,
        name=name,
        force=force,
        uid=request.POST.get("uid", ""),
    )
    message = _("Deleted pod %(name)s.") if not force else _("Deleted pod %(name)s by force.")
    return done(request, message % {"name": name}, back=reverse("pod", args=[cluster, namespace, name]))


@posted()
@operators
@previewed
def behaviour(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Let a pod behave in a certain way."""
    facts, form = cluster_named(cluster), BehaviourForm(request.POST)
    back = reverse("pod", args=[cluster, namespace, name])

    def standing() -> tuple[Mapping[str, object], str]:
        found = _found(request, facts, namespace, name)
        return {"behaviour": found.pod.behaviour}, found.manifest["metadata"]["resourceVersion"]

    def save(values: Mapping[str, object], version: str) -> None:
        services.pod_behaviour(
            cluster=facts.id,
            actor=request.user.username,
            namespace=namespace,
            name=name,
            behaviour=str(values["behaviour"]) or None,
            seen=version,
        )

    if saved(form, standing, save):
        message = _("From now on: %(behaviour)s.")
        return done(request, message % {"behaviour": BEHAVIOURS[form.cleaned_data["behaviour"]]}, back=back)
    if request.htmx:
        return unsaved(request, form, {"url": request.path, "back": back, "about": _ABOUT})
    return _page(request, facts, _found(request, facts, namespace, name), form)
