"""Real clusters: how they are added and reached, and how fresh what is shown of one is."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from controller.engine.errors import NotFound, Refused
from controller.queries.clusters import cluster_named
from controller.queries.health import health
from controller.queries.mirrors import MirrorFacts, mirror_of
from controller.services import mirrors as services
from controller.upstream.connection import Connection
from controller.upstream.trial import try_out
from dashboard.http import Request, accepted, admins, moved, render_page, viewers
from dashboard.present.mirrors import mirror_row
from dashboard.present.shell import banners
from dashboard.present.trials import TrialCard, failed_card, trial_card, wanted_rights
from dashboard.realforms import ConnectionForm, RealClusterForm


@viewers
def state(request: Request, cluster: str) -> HttpResponse:
    """Return the badge of a real cluster, which asks for itself again, and what is to be told with it."""
    facts = _mirror(cluster)
    told = banners(cluster_named(cluster), health(), facts)
    shown = {"shell": {"name": cluster, "mirror": mirror_row(facts), "banners": told}}
    return render(request, "dashboard/shared/mirror_live.html", shown)


def _mirror(cluster: str) -> MirrorFacts:
    facts = mirror_of(cluster=cluster_named(cluster).id)
    if facts is None:
        raise NotFound("mirrors", cluster)
    return facts


@never_cache
@sensitive_post_parameters("kubeconfig")
@require_http_methods(["GET", "POST"])
@admins
def add(request: Request) -> HttpResponse:
    """Test the connection to a real cluster, and add it."""
    form = RealClusterForm(request.POST, request.FILES) if request.method == "POST" else RealClusterForm()
    actor = request.user.username

    def keep(connection: Connection) -> None:
        given = form.cleaned_data
        services.mirror_add(
            name=given["name"], actor=actor, connection=connection, impersonate=given["impersonate"]
        )

    tried, is_kept = _tried_and_kept(request, form, keep)
    if is_kept:
        name = form.cleaned_data["name"]
        message = _("Added the real cluster %(name)s. What is there is being read.") % {"name": name}
        return moved(request, message, to=reverse("map", args=[name]))
    shown = {"form": form, "tried": tried, "cluster": ""}
    return render_page(request, "dashboard/connection.html", shown)


@never_cache
@sensitive_post_parameters("kubeconfig")
@require_http_methods(["GET", "POST"])
@admins
def connection(request: Request, cluster: str) -> HttpResponse:
    """Test other credentials for a real cluster, and put them in the place of those it has."""
    mirror, row = _mirror(cluster), cluster_named(cluster)
    blank = ConnectionForm(initial={"impersonate": mirror.impersonate})
    form = ConnectionForm(request.POST, request.FILES) if request.method == "POST" else blank
    actor = request.user.username

    def keep(connection: Connection) -> None:
        given = form.cleaned_data
        services.mirror_replace(
            cluster=row.id, actor=actor, connection=connection, impersonate=given["impersonate"]
        )

    tried, is_kept = _tried_and_kept(request, form, keep, expected_uid=mirror.cluster_uid)
    if is_kept:
        return moved(request, _("Replaced the credentials."), to=reverse("settings", args=[cluster]))
    shown = {"form": form, "tried": tried, "cluster": cluster, "mirror": mirror}
    return render_page(request, "dashboard/connection.html", shown)


def _tried_and_kept(
    request: Request, form: ConnectionForm, keep: Callable[[Connection], None], *, expected_uid: str = ""
) -> tuple[TrialCard | None, bool]:
    """Test what a form holds, and keep it if that was asked for: a test that failed must be overruled."""
    if not form.is_valid() or form.connection is None:
        return None, False
    reached, impersonate = form.connection, form.cleaned_data["impersonate"]
    try:
        trial = try_out(reached, wanted_rights(impersonate=impersonate))
        card = trial_card(trial, impersonate=impersonate, expected_uid=expected_uid)
    except Refused as error:
        card = failed_card(error)
    if "test" in request.POST or (card.failed and "anyway" not in request.POST):
        return card, False
    return card, accepted(form, lambda: keep(reached))
