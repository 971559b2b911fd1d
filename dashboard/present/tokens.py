"""The page from which people take a cluster to their terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from controller.apiserver.callers import is_local
from controller.queries.tokens import TokenRow
from dashboard.present.words import age


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as a row of the page. ``name`` tells it from others for those who hear the page."""

    name: str
    note: str
    cluster: str
    may: str
    created: str
    used: str
    expires: str
    revoke_url: str


def token_lines(tokens: Iterable[TokenRow]) -> list[TokenLine]:
    """Return somebody's tokens as rows."""
    return [
        TokenLine(
            name=_("token %(id)s") % {"id": one.id},
            note=one.note,
            cluster=one.cluster or _("all clusters"),
            may=_("reads only") if one.reads_only else _("all you may"),
            created=_("%(age)s ago") % {"age": age(one.created)},
            used=_("%(age)s ago") % {"age": age(one.used)} if one.used else _("never"),
            expires=_("in %(age)s") % {"age": age(timezone.now(), one.expires)},
            revoke_url=reverse("token_revoke", args=[one.id]),
        )
        for one in tokens
    ]


def lines_to_paste(cluster: str) -> str:
    """Return what is typed into a terminal after the download."""
    return (
        f"export KUBECONFIG=~/Downloads/{cluster}.kubeconfig\n"
        "kubectl get nodes\n"
        "kubectl get daemonsets --all-namespaces"
    )


def api_url(request: HttpRequest) -> str:
    """Return the address of the site for programs, or "" if there is no safe way from where one looks."""
    if request.is_secure() or is_local(request):
        return request.build_absolute_uri("/")
    return ""
