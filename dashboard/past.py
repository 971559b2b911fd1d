"""The past by its address: ``/at/18402/clusters/demo/...`` is a page as it was right after that change.

The beginning of the address is Django's script prefix, so that every link of such a page stays in the past.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, set_script_prefix
from django.utils.translation import gettext as _

from controller.queries.clusters import ClusterFacts
from controller.queries.source import ClusterView, cluster_view, cluster_view_lent
from dashboard.http import Request, refusal
from dashboard.present.words import AS_OF

ADDRESS = re.compile(r"/at/([0-9]{1,15})(/clusters/[^/]+/.*)", re.DOTALL)
PAGES = frozenset(
    {
        "map",
        "table",
        "timeline",
        "node",
        "daemonset",
        "pod",
        "pods",
        "pairs",
        "events",
        "overhead",
        "reach",
        "objects",
        "object",
        "passes",
        "workload_rollout",
    }
)
"""The pages that can show the past: what they say comes out of a view, or of the log up to a number."""


class PastMiddleware:
    """Takes the moment out of the address, into ``request.at``: None is now. The past cannot be changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a page that is not a cluster's is the present one."""
        asked = cast("Request", request)
        asked.at = None
        if not request.path_info.startswith("/at/"):
            return self.get_response(request)
        found = ADDRESS.fullmatch(request.path_info)
        if found is None:
            rest = re.sub(r"^/at/[0-9]+(?=/)|^/at/.*", "", request.get_full_path())
            # Two slashes would lead to another server. Whoever logs out does so from here, too.
            return HttpResponseRedirect("/" + rest.lstrip("/"), preserve_request=True)
        asked.at, request.path_info = int(found[1]), found[2]
        before = get_script_prefix()
        set_script_prefix(f"/at/{found[1]}/")
        ages = AS_OF.set(None)
        try:
            return self._answered(asked)
        finally:
            AS_OF.reset(ages)
            set_script_prefix(before)

    def _answered(self, request: Request) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            sentence = _("The past cannot be changed. Go back to now, and try again there.")
            return refusal(request, [sentence], HTTPStatus.METHOD_NOT_ALLOWED)
        return self.get_response(request)


@contextmanager
def shown_view(request: Request, facts: ClusterFacts) -> Iterator[ClusterView]:
    """Lend the view that a page shows: of now, or of the moment in its address. Raises Gone, BadRequest.

    What the page tells of then is as old as it was then.
    """
    if request.at is None:
        with cluster_view(facts.id) as view:
            yield view
    else:
        with cluster_view_lent(facts.id, request.at) as view:
            AS_OF.set(view.moment.wall)
            yield view


def ages_of_then(request: Request, facts: ClusterFacts) -> None:
    """Let a page that reads no view tell ages as of its moment, too. Raises Gone, BadRequest."""
    if request.at is not None:
        with shown_view(request, facts):
            pass


def present_path(request: Request) -> str:
    """Return the address of the page as it is now."""
    return "/" + request.get_full_path().removeprefix(get_script_prefix())
