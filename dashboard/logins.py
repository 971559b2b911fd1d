"""Logins that fail: they are slowed down by django-axes, and stand in the audit list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from controller.services.people import login_failed, login_locked
from dashboard.http import Request, refusal


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from, as the server tells it, which believes the proxies it is told to."""
    return str(request.META.get("REMOTE_ADDR", ""))


def locked_out(request: HttpRequest, *_facts: object) -> HttpResponse:
    """Say that there were too many wrong passwords, and nothing of whether the name exists."""
    sentence = _("Too many wrong passwords. Wait some minutes, then try again.")
    return refusal(cast("Request", request), [sentence], HTTPStatus.TOO_MANY_REQUESTS)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_facts: object) -> None:
    """Keep that somebody gave a wrong password; what they try while they are locked out is not looked at."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        login_failed(username=str(credentials.get("username", "")), address=address_of(request))


@receiver(user_locked_out)
def note_lock(username: str, ip_address: str, **_facts: object) -> None:
    """Keep that a name is locked for an address."""
    login_locked(username=username or "", address=ip_address or "")
