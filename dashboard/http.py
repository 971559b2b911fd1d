"""How pages answer: whole for a visit, in live parts for htmx, and refusals in one way for all.

A page and its parts share address, view and template. A page's ``#live`` partial holds its parts
as ``<hx-partial>`` elements, so one answer refreshes all of them; a form that htmx sends is
answered with a toast, and the page's refresh does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from controller.engine import errors
from controller.services.edits import Held, is_holding
from controller.services.undo import is_undoable
from controller.upstream import errors as upstream
from dashboard.models import User
from dashboard.present import refusals
from dashboard.present.faults import refusal_rows
from dashboard.textforms import TextForm

Given = ParamSpec("Given")

STATUS: dict[type[errors.Refused], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.AlreadyExists: HTTPStatus.CONFLICT,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.NoReadyNode: HTTPStatus.CONFLICT,
    errors.NotPaused: HTTPStatus.CONFLICT,
    errors.NothingToCure: HTTPStatus.CONFLICT,
    errors.NotRestorable: HTTPStatus.CONFLICT,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.Gone: HTTPStatus.GONE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    upstream.PartlySent: HTTPStatus.CONFLICT,
    upstream.Clash: HTTPStatus.CONFLICT,
    upstream.NotAllowed: HTTPStatus.FORBIDDEN,
    upstream.NotThere: HTTPStatus.NOT_FOUND,
    upstream.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    upstream.Unacceptable: HTTPStatus.UNPROCESSABLE_ENTITY,
    upstream.Upstream: HTTPStatus.BAD_GATEWAY,
}
"""A refusal that is not named is a bad request."""


ASKED = "preview"
"""What a button sends that asks for a preview."""

PREVIEWS = "previews"
"""The attribute of a view that knows how to: no other does what somebody only asks about."""


MADE = "made"
"""The attribute of a request that holds the audit entries of what it did so far."""


class Malformed(Exception):
    """What was to be previewed is not well formed: one argument a fault."""


class Request(HttpRequest):
    """A request of somebody who is logged in, as the views see it."""

    htmx: HtmxDetails
    user: User
    at: int | None
    """The change after which a cluster is shown; None is now."""


View = Callable[Concatenate[Request, Given], HttpResponse]


def _only(may: Callable[[User, str], bool], view: View[Given]) -> View[Given]:
    """Let in who may; ``may`` is asked with the person and the cluster of the address, "" if it names none.

    Who may not even look at a cluster is told what is told of one that is not there.
    """

    @wraps(view)
    def guarded(request: Request, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not cast("User | AnonymousUser", request.user).is_authenticated:
            return to_login(request)
        cluster = str(kwargs.get("cluster", ""))
        if cluster and not request.user.rights.may("get", cluster):
            raise errors.NotFound("clusters", cluster)
        if not may(request.user, cluster):
            raise PermissionDenied
        if ASKED in request.POST and not hasattr(view, PREVIEWS):
            raise errors.NotPreviewed
        return view(request, *args, **kwargs)

    return guarded


def viewers(view: View[Given]) -> View[Given]:
    """Let in whoever may look at the cluster; where there is none, whoever is logged in."""
    return _only(lambda _user, _cluster: True, view)


def operators(view: View[Given]) -> View[Given]:
    """Let in those who may change the cluster."""
    return _only(lambda user, cluster: user.rights.may("update", cluster), view)


def creators(view: View[Given]) -> View[Given]:
    """Let in those who may make clusters."""
    return _only(lambda user, _cluster: user.rights.may_create, view)


def admins(view: View[Given]) -> View[Given]:
    """Let in those who may change people."""
    return _only(lambda user, _cluster: user.rights.is_admin, view)


def posted(*, up: int = 1) -> Callable[[View[Given]], View[Given]]:
    """Take forms only. A visit (a reload, a login) is led to the form's page, ``up`` levels above."""

    def guard(view: View[Given]) -> View[Given]:
        @wraps(view)
        def guarded(request: Request, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseRedirect("../" * up)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def to_login(request: Request) -> HttpResponse:
    """Lead somebody who is not logged in to the login, and back from there."""
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    back = request.htmx.current_url_abs_path or "/"
    return HttpResponse(headers={"HX-Redirect": redirect_to_login(back)["Location"]})


def render_page(
    request: Request, template: str, context: Mapping[str, Any], *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """Render the page, or for htmx its ``#live`` partial."""
    part = f"{template}#live" if request.htmx else template
    return render(request, part, dict(context), status=status)


def done(request: Request, sentence: str, *, back: str) -> HttpResponse:
    """Answer a form that was carried out: htmx gets a toast and a nudge, others go ``back``."""
    messages.success(request, _told(request, sentence), extra_tags=_undo_url(request))
    if not request.htmx:
        return HttpResponseRedirect(back)
    answer = _rendered(request, [], HTTPStatus.OK)
    answer["HX-Trigger"] = "everynode:changed"
    return answer


def moved(request: Request, sentence: str, *, to: str) -> HttpResponse:
    """Answer a form after which another page is to be seen."""
    messages.success(request, _told(request, sentence), extra_tags=_undo_url(request))
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": to})
    return HttpResponseRedirect(to)


def _told(request: Request, sentence: str) -> str:
    """Return what was done; of a real cluster whose mirror has not told of it yet, that it was only sent."""
    if not any("unseen" in one.facts for one in getattr(request, MADE, ())):
        return sentence
    return _("%(done)s It was sent to the API server and is not seen here yet.") % {"done": sentence}


def _undo_url(request: Request) -> str:
    """Return where what was just done is taken back, "" if it cannot be: the toast has a button for it."""
    entries = [one for one in getattr(request, MADE, ()) if is_undoable(one.action, one.number)]
    return reverse("undo", args=[entries[-1].cluster_name, entries[-1].pk]) if entries else ""


def status_of(refused: errors.Refused) -> HTTPStatus:
    """Return the HTTP status that a refusal is answered with."""
    known = (STATUS[one] for one in type(refused).__mro__ if one in STATUS)
    return next(known, HTTPStatus.BAD_REQUEST)


def faults_of(refused: errors.Refused) -> list[str]:
    """Return what is wrong, one sentence a fault."""
    if isinstance(refused, errors.Invalid):
        return [str(cause) for cause in refused.causes]
    return [refusals.sentence(refused)]


def faults_in(form: TextForm) -> Callable[[errors.Refused], list[str]]:
    """Return what says what is wrong with the ``text`` of a form, YAML, and leaves the places to the form."""

    def faults(refused: errors.Refused) -> list[str]:
        form.marked = refusal_rows(form.cleaned_data["text"], refused)
        return [str(row) for row in form.marked]

    return faults


def refusal(request: Request, faults: list[str], status: HTTPStatus) -> HttpResponse:
    """Say why a request was refused.

    A form with an id bears a place for faults; one without is a button or two, so its faults come
    as a toast; what the page asked by itself is a banner. Where there is no script there is a page.
    """
    if not request.htmx:
        shown = {"faults": faults, "status": status, "back": request.headers.get("Referer", "/")}
        return render(request, "dashboard/refused.html", shown, status=status)
    if request.method == "GET":
        message = render_to_string("dashboard/shared/stale.html", {"faults": faults})
        return HttpResponse(message, status=status)
    if "#" in (request.htmx.source or ""):
        return _rendered(request, faults, status)
    messages.error(request, "\n".join(faults))
    return _rendered(request, [], status)


def _rendered(request: Request, faults: list[str], status: HTTPStatus) -> HttpResponse:
    message = render_to_string("dashboard/shared/faults.html", {"faults": faults})
    message += render_to_string("dashboard/shared/toasts.html", {"partial": True}, request)
    return HttpResponse(message, status=status)


def accepted(
    form: Form,
    act: Callable[[], object],
    *,
    faults: Callable[[errors.Refused], list[str]] = faults_of,
) -> bool:
    """Carry out what a form asks for, if it is well formed. A refusal becomes the form's.

    ``faults`` says what is wrong. Raises Conflict if another version stands: its view shows both; of a
    preview Malformed.
    """
    if form.is_valid():
        try:
            act()
        except Held as held:
            held.faults = faults
            raise
        except errors.Refused as refused:
            if isinstance(refused, errors.Conflict):
                raise
            for fault in faults(refused):
                form.add_error(None, fault)
    if form.errors and is_holding():
        raise Malformed(*_faults_in(form))
    return not form.errors


def _faults_in(form: Form) -> list[str]:
    """Return what is wrong with a form, with the names of its fields if it has several."""
    bare = len(form.visible_fields()) == 1
    return [
        str(fault) if bare or name == NON_FIELD_ERRORS else f"{form.fields[name].label or name}: {fault}"
        for name, faults in form.errors.items()
        for fault in faults
    ]


def version_of(conflict: errors.Conflict) -> str:
    """Return the resourceVersion of what stands in the way of a stale form."""
    meta = (conflict.standing or {}).get("metadata")
    return str(meta["resourceVersion"]) if isinstance(meta, dict) else ""
