"""Who asks: found by the token in the path or in the header, never by a session."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from controller import models
from controller.accounttokens import looks_like_one
from controller.apiserver.accounts import acting
from controller.apiserver.call import Asked, Caller
from controller.engine.errors import BadRequest, Forbidden, NotFound, Unauthorized
from controller.manifests.untrusted import NULL, NULL_REFUSED
from controller.models import Role
from controller.queries.access import rights_of
from controller.queries.authorization import account_known
from controller.queries.tokens import token_known
from controller.services.tokens import PREFIX as TOKEN_PREFIX
from controller.services.tokens import token_used
from controller.store import rows

PREFIX = "/k8s/"
"""Under which the API of each cluster is: this, the cluster's name, and the path of Kubernetes."""


def enter(request: HttpRequest) -> Asked:
    """Return what is asked of which cluster, and by whom. Raises Unauthorized, Forbidden, NotFound.

    BadRequest if there is a null character anywhere in the address: no database would take it.
    """
    if NULL in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise BadRequest(f"%00 in the address: {NULL_REFUSED}")
    cluster, _, path = request.path_info.removeprefix(PREFIX).partition("/")
    text, rest = _secret(request, tuple(path.strip("/").split("/")))
    if looks_like_one(text):
        return _account(request, cluster, text, rest)
    token = token_known(text=text) if text else None
    if token is None:
        raise Unauthorized
    row = rows.cluster_row(token.cluster_id) if token.cluster_id else rows.cluster_named(cluster)
    if token.cluster_id and (row is None or row.name != cluster):
        raise Unauthorized
    token_used(token=token)
    role = role_of(token, row.pk) if row else None
    if row is None or role is None:
        raise NotFound("clusters", cluster)
    person = Caller(token.user.get_username(), role, token.pk, token.user_id)
    return Asked(request, row, acting(request, person), rest)


def _account(request: HttpRequest, cluster: str, text: str, rest: tuple[str, ...]) -> Asked:
    """Return what a ServiceAccount asks. Raises Unauthorized, Forbidden."""
    row = rows.cluster_named(cluster)
    known = account_known(text=text, cluster=row.pk) if row else None
    if row is None or known is None:
        raise Unauthorized
    # The role is what a stranger's would be at most; what counts is what Roles and bindings say.
    caller = Caller(known.subject.name, Role.VIEWER, subject=known.subject, credential=text)
    return Asked(request, row, acting(request, caller), rest)


def role_of(token: models.Token, cluster: int) -> Role | None:
    """Return what a token lets its user be on a cluster."""
    rights = rights_of(token.user_id, is_admin=token.user.is_superuser)
    return rights.limited(cluster, token.role)


def _secret(request: HttpRequest, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    # A path may be seen by others on its way, so a secret in it counts on this machine alone.
    if path and (path[0].startswith(TOKEN_PREFIX) or looks_like_one(path[0])):
        if not is_local(request):
            raise Forbidden(
                "a token in the path is only for this machine: send it as a Bearer token, over TLS"
            )
        return path[0], path[1:]
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return "", path
    if not (request.is_secure() or is_local(request)):
        raise Forbidden("a Bearer token needs TLS")
    return text.strip(), path


def is_local(request: HttpRequest) -> bool:
    """Return whether this is ``up`` on one's own machine, and the request comes from that.

    The address alone proves nothing: what a proxy on this machine passes on comes from it, too. One that
    names itself, as ``kubectl proxy`` does, passes on from this machine alone.
    """
    if not settings.EVERYNODE_LOCAL or "Forwarded" in request.headers:
        return False
    passed = request.headers.get("X-Forwarded-For", "")
    addresses = [request.META.get("REMOTE_ADDR", ""), *(passed.split(",") if passed else ())]
    try:
        return all(ip_address(address.strip()).is_loopback for address in addresses)
    except ValueError:
        return False
