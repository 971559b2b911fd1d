"""People: who may log in, and as what on which cluster. Every change is in the audit list.

``seen`` is what the form showed that asks for a change: if another admin changed just that since, the
change is refused with a Conflict. Nobody takes the last admin away, whatever two of them do at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from controller import models
from controller.engine.admission import field_errors
from controller.engine.errors import BadRequest, Conflict, Invalid, LastAdmin, NotFound, OwnRights
from controller.models import Role
from controller.services.audit import audit_note

GRANTED = (Role.VIEWER, Role.OPERATOR)
"""The roles that are granted; admins are made."""


def person_create(*, actor: str, username: str, password: str, is_admin: bool = False, role: str = "") -> int:
    """Make a person with a role on all clusters, or with none; return their id. Raises Invalid."""
    with transaction.atomic():
        person = _people().create_user(username, password=password, is_superuser=is_admin)
        if role and not is_admin:
            models.Grant.objects.create(user_id=person.pk, role=_granted(role))
        rights = Role.ADMIN if is_admin else role
        audit_note(actor=actor, action="person_create", about=username, role=rights)
    return int(person.pk)


def person_admin(*, actor: str, person: int, is_admin: bool) -> None:
    """Make somebody an admin, or an admin no longer. Raises NotFound, Forbidden."""
    with transaction.atomic():
        one = _other(actor, person, stays=is_admin)
        before, one.is_superuser = one.is_superuser, is_admin
        one.save()
        if before != is_admin:
            audit_note(
                actor=actor, action="person_admin" if is_admin else "person_no_admin", about=one.username
            )


def person_active(*, actor: str, person: int, is_active: bool) -> None:
    """Lock somebody out, which ends their sessions and stops their tokens, or let them in again.

    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        one = _other(actor, person, stays=is_active)
        before, one.is_active = one.is_active, is_active
        one.save()
        if not is_active:
            _end_sessions(person)
        if before != is_active:
            action = "person_let_in" if is_active else "person_lock_out"
            audit_note(actor=actor, action=action, about=one.username)


def person_password(*, actor: str, person: int, password: str, seen: str | None = None) -> None:
    """Give somebody a new password, which ends all of their sessions.

    ``seen`` is the ``password_version`` of the one that they had. Raises NotFound, Conflict, BadRequest.
    """
    with transaction.atomic():
        one = _person(person)
        if seen not in {None, password_version(one.password)}:
            raise Conflict("users", one.username)
        try:
            validate_password(password, one)
        except ValidationError as error:
            raise BadRequest(" ".join(error.messages)) from error
        one.set_password(password)
        one.save()
        audit_note(actor=actor, action="person_password", about=one.username)


def password_version(hashed: str) -> str:
    """Return what tells a stored password from another one, and nothing else of it."""
    return salted_hmac("everynode.password", hashed).hexdigest()[:16]


def person_delete(*, actor: str, person: int) -> None:
    """Delete somebody with their grants, tokens and sessions. What they did keeps their name.

    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        one = _other(actor, person, stays=False)
        _end_sessions(person)
        tokens = models.Token.objects.filter(user=person, revoked=None).count()
        one.delete()
        audit_note(actor=actor, action="person_delete", about=one.username, tokens=tokens)


def grant_set(*, actor: str, person: int, cluster: int | None, role: str, seen: str | None = None) -> None:
    """Give somebody a role on a cluster, or without one on all clusters; with no role take it away.

    ``seen`` is the role they had there, "" for none. Raises NotFound, Conflict, Invalid.
    """
    if role:
        _granted(role)
    with transaction.atomic():
        one = _person(person)  # locked, so that two cannot grant at once
        row = models.Cluster.objects.filter(pk=cluster).first() if cluster is not None else None
        if cluster is not None and row is None:
            raise NotFound("clusters", str(cluster))
        held = models.Grant.objects.filter(user=person, cluster=row).first()
        before = held.role if held else ""
        if before == role:
            return
        if seen not in {None, before}:
            raise Conflict("users", one.username)
        if held:
            held.delete()
        if role:
            models.Grant.objects.create(user_id=person, cluster=row, role=role)
        facts: dict[str, Any] = {"before": before, "after": role}
        action = "grant_single" if row else "grant_everything"
        audit_note(actor=actor, action=action, about=one.username, cluster=row, **facts)


def login_failed(*, username: str, address: str) -> None:
    """Note that somebody gave a wrong password. Names that nobody has are not kept: they may be passwords."""
    if _people().filter(username=username).exists():
        audit_note(actor=username, action="login_failed", about=username, address=address)


def login_locked(*, username: str, address: str) -> None:
    """Note that nobody may log in under a name from an address for a while: once a minute is enough."""
    lately = timezone.now() - timedelta(minutes=1)
    noted = models.AuditEntry.objects.filter(action="login_locked", about=username, at__gt=lately)
    if _people().filter(username=username).exists() and not noted.exists():
        audit_note(actor=username, action="login_locked", about=username, address=address)


def password_changed(*, username: str) -> None:
    """Note that somebody changed their own password."""
    audit_note(actor=username, action="person_own_password", about=username)


def _people() -> Any:  # noqa: ANN401 - the manager of a model that is known to the site only
    return get_user_model()._default_manager  # noqa: SLF001 - Django's documented name


def _person(person: int) -> Any:  # noqa: ANN401 - as above
    one = _people().select_for_update().filter(pk=person).first()
    if one is None:
        raise NotFound("users", str(person))
    return one


def _other(actor: str, person: int, *, stays: bool) -> Any:  # noqa: ANN401 - as above
    """Return somebody else, who ``stays`` an admin who may log in if they are one now.

    Who takes their own rights away could lock everybody out, and so could two who do so to each other:
    all admins are locked, in one order, before they are counted.
    """
    admins = list(_people().select_for_update().filter(is_superuser=True, is_active=True).order_by("pk"))
    one = _person(person)
    if one.username == actor:
        raise OwnRights
    if not stays and [admin.pk for admin in admins] == [person]:
        raise LastAdmin
    return one


def _granted(role: str) -> str:
    if role not in GRANTED:
        raise Invalid("Grant", "", [field_errors.unsupported("role", role, GRANTED)])
    return role


def _end_sessions(person: int) -> None:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person):
            session.delete()
