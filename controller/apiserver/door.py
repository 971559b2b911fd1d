"""The one view behind every path of a cluster's API: who asks, for what, and who answers.

It is kept clear of sessions, forms and pages. What waits runs in the event loop; what uses the
database runs in a thread, all of it in one go, because each way there and back costs.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from controller.apiserver import access, callers, discovery, paths, status, unstored
from controller.apiserver.call import Asked, Call, Handler, warning_header
from controller.apiserver.handlers import HANDLERS
from controller.engine.authorization.policy import Wish
from controller.engine.errors import BadRequest, Busy, MethodNotAllowed, OwnServer, Refused
from controller.metrics import count_request
from controller.modes import Capability, Mode
from controller.queries.access import Access

ACCESS = "everynode.access"
"""Where in a request's META stands what its caller was let in to do."""
OUTDATED = "everynode.outdated"
"""Where in a request's META stands what its caller is told of a kind that is on its way out."""
DEPRECATED = {
    ("", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}
"""By group and kind."""

log = logging.getLogger(__name__)


async def door(request: HttpRequest, *, threads: ThreadPoolExecutor | None = None) -> HttpResponseBase:
    """Answer one request of a client. Whatever is refused or fails is told as a Status.

    The database is asked in one of ``threads``, which keep their connections, or where Django wants it.
    """
    answer = await _answer(request, threads)
    access: Access | None = request.META.get(ACCESS)
    verb, resource = (access.verb, access.resource) if access else ("", "")
    count_request(verb, resource, answer.status_code)
    if OUTDATED in request.META:
        told = (warning_header([request.META[OUTDATED]]), answer.get("Warning"))
        answer["Warning"] = ", ".join(filter(None, told))
    return answer


async def _answer(request: HttpRequest, threads: ThreadPoolExecutor | None) -> HttpResponseBase:
    try:
        begin = sync_to_async(_begun, thread_sensitive=threads is None, executor=threads)
        answer = await begin(request, keep=threads is not None)
        return answer if isinstance(answer, HttpResponseBase) else await answer
    except Refused as refused:
        return _refusal(refused)
    except SuspiciousOperation as error:
        return _refusal(BadRequest(str(error)))
    except (OperationalError, InterfaceError) as error:
        log.warning("The database did not answer: %s", error)
        return _refusal(Busy())
    except Exception as error:  # noqa: BLE001 - a client gets a sentence, the log the rest
        return _unforeseen(request, error)


def _begun(request: HttpRequest, *, keep: bool) -> HttpResponseBase | Awaitable[HttpResponseBase]:
    """Return the answer, or what is to be awaited for it. ``keep`` a connection that is sound."""
    try:
        return _answered(request)
    finally:
        if keep:
            connection.close_at = None
        if not connection.in_atomic_block:  # as it is where a caller's transaction is around the request
            close_old_connections()


def _answered(request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
    asked = callers.enter(request)
    if Capability.APISERVER not in Mode(asked.cluster.mode).capabilities:
        raise OwnServer(asked.cluster.name)
    api = paths.api_of(asked.path)
    if api is None or not api[2]:
        access.check_wish(asked, Wish("get", path="/" + "/".join(asked.path)))
        return discovery.page(asked)
    if (found := unstored.found(*api)) is not None:
        return found.answer(asked)
    call = call_of(asked, paths.target_of(*api))
    if sentence := DEPRECATED.get((call.group, call.kind.name)):
        request.META[OUTDATED] = sentence
    access.check(call)
    request.META[ACCESS] = call.access
    return handler_of(call)(call)


def call_of(asked: Asked, target: paths.Target) -> Call:
    """Return the call for a target. Raises MethodNotAllowed."""
    return Call(
        asked.request,
        asked.cluster,
        asked.caller,
        asked.path,
        kind=target.kind,
        verb=paths.verb_of(asked.request, target),
        group=target.group,
        version=target.version,
        namespace=target.namespace,
        name=target.name,
        subresource=target.subresource,
    )


def handler_of(call: Call) -> Handler:
    """Return who answers a call. Raises MethodNotAllowed if nobody does."""
    handler = HANDLERS.get((call.verb, call.subresource))
    if handler is None:
        raise MethodNotAllowed
    return handler


def _refusal(refused: Refused) -> HttpResponseBase:
    return _told(status.status(refused))


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponseBase:
    mark = secrets.token_hex(4)
    log.error("Unforeseen failure %s of a client's %s", mark, request.method, exc_info=error)
    said = f"Internal error occurred: it is in the log under {mark}"
    return _told(status.failure("InternalError", said))


def _told(body: Mapping[str, Any]) -> HttpResponseBase:
    """Answer with a Status. Django's log of refused requests would name the path, which may hold a token."""
    response = status.answer(body)
    response._has_been_logged = True  # type: ignore[attr-defined] # noqa: SLF001 - Django's own mark for this
    return response
