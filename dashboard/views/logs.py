"""What containers say, and a shell in them: logs of one pod or of many, and the terminal page."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controller.engine.errors import BadRequest
from controller.queries.clusters import cluster_named
from controller.queries.logs import LogTargets
from controller.queries.pods import pod
from controller.queries.source import cluster_view
from dashboard.http import Request, faults_of, operators, viewers
from dashboard.middleware import POLICY
from dashboard.podlogs import LogsOptions
from dashboard.present import logs as present
from dashboard.views.common import cluster_page


@require_safe
@viewers
def logs(request: Request, cluster: str) -> HttpResponse:
    """Show the logs that the address names; the page's script follows them over a socket of its own.

    A choice of nodes that cannot be read is said beside its field.
    """
    facts, options = cluster_named(cluster), LogsOptions.read(request.GET.dict())
    faults: list[str] = []
    try:
        targets = options.targets(facts.id)
    except BadRequest as refused:
        faults, targets = faults_of(refused), LogTargets((), 0, (), "")
    shown = {"logs": present.logs_page(cluster, options, targets, request.GET), "faults": faults}
    return cluster_page(request, facts, "logs", shown)


@require_safe
@operators
def shell(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show a terminal in a container of a pod."""
    facts = cluster_named(cluster)
    with cluster_view(facts.id) as view:
        found = pod(view, namespace=namespace, name=name)
    shown = {"terminal": present.shell_page(cluster, found, request.GET.get("container", ""))}
    answer = cluster_page(request, facts, "shell", shown)
    # The terminal draws its cells by style sheets that it writes itself.
    answer.headers["Content-Security-Policy"] = POLICY.replace("style-src", "style-src 'unsafe-inline'")
    return answer
