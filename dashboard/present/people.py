"""The people as rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.models import Role, User
from dashboard.present.words import Option, age, options


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person. ``self`` is whether it is who looks; ``turn`` is what the button makes of the access."""

    name: str
    self: bool
    roles: list[Option]
    last_login: str
    tone: str
    access: str
    turn: str
    turn_label: str
    role_url: str
    access_url: str
    password_url: str


def row(one: User, looking: User) -> PersonRow:
    """Return a person as a row."""
    return PersonRow(
        name=one.username,
        self=one == looking,
        roles=options(Role.choices, one.role),
        last_login=_("%(age)s ago") % {"age": age(one.last_login)} if one.last_login else _("never"),
        tone="good" if one.is_active else "bad",
        access=_("may log in") if one.is_active else _("locked out"),
        turn="" if one.is_active else "1",
        turn_label=_("Lock out") if one.is_active else _("Let in"),
        role_url=reverse("user_role", args=[one.pk]),
        access_url=reverse("user_access", args=[one.pk]),
        password_url=reverse("user_password", args=[one.pk]),
    )
