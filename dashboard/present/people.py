"""The people as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.queries.people import GrantLine
from dashboard.models import User
from dashboard.present.words import age, joined


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role on a cluster. ``where`` is in words, ``cluster`` the name, or "" for all.

    ``take`` names the button that takes it away for those who hear the page.
    """

    cluster: str
    where: str
    role: str
    take: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person. ``self`` is whether it is who looks; ``turn`` is what the button makes of the access."""

    name: str
    self: bool
    admin: bool
    rights: str
    grants: list[GrantRow]
    last_login: str
    tone: str
    access: str
    turn: str
    turn_label: str
    url: str
    urls: dict[str, str]
    """Where each form of the person's page goes."""


def row(one: User, looking: User, grants: Iterable[GrantLine]) -> PersonRow:
    """Return a person as a row."""
    rows = grant_rows(grants)
    forms = ("grant", "admin", "access", "password", "delete")
    return PersonRow(
        name=one.username,
        self=one == looking,
        admin=one.is_superuser,
        rights=_("admin") if one.is_superuser else rights(rows),
        grants=rows,
        last_login=_("%(age)s ago") % {"age": age(one.last_login)} if one.last_login else _("never"),
        tone="good" if one.is_active else "bad",
        access=_("active") if one.is_active else _("disabled"),
        turn="" if one.is_active else "1",
        turn_label=_("Disable") if one.is_active else _("Enable"),
        url=reverse("user", args=[one.pk]),
        urls={form: reverse(f"user_{form}", args=[one.pk]) for form in forms},
    )


def grant_rows(grants: Iterable[GrantLine]) -> list[GrantRow]:
    """Return what somebody is granted as rows."""
    rows = []
    for one in grants:
        where, role = one.cluster or _("all clusters"), str(one.role.label)
        take = _("Take %(role)s of %(where)s away") % {"role": role, "where": where}
        rows.append(GrantRow(one.cluster, where, role, take))
    return rows


def rights(rows: Iterable[GrantRow]) -> str:
    """Return what somebody is granted in one line."""
    message = [_("%(role)s of %(where)s") % {"role": one.role, "where": one.where} for one in rows]
    return joined(message) or _("nothing yet")
