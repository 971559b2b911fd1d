"""What a path and a method ask for: the kind, the verb, the namespace, the name."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from controller.apiserver.call import TRUE
from controller.engine.errors import MethodNotAllowed, PageNotFound
from controller.engine.kinds import ROUTES, Kind

WATCH = "watch"
ON_ONE = {"GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
ON_ALL = {"GET": "list", "HEAD": "list", "POST": "create", "DELETE": "deletecollection"}
ON_PART = {**ON_ONE, "POST": "create"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a path leads. One that begins with ``watch``, as older clients write it, is ``watched``."""

    kind: Kind
    group: str
    version: str
    namespace: str
    name: str
    subresource: str
    watched: bool = False


def api_of(path: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]] | None:
    """Return group, version and the rest of a path of the API, or None if it is another path."""
    if path[:1] == ("api",) and len(path) > 1:
        return "", path[1], path[2:]
    if path[:1] == ("apis",) and len(path) > 2:  # noqa: PLR2004 - apis, group, version
        return path[1], path[2], path[3:]
    return None


def target_of(group: str, version: str, rest: tuple[str, ...]) -> Target:
    """Return where a path leads. Raises PageNotFound."""
    namespace = ""
    watched = len(rest) > 1 and rest[0] == WATCH
    rest = rest[1:] if watched else rest
    if len(rest) > 2 and rest[0] == "namespaces" and (group, version, rest[2]) in ROUTES:  # noqa: PLR2004
        namespace, rest = rest[1], rest[2:]
    plural, name, part, *more = (*rest, "", "")[: max(len(rest), 3)]
    kind = ROUTES.get((group, version, plural))
    if kind is None or more or (namespace and not kind.namespaced):
        raise PageNotFound
    if name and kind.namespaced and not namespace:
        raise PageNotFound
    if part and kind.subresource(part) is None:
        raise PageNotFound
    if watched and part:
        raise PageNotFound
    return Target(kind, group, version, namespace, name, part, watched)


def verb_of(request: HttpRequest, target: Target) -> str:
    """Return the verb of a request. Raises MethodNotAllowed if it does not go with the target."""
    among = ON_PART if target.subresource else ON_ONE if target.name else ON_ALL
    verb = among.get(str(request.method), "")
    part = target.kind.subresource(target.subresource) if target.subresource else None
    if verb not in (part.verbs if part else target.kind.verbs):
        raise MethodNotAllowed
    if verb == "create" and target.kind.namespaced and not target.namespace:
        raise MethodNotAllowed
    if target.watched and verb not in ("get", "list"):
        raise MethodNotAllowed
    asks = verb in ("get", "list") and not part and request.GET.get("watch", "") in TRUE
    return "watch" if asks or target.watched else verb
