"""The people: who may use the site, and as what on which cluster."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controller.engine.errors import Conflict
from controller.queries.clusters import cluster_id, cluster_names
from controller.queries.people import grants_of
from controller.services import people as services
from dashboard.http import Request, accepted, admins, moved, posted, render_page
from dashboard.models import User
from dashboard.peopleforms import GrantForm, PersonDeletionForm, UserForm
from dashboard.present import people


@require_http_methods(["GET", "POST"])
@admins
def users(request: Request) -> HttpResponse:
    """Show the people, and add one."""
    form = UserForm(request.POST if request.method == "POST" else None)
    if form.is_bound and accepted(form, lambda: _create(request.user.username, form)):
        message = _("Created %(name)s.") % {"name": form.cleaned_data["username"]}
        return moved(request, message, to=reverse("users"))
    everybody = User.objects.order_by("username")
    grants = grants_of([one.pk for one in everybody])
    rows = [people.row(one, request.user, grants[one.pk]) for one in everybody]
    return render_page(request, "dashboard/users.html", {"people": rows, "form": form})


def _create(actor: str, form: UserForm) -> None:
    given = form.cleaned_data
    role, is_admin = given["role"], given["role"] == "admin"
    services.person_create(
        actor=actor,
        username=given["username"],
        password=given["password"],
        is_admin=is_admin,
        role="" if is_admin else role,
    )


@require_safe
@admins
def user(request: Request, person: int) -> HttpResponse:
    """Show one person."""
    return _page(request, _person(person))


def _page(request: Request, one: User, **forms: object) -> HttpResponse:
    grants = grants_of([one.pk])[one.pk]
    shown = {
        "person": people.row(one, request.user, grants),
        "grant": GrantForm(clusters=cluster_names(), grants=grants),
        "password_version": services.password_version(one.password),
        "deletion": PersonDeletionForm(name=one.username, prefix="deletion"),
        **forms,
    }
    return render_page(request, "dashboard/user.html", shown)


@posted()
@admins
def grant(request: Request, person: int) -> HttpResponse:
    """Give somebody a role on a cluster or on all, or take it away."""
    one = _person(person)
    form = GrantForm(request.POST, clusters=cluster_names(), grants=grants_of([person])[person])

    def act() -> None:
        name = form.cleaned_data["cluster"]
        services.grant_set(
            actor=request.user.username,
            person=person,
            cluster=cluster_id(name) if name else None,
            role=form.cleaned_data["role"],
            seen=form.seen_role(),
        )

    try:
        if not accepted(form, act):
            return _page(request, one, grant=form)
    except Conflict:
        form.show_both()
        return _page(request, one, grant=form)
    return moved(request, _("Changed what %(name)s may do.") % {"name": one.username}, to=_url(person))


@posted()
@admins
def admin(request: Request, person: int) -> HttpResponse:
    """Make somebody an admin, or an admin no longer."""
    one, wanted = _person(person), request.POST.get("admin") == "1"
    services.person_admin(actor=request.user.username, person=person, is_admin=wanted)
    message = _("%(name)s is an admin now.") if wanted else _("%(name)s is no admin any more.")
    return moved(request, message % {"name": one.username}, to=_url(person))


@posted()
@admins
def access(request: Request, person: int) -> HttpResponse:
    """Take somebody's access away, or give it back."""
    one, wanted = _person(person), request.POST.get("active") == "1"
    services.person_active(actor=request.user.username, person=person, is_active=wanted)
    message = _("%(name)s is enabled.") if wanted else _("%(name)s is disabled.")
    return moved(request, message % {"name": one.username}, to=_url(person))


@posted()
@admins
def password(request: Request, person: int) -> HttpResponse:
    """Give somebody a new password."""
    one = _person(person)
    services.person_password(
        actor=request.user.username,
        person=person,
        password=request.POST.get("password", ""),
        seen=request.POST.get("seen"),
    )
    return moved(request, _("Set a new password for %(name)s.") % {"name": one.username}, to=_url(person))


@posted()
@admins
def delete(request: Request, person: int) -> HttpResponse:
    """Delete somebody whose name was typed."""
    one = _person(person)
    form = PersonDeletionForm(request.POST, name=one.username, prefix="deletion")
    if form.is_valid():
        services.person_delete(actor=request.user.username, person=person)
        return moved(request, _("Deleted %(name)s.") % {"name": one.username}, to=reverse("users"))
    return _page(request, one, deletion=form)


def _person(person: int) -> User:
    return get_object_or_404(User, pk=person)


def _url(person: int) -> str:
    return reverse("user", args=[person])
