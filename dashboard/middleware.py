"""What holds for every answer: the content security policy, and what a page says when things go wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import cast

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from controller.engine.errors import Refused
from dashboard.http import Request, faults_of, refusal, status_of

NULL = "\0"
log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)


class SiteMiddleware:
    """Adds the policy to every answer and turns what views raise into sentences."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the policy: nothing from elsewhere, nothing inline.

        A page and its live parts share an address: a browser that goes back must not take one for the other,
        nor a page for the same one in another language.
        """
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Refuse the null character before anybody looks for a cluster or a node by it: no database can."""
        request = cast("Request", request)
        if NULL in request.path_info or any(NULL in text for text in _texts(request.GET)):
            return refusal(request, [_("The address holds the null character.")], HTTPStatus.BAD_REQUEST)
        if request.method == "POST" and any(NULL in text for text in _texts(request.POST)):
            sentence = _("What was sent holds the null character, which can be stored nowhere: leave it out.")
            return refusal(request, [sentence], HTTPStatus.BAD_REQUEST)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what a known failure is; log an unknown one under an id that the person sees."""
        request = cast("Request", request)
        match error:
            case Refused():
                return refusal(request, faults_of(error), status_of(error))
            case PermissionDenied() if request.htmx:
                return refusal(request, [_("Your role does not allow this.")], HTTPStatus.FORBIDDEN)
            case PermissionDenied() | Http404() | SuspiciousOperation():
                return None
            case OperationalError() | InterfaceError():
                log.warning("The database did not answer: %s", error)
                sentence = _("The database did not answer in time. Nothing was changed; please try again.")
                return refusal(request, [sentence], HTTPStatus.SERVICE_UNAVAILABLE)
        return self._unforeseen(request, error)

    def _unforeseen(self, request: Request, error: Exception) -> HttpResponse:
        mark = secrets.token_hex(4)
        log.error("Unforeseen failure %s at %s", mark, request.path, exc_info=error)
        sentence = _("Something failed that should not. It is in the log under %(mark)s.") % {"mark": mark}
        return refusal(request, [sentence], HTTPStatus.INTERNAL_SERVER_ERROR)


def _texts(query: QueryDict) -> Iterator[str]:
    for name, values in query.lists():
        yield name
        yield from values
