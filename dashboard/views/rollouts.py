"""The page of a rollout: how far it is, what holds it, and the plan by which it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.daemonset.staged.plan import Plan
from controller.engine.errors import BadRequest, Refused
from controller.queries import daemonsets
from controller.queries.byhand import carried
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.limits import rest_under
from controller.queries.rollouts import rollout
from controller.queries.source import cluster_view
from controller.queries.stages import alerts_of, stages
from controller.services import daemonsets as services
from dashboard.http import Request, done, faults_of, operators, posted, viewers
from dashboard.liveforms import saved, unsaved
from dashboard.planform import LimitsForm, PlanForm
from dashboard.present.byhand import by_hand
from dashboard.present.stages import limit_rows, rollout_page
from dashboard.previews import previewed
from dashboard.views.common import cluster_page, rail_of, rollout_of


@require_safe
@viewers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show how a set is rolled out."""
    return _page(request, cluster_named(cluster), namespace, name)


def _page(
    request: Request, facts: ClusterFacts, namespace: str, name: str, given: PlanForm | None = None
) -> HttpResponse:
    place = (namespace, name)
    with cluster_view(facts.id) as view:
        rail, found = rail_of(view), daemonsets.daemonset(view, namespace=namespace, name=name)
        row = rollout_of(facts.name, view, found.row)
        progress = rollout(view, namespace=namespace, name=name)
        staged = stages(view, namespace=namespace, name=name)
        now = view.moment.cluster
        hand = carried(view, facts.id, namespace=namespace, name=name)
    told = alerts_of(facts.id, namespace=namespace, name=name)
    form = given or PlanForm(initial=PlanForm.values_of(staged.plan or Plan()))
    form.labels = staged.labels
    shown = {
        "page": rollout_page(facts.name, place, (staged, progress), row, (told, now)),
        "by_hand": by_hand(hand, place),
        "plan_form": form,
        "limits_form": LimitsForm(desired=progress.counts.desired, initial=staged.limits.values()),
        "limits_url": reverse("rollout_limits", args=[facts.name, *place]),
    }
    return cluster_page(request, facts, "rollout", shown, chosen=f"{namespace}/{name}", rail=rail)


@require_safe
@operators
def limits(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show when the rollout would end under other limits, beside when it will under its own."""
    facts, place = cluster_named(cluster), (namespace, name)
    with cluster_view(facts.id) as view:
        desired = rollout(view, namespace=namespace, name=name).counts.desired
        form = LimitsForm(request.GET, desired=desired)
    asked: dict[str, Any] = {
        "cluster": facts.id,
        "actor": request.user.username,
        "namespace": namespace,
        "name": name,
    }
    shown: dict[str, object] = {"back": reverse("rollout", args=[facts.name, *place]), "faults": []}
    if not form.is_valid():
        shown["faults"] = [fault for faults in form.errors.values() for fault in faults]
    else:
        try:
            given = form.limits()
            shown["lanes"] = limit_rows(given, rest_under(**asked, limits=given), rest_under(**asked))
        except Refused as refused:
            shown["faults"] = faults_of(refused)
    return cluster_page(request, facts, "rollout_limits", shown, chosen="/".join(place))


@posted()
@operators
@previewed
def act(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Promote, pause, resume, undo, end the plan, or give it another."""
    facts = cluster_named(cluster)
    who = {"cluster": facts.id, "actor": request.user.username, "namespace": namespace, "name": name}
    back = reverse("rollout", args=[cluster, namespace, name])
    action = request.POST.get("action", "")
    if action == "plan":
        return _plan(request, facts, who, back)
    if action not in ACTIONS:
        raise BadRequest(_("There is no such action."))
    return done(request, ACTIONS[action](who, request.POST), back=back)


def _plan(request: Request, facts: ClusterFacts, who: dict[str, Any], back: str) -> HttpResponse:
    place = {"namespace": who["namespace"], "name": who["name"]}

    def standing() -> tuple[dict[str, object], str]:
        with cluster_view(facts.id) as view:
            found = stages(view, **place)
        return PlanForm.values_of(found.plan or Plan()), found.version

    form = PlanForm(request.POST)
    if saved(
        form,
        standing,
        lambda values, version: services.daemonset_plan(
            **who, fields=PlanForm.fields_of(values), seen=version
        ),
    ):
        return done(request, _("The plan stands."), back=back)
    if request.htmx:
        return unsaved(request, form, {"url": request.path, "back": back})
    return _page(request, facts, who["namespace"], who["name"], form)


def _promote(who: dict[str, Any], sent: QueryDict) -> str:
    services.daemonset_promote(**who, wave=sent.get("wave", ""))
    return _("The next wave begins.")


def _pause(who: dict[str, Any], _sent: QueryDict) -> str:
    services.daemonset_pause(**who, paused=True)
    return _("The rollout is paused.")


def _resume(who: dict[str, Any], _sent: QueryDict) -> str:
    services.daemonset_pause(**who, paused=False)
    return _("The rollout goes on.")


def _undo(who: dict[str, Any], sent: QueryDict) -> str:
    services.daemonset_plan_undo(**who, seen=sent.get("seen"))
    return _("On the way back to the revision of before the plan.")


def _end(who: dict[str, Any], sent: QueryDict) -> str:
    services.daemonset_plan_end(**who, seen=sent.get("seen"))
    return _("The plan is ended; the set's own strategy does the rest.")


ACTIONS: dict[str, Callable[[dict[str, Any], QueryDict], str]] = {
    "promote": _promote,
    "pause": _pause,
    "resume": _resume,
    "undo": _undo,
    "end": _end,
}
