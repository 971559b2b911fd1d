"""What a role may do, and the reviews by which clients ask for it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpResponse

from controller.apiserver.call import Asked, Call, Caller, json_response
from controller.engine.errors import BadRequest, Forbidden, MethodNotAllowed
from controller.engine.objects import Manifest
from controller.queries.tokens import token_known

READING = frozenset({"get", "list", "watch"})
HANDS_ON = frozenset({"exec", "attach", "portforward"})
"""Subresources that are read by their method and yet reach into a pod."""


def allowed(caller: Caller, verb: str, subresource: str = "") -> bool:
    """Return whether somebody may do this: who may not write still may read."""
    return caller.may_write or (verb in READING and subresource not in HANDS_ON)


def check(call: Call) -> None:
    """Raise Forbidden, in the API server's words, unless the caller may do what is asked."""
    if allowed(call.caller, call.verb, call.subresource):
        return
    resource = f"{call.kind.plural}/{call.subresource}" if call.subresource else call.kind.plural
    about = f"{call.kind.plural}.{call.group}" if call.group else call.kind.plural
    named = f'{about} "{call.name}"' if call.name else about
    place = f'in the namespace "{call.namespace}"' if call.namespace else "at the cluster scope"
    raise Forbidden(
        f'{named} is forbidden: User "{call.caller.name}" cannot {call.verb} resource "{resource}" '
        f'in API group "{call.group}" {place}'
    )


def review(asked: Asked) -> HttpResponse:
    """Answer a review: of what somebody may do, or of who they are. Raises MethodNotAllowed, BadRequest."""
    if asked.request.method != "POST":
        raise MethodNotAllowed
    given = asked.body()
    spec = given.get("spec") or {}
    if not isinstance(spec, dict):
        raise BadRequest("spec: Invalid value: it must be an object")
    kind, find = REVIEWS[asked.path[-1]]
    reviewed = {
        "kind": kind,
        "apiVersion": "/".join(asked.path[1:3]),
        "metadata": {"creationTimestamp": None},
        **({"spec": spec} if spec else {}),
        "status": find(asked, spec),
    }
    return json_response(asked, reviewed, status=HTTPStatus.CREATED)


def _access(asked: Asked, spec: Manifest) -> Manifest:
    of_object, of_page = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(of_object, dict) == isinstance(of_page, dict):
        raise BadRequest("spec: exactly one of resourceAttributes and nonResourceAttributes must be given")
    wish = of_object if isinstance(of_object, dict) else of_page or {}
    may = allowed(asked.caller, str(wish.get("verb") or "*"), str(wish.get("subresource") or ""))
    return {"allowed": may, "reason": f"the role of {asked.caller.name} is {asked.caller.role}"}


def _rules(asked: Asked, _spec: Manifest) -> Manifest:
    verbs = ["*"] if asked.caller.may_write else sorted(READING)
    return {
        "resourceRules": [{"verbs": verbs, "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


def _self(asked: Asked, _spec: Manifest) -> Manifest:
    return {"userInfo": _user(asked.caller)}


def _token(asked: Asked, spec: Manifest) -> Manifest:
    held = token_known(cluster=asked.cluster.name, text=str(spec.get("token") or ""))
    if held is None:
        return {"authenticated": False, "error": "the token opens nothing here"}
    return {"authenticated": True, "user": _user(Caller(held.user.get_username(), str(held.user.role)))}


def _user(caller: Caller) -> Manifest:
    return {"username": caller.name, "groups": [f"everynode:{caller.role}", "system:authenticated"]}


REVIEWS: dict[str, tuple[str, Callable[[Asked, Manifest], Manifest]]] = {
    "selfsubjectaccessreviews": ("SelfSubjectAccessReview", _access),
    "selfsubjectrulesreviews": ("SelfSubjectRulesReview", _rules),
    "selfsubjectreviews": ("SelfSubjectReview", _self),
    "tokenreviews": ("TokenReview", _token),
}
"""What can be asked for, by the last word of the path."""
