"""Edits may be previewed before they are made, and are made exactly as they were previewed.

A preview goes the way of the edit: the same address, the same form, the same service. Only the last step is
another one: what would be committed is played out in memory. The panel that shows what comes of it holds all
that was sent, so that *Apply* sends it again; if somebody did something meanwhile that matters to it, what
was previewed is not what would happen, and the new preview is shown instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string

from controller.engine.errors import Refused
from controller.queries.audit import AuditLine
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.whatif import Preview, preview, since
from controller.services.edits import Held, holding, recording
from dashboard.forms import whole_number
from dashboard.http import ASKED, MADE, PREVIEWS, Given, Malformed, Request, View, faults_of, status_of
from dashboard.present.whatif import preview_shown

NUMBER, DIGEST = "previewed", "digest"
"""What *Apply* sends of the preview: the change after which it was made, and the pods that it told of."""

OWN = frozenset({ASKED, NUMBER, DIGEST, "csrfmiddlewaretoken"})
"""Fields that are no part of the edit."""


def previewed(view: View[Given]) -> View[Given]:
    """Let an edit be previewed, and taken back. Its view must do nothing but call one service."""

    def make(request: Request, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        with recording() as entries:
            setattr(request, MADE, entries)
            return view(request, *args, **kwargs)

    @wraps(view)
    def guarded(request: Request, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        number, digest = whole_number(request.POST.get(NUMBER, "")), request.POST.get(DIGEST, "")
        if ASKED not in request.POST and number is None:
            return make(request, *args, **kwargs)
        _press(request)
        facts = cluster_named(str(kwargs["cluster"]))
        done = since(facts.id, number) if number is not None else ()
        if ASKED not in request.POST and not done:
            return _closed(request, make(request, *args, **kwargs))
        try:
            with holding():
                return view(request, *args, **kwargs)
        except Held as held:
            shown = _answer(request, facts, held, done, digest)
            return shown or _closed(request, make(request, *args, **kwargs))
        except Malformed as malformed:
            return _faulty(request, facts, malformed.args, HTTPStatus.UNPROCESSABLE_ENTITY)

    setattr(guarded, PREVIEWS, True)
    return guarded


def _press(request: Request) -> None:
    """Let a button that asks for a preview send what the button beside it would have sent."""
    pressed = QueryDict(request.POST.get(ASKED, ""))
    if pressed:
        resend(request, {name: str(value) for name, value in pressed.items()})


def resend(request: Request, fields: Mapping[str, str]) -> None:
    """Let a form be read as if these fields had been sent, now and when it is applied."""
    sent: Any = request
    sent.POST = request.POST.copy()
    for name, value in fields.items():
        sent.POST[name] = value


def _answer(
    request: Request, facts: ClusterFacts, held: Held, done: tuple[AuditLine, ...], digest: str
) -> HttpResponse | None:
    """Show what would come of an edit; None if that is what was seen, so that it can be made."""
    try:
        found = preview(
            cluster=facts.id, request=held.request, actor=request.user.username, client=held.client
        )
    except Refused as refused:
        return _faulty(request, facts, (held.faults or faults_of)(refused), status_of(refused))
    if ASKED not in request.POST and found.digest == digest:
        return None
    return _panel(request, facts, found, done)


def _panel(
    request: Request, facts: ClusterFacts, found: Preview, done: tuple[AuditLine, ...]
) -> HttpResponse:
    shown = preview_shown(facts.name, found, done)
    context = {"preview": shown, "sent": sent_fields(request.POST), "applied_at": request.path}
    return _shown(request, facts, context, HTTPStatus.CONFLICT if done else HTTPStatus.OK)


def _faulty(request: Request, facts: ClusterFacts, faults: Iterable[str], status: HTTPStatus) -> HttpResponse:
    return _shown(request, facts, {"faults": list(faults)}, status)


def _shown(
    request: Request, facts: ClusterFacts, context: dict[str, object], status: HTTPStatus
) -> HttpResponse:
    context |= {"cluster": facts.name, "back": request.headers.get("Referer", "")}
    if request.htmx:
        return render(request, "dashboard/shared/preview_answer.html", context, status=status)
    return render(request, "dashboard/preview.html", context, status=status)


def _closed(request: Request, answer: HttpResponse) -> HttpResponse:
    """Close the panel in the page, if what was previewed was done."""
    if request.htmx and answer.status_code < HTTPStatus.BAD_REQUEST and "HX-Redirect" not in answer:
        answer.content += render_to_string("dashboard/shared/preview_closed.html").encode()
    return answer


def sent_fields(sent: QueryDict) -> list[tuple[str, str]]:
    """Return the fields of an edit as they were sent."""
    return [(name, value) for name, values in sent.lists() if name not in OWN for value in map(str, values)]
