"""Saved views: what somebody keeps of a map's address, for themselves or for all who see the cluster.

They are the site's own, so they are written here and not by a service; what others see of it is in the audit
list all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from controller.engine.errors import BadRequest
from controller.queries.access import Rights
from controller.services.audit import audit_note
from dashboard.models import DefaultView, SavedView, User

MOST = 100
"""The most views that somebody keeps of one cluster."""

KEPT = ("view", "set", "group", "filter", "only", "zoom", "node", "wall")
"""What the address of a map says; anything else in it is no part of a view."""


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view as somebody sees it: theirs, or one that all share. ``query`` is that of the map."""

    id: int
    name: str
    query: str
    shared: bool
    is_default: bool
    may_change: bool


def views_of(user: User, cluster: int) -> list[ViewLine]:
    """Return the views of a cluster that somebody sees: their own, then the shared ones, each by name."""
    chosen = _default(user, cluster)
    rows = _seen(user, cluster)
    operates = _operates(user.rights, cluster)
    lines = (
        ViewLine(
            id=row.pk,
            name=row.name,
            query=row.query,
            shared=row.owner is None,
            is_default=row.pk == chosen,
            may_change=operates or row.owner is not None,
        )
        for row in rows
    )
    return sorted(lines, key=lambda line: (line.shared, line.name.casefold(), line.id))


def default_query(user: User, cluster: int) -> str:
    """Return the query of the view that the map opens with for somebody, "" if they chose none."""
    row = DefaultView.objects.filter(user=user, cluster=cluster).select_related("view").first()
    return row.view.query if row else ""


def kept_query(text: str) -> str:
    """Return the query of a map's address without what is no part of a view."""
    given, kept = QueryDict(text), QueryDict(mutable=True)
    for key in KEPT:
        if key in given:
            kept[key] = given[key]
    return kept.urlencode(safe="/:,")


def view_save(user: User, cluster: int, *, name: str, query: str, shared: bool, replace: bool) -> None:
    """Keep a view under a name, or let it ``replace`` the one of that name.

    Raises BadRequest, PermissionDenied.
    """
    owner = _owner(user, cluster, shared=shared)
    with _name_free(name):
        held = SavedView.objects.filter(cluster=cluster, owner=owner)
        row = held.filter(name=name).first() if replace else None
        if row is None and held.count() >= MOST:
            raise BadRequest(_("There are %(n)s views already: delete one first.") % {"n": MOST})
        row = row or SavedView(cluster_id=cluster, owner=owner, name=name)
        row.query = query
        row.save()
        _note(user, row, "view_save")


def view_rename(user: User, cluster: int, view: int, *, name: str) -> None:
    """Give a view another name. Raises BadRequest, PermissionDenied."""
    with _name_free(name):
        row = _changeable(user, cluster, view)
        before, row.name = row.name, name
        row.save()
        if before != name:
            _note(user, row, "view_rename", before=before)


def view_share(user: User, cluster: int, view: int) -> None:
    """Give one's own view to all who see the cluster. Raises BadRequest, PermissionDenied."""
    row = _changeable(user, cluster, view)
    with _name_free(row.name):
        row.owner = _owner(user, cluster, shared=True)
        row.save()
        _note(user, row, "view_save")


def view_delete(user: User, cluster: int, view: int) -> None:
    """Delete a view; for whom it was the default, the map opens as it comes.

    Raises BadRequest, PermissionDenied.
    """
    with transaction.atomic():
        row = _changeable(user, cluster, view)
        _note(user, row, "view_delete")
        row.delete()


def view_default(user: User, cluster: int, view: int | None) -> None:
    """Let the map of a cluster open with a view for somebody, or with None as it comes. Raises BadRequest."""
    if view is None:
        DefaultView.objects.filter(user=user, cluster=cluster).delete()
        return
    chosen = {"view": _found(user, cluster, view)}
    DefaultView.objects.update_or_create(user=user, cluster_id=cluster, defaults=chosen)


def _operates(rights: Rights, cluster: int) -> bool:
    return rights.may("update", cluster)


def _owner(user: User, cluster: int, *, shared: bool) -> User | None:
    """Return whose a new view is. Who may change the cluster may share a view of it."""
    if shared and not _operates(user.rights, cluster):
        raise PermissionDenied
    return None if shared else user


def _default(user: User, cluster: int) -> int | None:
    return DefaultView.objects.filter(user=user, cluster=cluster).values_list("view", flat=True).first()


def _seen(user: User, cluster: int) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=user) | Q(owner=None), cluster=cluster)


def _found(user: User, cluster: int, view: int) -> SavedView:
    """Return a view that somebody sees. Raises BadRequest."""
    row = _seen(user, cluster).select_related("cluster").filter(pk=view).first()
    if row is None:
        raise BadRequest(_("This view is gone: somebody deleted it."))
    return row


def _changeable(user: User, cluster: int, view: int) -> SavedView:
    """Return a view that somebody may change: their own, or a shared one of a cluster they operate."""
    row = _found(user, cluster, view)
    if row.owner is None and not _operates(user.rights, cluster):
        raise PermissionDenied
    return row


def _note(user: User, row: SavedView, action: str, **facts: object) -> None:
    """Tell in the audit list what others see; what somebody keeps for themselves is nobody's business."""
    if row.owner is None:
        audit_note(actor=user.username, action=action, about=row.name, cluster=row.cluster, **facts)


@contextmanager
def _name_free(name: str) -> Iterator[None]:
    """Write in one transaction. Raises BadRequest if the name of a view is taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        message = _("There is a view %(name)s already: choose another name, or let it replace that one.")
        raise BadRequest(message % {"name": name}) from error
