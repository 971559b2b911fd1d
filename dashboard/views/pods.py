"""The page of one pod."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import NotFound
from controller.queries import pods as queries
from controller.queries.clusters import cluster_named
from controller.services import pods as services
from dashboard.http import Request, done, operators, posted, readers
from dashboard.present import pods as present
from dashboard.present.words import BEHAVIOURS
from dashboard.views.common import cluster_page


@require_safe
@readers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show one pod; of one that went while it was looked at, say so."""
    facts = cluster_named(cluster)
    try:
        found = queries.pod(cluster=facts.id, namespace=namespace, name=name)
    except NotFound:
        return cluster_page(request, facts, "pod", {"pod": present.gone_page(namespace, name)})
    return cluster_page(request, facts, "pod", {"pod": present.pod_page(facts.name, found)})


@posted()
@operators
def delete(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Delete a pod, by force if so asked."""
    facts, force = cluster_named(cluster), bool(request.POST.get("force"))
    services.pod_delete(
        cluster=facts.id, actor=request.user.username, namespace=namespace, name=name, force=force
    )
    said = _("Deleted pod %(name)s.") if not force else _("Deleted pod %(name)s by force.")
    return done(request, said % {"name": name}, back=reverse("pod", args=[cluster, namespace, name]))


@posted()
@operators
def trouble(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Let a pod behave in a certain way."""
    facts, asked = cluster_named(cluster), request.POST.get("behaviour", "")
    services.pod_trouble(
        cluster=facts.id, actor=request.user.username, namespace=namespace, name=name, behaviour=asked or None
    )
    said = _("From now on: %(behaviour)s.") % {"behaviour": BEHAVIOURS.get(asked, asked)}
    return done(request, said, back=reverse("pod", args=[cluster, namespace, name]))
