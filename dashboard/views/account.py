"""One's own account: what one may do, the password, the tokens of one's programs."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from controller.engine.errors import NotFound
from controller.queries.clusters import cluster_id, cluster_names
from controller.queries.people import grants_of
from controller.queries.tokens import tokens_of
from controller.services.people import password_changed
from controller.services.tokens import token_create, token_revoke
from dashboard.http import Request, accepted, moved, posted, viewers
from dashboard.peopleforms import AccountTokenForm
from dashboard.present import people
from dashboard.present.tokens import token_lines


@require_safe
@viewers
def page(request: Request) -> HttpResponse:
    """Show one's own account."""
    return _page(request)


def _page(request: Request, **given: object) -> HttpResponse:
    user = request.user
    changed = PasswordChangeForm(user)
    changed.fields["old_password"].widget.attrs.pop("autofocus", None)  # the page has more than this form
    shown = {
        "row": people.row(user, user, grants_of([user.pk])[user.pk]),
        "tokens": token_lines(tokens_of(user=user.pk)),
        "password": changed,
        "token": AccountTokenForm(clusters=_seen(request)),
        "made": "",
        **given,
    }
    return render(request, "dashboard/account.html", shown)


@sensitive_post_parameters()
@posted()
@viewers
def password(request: Request) -> HttpResponse:
    """Change one's own password; other sessions than this one end."""
    form = PasswordChangeForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, password=form)
    form.save()
    update_session_auth_hash(request, form.user)
    password_changed(username=request.user.username)
    return moved(request, _("Your password is changed."), to=reverse("account"))


@posted()
@viewers
def tokens(request: Request) -> HttpResponse:
    """Make a token, and show its text this one time."""
    form = AccountTokenForm(request.POST, clusters=_seen(request))
    made: list[str] = []

    def act() -> None:
        given = form.cleaned_data
        text = token_create(
            user=request.user.pk,
            actor=request.user.username,
            cluster=cluster_id(given["cluster"]) if given["cluster"] else None,
            note=given["note"],
            days=given["days"],
            reads_only=given["reads_only"],
        )
        made.append(text)

    if not accepted(form, act):
        return _page(request, token=form)
    answer = _page(request, made=made[0])
    answer["Cache-Control"] = "no-store"
    return answer


@posted(up=3)
@viewers
def revoke(request: Request, token: int) -> HttpResponse:
    """Let one of one's own tokens open nothing any more."""
    token_revoke(user=request.user.pk, actor=request.user.username, token=token)
    return moved(request, _("The token opens nothing any more."), to=_back(request))


def _back(request: Request) -> str:
    """Return the page from which a token was revoked: that of a cluster, or the account."""
    cluster = request.POST.get("cluster", "")
    if not cluster:
        return reverse("account")
    if not request.user.rights.may("get", cluster):
        raise NotFound("clusters", cluster)
    return reverse("kubectl", args=[cluster])


def _seen(request: Request) -> list[str]:
    return [name for name in cluster_names() if request.user.rights.may("get", name)]
