"""What a role may do, and the reviews by which clients ask for it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpResponse

from controller.accounttokens import looks_like_one
from controller.apiserver.call import Asked, Call, Caller, json_response
from controller.apiserver.callers import role_of
from controller.engine.authorization.policy import Subject, Wish
from controller.engine.errors import BadRequest, Forbidden, MethodNotAllowed
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.models import Role
from controller.queries.access import READING, role_may, role_of_person
from controller.queries.authorization import account_known, policy_of
from controller.queries.tokens import token_known


def check(call: Call) -> None:
    """Raise Forbidden, in the API server's words, unless the caller may do what is asked."""
    subject, why = call.caller.subject, ""
    if subject is None:
        if role_may(call.caller.role, call.verb, call.kind.plural, call.subresource):
            return
    else:
        verdict = policy_of(call.cluster.pk).decide(subject, call.wish)
        if verdict.allowed:
            return
        why = f": {verdict.reason}" if verdict.reason else ""
    resource = f"{call.kind.plural}/{call.subresource}" if call.subresource else call.kind.plural
    about = f"{call.kind.plural}.{call.group}" if call.group else call.kind.plural
    named = f'{about} "{call.name}"' if call.name else about
    namespace = call.wish.namespace
    place = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    raise Forbidden(
        f'{named} is forbidden: User "{call.caller.name}" cannot {call.verb} resource "{resource}" '
        f'in API group "{call.group}" {place}{why}'
    )


def check_wish(asked: Asked, wish: Wish) -> None:
    """Raise Forbidden unless the caller may do what is asked of what is kept nowhere. People may."""
    subject = asked.caller.subject
    if subject is None or policy_of(asked.cluster.pk).decide(subject, wish).allowed:
        return
    if wish.path:
        raise Forbidden(f'forbidden: User "{asked.caller.name}" cannot {wish.verb} path "{wish.path}"')
    about = f"{wish.resource}.{wish.group}" if wish.group else wish.resource
    place = f'in the namespace "{wish.namespace}"' if wish.namespace else "at the cluster scope"
    raise Forbidden(
        f'{about} is forbidden: User "{asked.caller.name}" cannot {wish.verb} resource "{wish.resource}" '
        f'in API group "{wish.group}" {place}'
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
    return _allowed(asked, spec, asked.caller)


def _allowed(asked: Asked, spec: Manifest, caller: Caller) -> Manifest:
    of_object, of_page = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(of_object, dict) == isinstance(of_page, dict):
        raise BadRequest("spec: exactly one of resourceAttributes and nonResourceAttributes must be given")
    wish = of_object if isinstance(of_object, dict) else of_page or {}
    if caller.subject:
        verdict = policy_of(asked.cluster.pk).decide(caller.subject, _wish(wish))
        return {"allowed": verdict.allowed, **({"reason": verdict.reason} if verdict.reason else {})}
    verb, resource, subresource = (str(wish.get(key) or "") for key in ("verb", "resource", "subresource"))
    may = role_may(caller.role, verb or "*", resource, subresource)
    return {"allowed": may, "reason": f"the role of {caller.name} is {caller.role}"}


FIELDS = ("verb", "group", "resource", "subresource", "namespace", "name", "path")


def _wish(given: Manifest) -> Wish:
    return Wish(**{field: str(given.get(field) or "") for field in FIELDS})


def _rules(asked: Asked, spec: Manifest) -> Manifest:
    if subject := asked.caller.subject:
        held = policy_of(asked.cluster.pk).rules(subject, str(spec.get("namespace") or ""))
        return {
            "resourceRules": [rule for rule in held if "resources" in rule],
            "nonResourceRules": [rule for rule in held if "nonResourceURLs" in rule],
            "incomplete": False,
        }
    rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    if not role_may(asked.caller.role, "*"):
        rules = [
            {"verbs": sorted(READING), "apiGroups": [group], "resources": _readable(asked.caller.role, group)}
            for group in sorted({kind.group for kind in KINDS.values()})
        ]
    return {
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


def _readable(role: Role, group: str) -> list[str]:
    """Return the resources of an API group that a role may read."""
    kinds = [
        kind.plural for kind in KINDS.values() if kind.group == group and role_may(role, "get", kind.plural)
    ]
    return sorted(kinds)


def _self(asked: Asked, _spec: Manifest) -> Manifest:
    return {"userInfo": _user(asked.caller)}


def _of_somebody(asked: Asked, spec: Manifest) -> Manifest:
    """Say what somebody may do here: a person by their role, anybody else by Roles and bindings."""
    name = str(spec.get("user") or "")
    if not name:
        raise BadRequest("spec.user: Required value: whose access is reviewed")
    role = role_of_person(name=name, cluster=asked.cluster.pk)
    if role is not None:
        return _allowed(asked, spec, Caller(name, role))
    groups = spec.get("groups") or []
    subject = Subject.named(name, [str(one) for one in groups] if isinstance(groups, list) else [])
    return _allowed(asked, spec, Caller(name, Role.VIEWER, subject=subject))


def _token(asked: Asked, spec: Manifest) -> Manifest:
    text = str(spec.get("token") or "")
    if looks_like_one(text):
        account = account_known(text=text, cluster=asked.cluster.pk)
        if account is None:
            return {"authenticated": False, "error": "the token opens nothing here"}
        user = _user(Caller(account.subject.name, Role.VIEWER, subject=account.subject))
        return {"authenticated": True, "user": {**user, "uid": account.uid}}
    held = token_known(text=text)
    here = held and held.cluster_id in {None, asked.cluster.pk}
    role = role_of(held, asked.cluster.pk) if held and here else None
    if held is None or role is None:
        return {"authenticated": False, "error": "the token opens nothing here"}
    return {"authenticated": True, "user": _user(Caller(held.user.get_username(), role))}


def _user(caller: Caller) -> Manifest:
    if caller.subject:
        return {"username": caller.name, "groups": [*caller.subject.groups]}
    return {"username": caller.name, "groups": [f"everynode:{caller.role}", "system:authenticated"]}


REVIEWS: dict[str, tuple[str, Callable[[Asked, Manifest], Manifest]]] = {
    "localsubjectaccessreviews": ("LocalSubjectAccessReview", _of_somebody),
    "selfsubjectaccessreviews": ("SelfSubjectAccessReview", _access),
    "selfsubjectrulesreviews": ("SelfSubjectRulesReview", _rules),
    "selfsubjectreviews": ("SelfSubjectReview", _self),
    "subjectaccessreviews": ("SubjectAccessReview", _of_somebody),
    "tokenreviews": ("TokenReview", _token),
}
"""What can be asked for, by the last word of the path."""
