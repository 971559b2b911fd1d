"""A cluster's door for kubectl: the file to download, and one's own tokens."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import Forbidden
from controller.queries.clusters import cluster_named
from controller.queries.tokens import tokens_of
from controller.services.tokens import token_revoke
from dashboard import instance
from dashboard.http import Request, moved, posted, readers
from dashboard.kubeconfig import kubeconfig
from dashboard.present import tokens
from dashboard.views.common import cluster_page


@require_safe
@readers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show how to take the cluster to a terminal."""
    facts = cluster_named(cluster)
    shown = {
        "reachable": bool(tokens.api_url(request)),
        "paste": tokens.lines_to_paste(facts.name),
        "tokens": tokens.token_lines(facts.name, tokens_of(cluster=facts.id, user=request.user.pk)),
    }
    return cluster_page(request, facts, "kubectl", shown)


@posted()
@readers
def download(request: Request, cluster: str) -> HttpResponse:
    """Make a token and answer with the file that holds it."""
    facts, url = cluster_named(cluster), tokens.api_url(request)
    if not url:
        raise Forbidden(_("From another machine kubectl needs https: start Everynode with --tls."))
    text = kubeconfig(
        cluster=facts.id,
        name=facts.name,
        user=request.user.pk,
        username=request.user.username,
        url=url,
        authority=instance.authority(settings.EVERYNODE_DATA) if settings.TLS else b"",
    )
    name = f'attachment; filename="{facts.name}.kubeconfig"'
    kept = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="application/yaml", headers=kept)


@posted(up=3)
@readers
def revoke(request: Request, cluster: str, token: int) -> HttpResponse:
    """Let one of one's own tokens open nothing any more."""
    facts, user = cluster_named(cluster), request.user
    token_revoke(cluster=facts.id, user=user.pk, actor=user.username, token=token)
    return moved(request, _("The token opens nothing any more."), to=reverse("kubectl", args=[cluster]))
