"""The controls of a cluster's clock."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from controller.queries.clusters import cluster_named
from controller.services import clock as services
from dashboard.http import Request, done, operators, posted
from dashboard.present.words import hours


@posted()
@operators
def clock(request: Request, cluster: str) -> HttpResponse:
    """Pause, resume or step the clock, or set its speed."""
    facts = cluster_named(cluster)
    message = _act(facts.id, request.user.username, request.POST.get("action", ""), request.POST.get("speed"))
    return done(request, message, back=reverse("map", args=[cluster]))


def _act(cluster: int, actor: str, action: str, speed: str | None) -> str:
    if action == "step":
        made = services.clock_step(cluster=cluster, actor=actor)
        return _("One pass at %(time)s.") % {"time": hours(made.cluster_time)}
    if action == "pause":
        services.clock_pause(cluster=cluster, actor=actor)
        return _("The clock stands still.")
    if action == "resume":
        services.clock_resume(cluster=cluster, actor=actor)
        return _("The clock runs.")
    value = number(speed or "")
    services.clock_speed(cluster=cluster, actor=actor, speed=value)
    return _("Speed x%(speed)s.") % {"speed": f"{value:g}"}


def number(text: str) -> float:
    """Read a speed; what is no number is 0, which the rules refuse."""
    try:
        return float(text)
    except ValueError:
        return 0.0
