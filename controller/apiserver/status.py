"""Refusals as Status objects, in the words that the API server has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse

from controller.engine import errors
from controller.engine.kinds import KINDS

CODES = {
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "AlreadyExists": 409,
    "Conflict": 409,
    "Expired": 410,
    "RequestEntityTooLarge": 413,
    "UnsupportedMediaType": 415,
    "Invalid": 422,
    "TooManyRequests": 429,
    "InternalError": 500,
    "ServiceUnavailable": 503,
    "Timeout": 504,
}


UNPROCESSABLE = "the server rejected our request due to an error in our request"
"""All that the API server says of a patch that does not fit its object; what did not fit, it keeps."""


def status(refused: errors.Refused) -> dict[str, Any]:
    """Return the Status object that says what was wrong."""
    return failure(refused.code, message(refused), details(refused))


def failure(reason: str, said: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a Status object of a failure."""
    # Also without any facts: kubectl looks into the details of a refusal unasked, and would crash.
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": said,
        "reason": reason,
        "details": more or {},
        "code": CODES[reason],
    }


def message(refused: errors.Refused) -> str:
    """Return the sentence of the API server, which names the group of what is invalid."""
    if isinstance(refused, errors.Unprocessable):
        return UNPROCESSABLE
    if isinstance(refused, errors.WrongTypes):
        return refused.decoder
    if isinstance(refused, errors.Invalid) and refused.kind in KINDS and KINDS[refused.kind].group:
        return refused.sentence.replace(refused.kind, f"{refused.kind}.{KINDS[refused.kind].group}", 1)
    return refused.sentence


def details(refused: errors.Refused) -> dict[str, Any]:
    """Return what clients read instead of the sentence: name, group, kind and causes."""
    causes = [
        {"reason": one.kind, "message": one.message, "field": one.field}
        for one in getattr(refused, "causes", ())
    ]
    if isinstance(refused, errors.Invalid):
        group = KINDS[refused.kind].group if refused.kind in KINDS else ""
        return _filled(name=refused.name, group=group, kind=refused.kind, causes=causes)
    plural, _, group = getattr(refused, "resource", "").partition(".")
    return _filled(name=getattr(refused, "name", ""), group=group, kind=plural, causes=causes)


def _filled(**facts: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {name: fact for name, fact in facts.items() if fact}


def answer(body: Mapping[str, Any]) -> HttpResponse:
    """Return a Status object as an answer."""
    response = HttpResponse(orjson.dumps(body), content_type="application/json", status=body["code"])
    response["Cache-Control"] = "no-cache, private"
    return response
