"""The page that runs one daemon in five ways, and the buttons that show what each survives."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest
from controller.queries.alternatives import alternatives
from controller.queries.clusters import cluster_named
from controller.queries.source import cluster_view
from controller.services import alternatives as services
from controller.services.clock import clock_pause, clock_resume
from dashboard.http import Request, done, operators, posted, viewers
from dashboard.present import alternatives as present
from dashboard.views.common import cluster_page, rail_of


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show where each way has its daemon, and what became of it since the last button."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        found, rail = alternatives(view, cluster=facts.id), rail_of(view)
    shown = {"ways": present.page(facts.name, found, paused=facts.paused)}
    return cluster_page(request, facts, "alternatives", shown, rail=rail)


@posted()
@operators
def act(request: Request, cluster: str) -> HttpResponse:
    """Do what a button names: a word, and after a slash the node that it is about."""
    facts = cluster_named(cluster)
    word, _slash, node = request.POST.get("action", "").partition("/")
    actor = request.user.username
    if word in WHOLE:
        WHOLE[word](cluster=facts.id, actor=actor)
    elif word in services.BUTTONS:
        services.alternatives_press(cluster=facts.id, actor=actor, button=word, node=node)
    else:
        raise BadRequest(_("There is no such action."))
    return done(request, present.done_words(word, node), back=reverse("alternatives", args=[cluster]))


WHOLE: dict[str, Callable[..., None]] = {
    "create": services.alternatives_create,
    "clear": services.alternatives_delete,
    "stop": clock_pause,
    "go": clock_resume,
}
"""What is done to the cluster, not by a button of the engine's."""
