"""Who asks: found by the token in the path or in the header, never by a session."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest

from controller import models
from controller.apiserver.call import Caller
from controller.engine.errors import Forbidden, Unauthorized
from controller.queries.tokens import token_known
from controller.services.tokens import PREFIX, token_used


def enter(
    request: HttpRequest, cluster: str, path: tuple[str, ...]
) -> tuple[models.Cluster, Caller, tuple[str, ...]]:
    """Return the cluster, who asks, and the path without the secret. Raises Unauthorized, Forbidden."""
    text, rest = _secret(request, path)
    token = token_known(cluster=cluster, text=text) if text else None
    if token is None:
        raise Unauthorized
    token_used(token=token)
    return token.cluster, Caller(token.user.get_username(), str(token.user.role), token.pk), rest


def _secret(request: HttpRequest, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    # A path may be seen by others on its way, so a secret in it counts on this machine alone.
    if path and path[0].startswith(PREFIX):
        if not _near(request):
            raise Forbidden(
                "a token in the path is only for this machine: send it as a Bearer token, over TLS"
            )
        return path[0], path[1:]
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return "", path
    if not (request.is_secure() or _near(request)):
        raise Forbidden("a Bearer token needs TLS")
    return text.strip(), path


def _near(request: HttpRequest) -> bool:
    """Return whether the request comes from this machine itself, through no proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
