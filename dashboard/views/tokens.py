"""A cluster's door for kubectl: the file to download, and one's own tokens."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest, Forbidden
from controller.queries.clusters import cluster_named
from controller.queries.tokens import tokens_of
from dashboard import instance
from dashboard.http import Request, posted, viewers
from dashboard.kubeconfig import kubeconfig
from dashboard.peopleforms import TokenForm
from dashboard.present import tokens
from dashboard.views.common import cluster_page


@require_safe
@viewers
def page(request: Request, cluster: str) -> HttpResponse:
    """Show how to take the cluster to a terminal."""
    facts = cluster_named(cluster)
    shown = {
        "reachable": bool(tokens.api_url(request)),
        "paste": tokens.lines_to_paste(facts.name),
        "tokens": tokens.token_lines(tokens_of(cluster=facts.id, user=request.user.pk)),
        "form": TokenForm(),
    }
    return cluster_page(request, facts, "kubectl", shown)


@posted()
@viewers
def download(request: Request, cluster: str) -> HttpResponse:
    """Make a token and answer with the file that holds it."""
    facts, url = cluster_named(cluster), tokens.api_url(request)
    if not url:
        raise Forbidden(_("From another machine kubectl needs https: start Everynode with --tls."))
    form = TokenForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("A token lasts one of the numbers of days that are offered."))
    text = kubeconfig(
        cluster=facts.id,
        name=facts.name,
        user=request.user.pk,
        username=request.user.username,
        days=form.cleaned_data["days"],
        reads_only=form.cleaned_data["reads_only"],
        url=url,
        authority=instance.authority(settings.EVERYNODE_DATA) if settings.TLS else b"",
    )
    name = f'attachment; filename="{facts.name}.kubeconfig"'
    kept = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="application/yaml", headers=kept)
