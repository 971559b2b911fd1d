"""What is answered to a form that bears no valid token: mostly one of a page from before another login."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.http import Request, refusal, to_login


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Lead those who are not logged in to the login; to the others say what to do. Nothing was changed."""
    del reason  # words for developers
    visit = cast("Request", request)
    if not request.user.is_authenticated and request.path != reverse("login"):
        return to_login(visit)
    message = _(
        "This page is older than your login, or your browser keeps no cookies. Load it again, then repeat."
    )
    return refusal(visit, [message], HTTPStatus.FORBIDDEN)
