"""The people: who may use the site, and as what."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from controller.engine.errors import BadRequest, Forbidden
from dashboard.forms import UserForm
from dashboard.http import Request, admins, moved, posted
from dashboard.models import Role, User
from dashboard.present import people


@require_http_methods(["GET", "POST"])
@admins
def users(request: Request) -> HttpResponse:
    """Show the people, and add one."""
    form = UserForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        User.objects.create_user(given["username"], password=given["password"], role=given["role"])
        said = _("Created %(name)s.") % {"name": given["username"]}
        return moved(request, said, to=reverse("users"))
    rows = [people.row(one, request.user) for one in User.objects.order_by("username")]
    return render(request, "dashboard/users.html", {"people": rows, "form": form})


@posted(up=2)
@admins
def role(request: Request, person: int) -> HttpResponse:
    """Change somebody's role."""
    one, asked = _other(request, person), request.POST.get("role", "")
    if asked not in Role.values:
        raise BadRequest(_("There is no such role."))
    one.role = asked
    one.save()
    said = _("%(name)s is %(role)s now.") % {"name": one.username, "role": one.get_role_display()}
    return moved(request, said, to=reverse("users"))


@posted(up=2)
@admins
def access(request: Request, person: int) -> HttpResponse:
    """Take somebody's access away, or give it back."""
    one = _other(request, person)
    one.is_active = request.POST.get("active") == "1"
    one.save()
    said = _("%(name)s may log in.") if one.is_active else _("%(name)s may no longer log in.")
    return moved(request, said % {"name": one.username}, to=reverse("users"))


@posted(up=2)
@admins
def password(request: Request, person: int) -> HttpResponse:
    """Give somebody a new password."""
    one, typed = get_object_or_404(User, pk=person), request.POST.get("password", "")
    try:
        validate_password(typed, one)
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    one.set_password(typed)
    one.save()
    return moved(request, _("Set a new password for %(name)s.") % {"name": one.username}, to=reverse("users"))


def _other(request: Request, person: int) -> User:
    """Return somebody else: who takes their own rights away could lock everybody out."""
    one = get_object_or_404(User, pk=person)
    if one == request.user:
        raise Forbidden(_("Your own role and access are for another admin to change."))
    return one
