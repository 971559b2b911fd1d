"""ServiceAccounts at the door: the tokens they are given, and whom somebody acts as."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from controller.accounttokens import ISSUER
from controller.apiserver.call import Call, Caller, json_response
from controller.engine.authorization.policy import Subject
from controller.engine.errors import BadRequest, Forbidden
from controller.queries.access import role_may
from controller.services.accounttokens import account_token_create

IMPERSONATE = "impersonate-"


def request_token(call: Call) -> HttpResponseBase:
    """Issue a token for the ServiceAccount that is named. Raises NotFound, Conflict, Invalid, BadRequest."""
    spec = call.body().get("spec") or {}
    seconds = spec.get("expirationSeconds") if isinstance(spec, dict) else ""
    if not isinstance(spec, dict) or not isinstance(seconds, int | None) or isinstance(seconds, bool):
        raise BadRequest('TokenRequest in version "v1" cannot be handled as a TokenRequest: spec is not one')
    place = {"namespace": call.namespace, "name": call.name}
    made = account_token_create(cluster=call.cluster, actor=call.caller.actor, **place, spec=spec)
    expires = datetime.fromtimestamp(made.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {**place, "creationTimestamp": None},
        "spec": {"audiences": [ISSUER], "boundObjectRef": None, **spec, "expirationSeconds": made.seconds},
        "status": {"token": made.text, "expirationTimestamp": expires},
    }
    return json_response(call, answer, status=HTTPStatus.CREATED)


def acting(request: HttpRequest, caller: Caller) -> Caller:
    """Return as whom a caller acts. Raises Forbidden, BadRequest.

    Whoever may do everything here may act as anybody: what that one may is what Roles and bindings say.
    """
    given = {
        name.lower(): value for name, value in request.headers.items() if name.lower().startswith(IMPERSONATE)
    }
    if not given:
        return caller
    name = given.get("impersonate-user", "")
    if caller.subject or not role_may(caller.role, "impersonate"):
        raise Forbidden(
            f'users "{name}" is forbidden: User "{caller.name}" cannot impersonate resource "users" '
            'in API group "" at the cluster scope'
        )
    if not name:
        raise BadRequest(f"requested {sorted(given)} without impersonating a user")
    groups = [each.strip() for each in given.get("impersonate-group", "").split(",") if each.strip()]
    return Caller(name, caller.role, caller.token, caller.user, Subject.named(name, groups), by=caller.name)
