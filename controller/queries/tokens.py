"""Whom a token lets in, and the tokens that somebody has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from controller import models
from controller.store import rows


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it: never its text. Without a ``cluster`` it is for all of the owner's.

    ``reads_only`` says that it may do no more than a viewer, whatever its owner may.
    """

    id: int
    cluster: str
    note: str
    reads_only: bool
    created: datetime
    used: datetime | None
    expires: datetime


def token_known(*, text: str) -> models.Token | None:
    """Return the token that opens something to its user, with the row of that user.

    Every request of a client asks, so it is asked in plain SQL.
    """
    person = get_user_model()
    with connection.cursor() as cursor:
        cursor.execute(_by_hash(), [models.fingerprint(text)])
        row = cursor.fetchone()
    if row is None:
        return None
    own = len(models.Token._meta.concrete_fields)  # noqa: SLF001 - Django's own door to a model's facts
    token = rows.instance(models.Token, row[:own])
    token.user = rows.instance(person, row[own:])
    return token if token.opens else None


@cache
def _by_hash() -> str:
    person = get_user_model()
    tokens, people = models.Token._meta.db_table, person._meta.db_table  # noqa: SLF001 - as above
    return (
        f"SELECT {rows.columns(models.Token, 't')}, {rows.columns(person, 'p')}"  # noqa: S608 - names of ours
        f" FROM {tokens} t JOIN {people} p ON p.id = t.user_id WHERE t.hash = %s"
    )


def opening() -> Q:
    """Return what holds for tokens that open anything, as ``Token.opens`` says."""
    return Q(revoked=None, expires__gt=timezone.now(), user__is_active=True)


def tokens_that_open(ids: Iterable[int]) -> dict[int, str]:
    """Return those of the tokens that open anything, and the role to which each is limited ("" if none)."""
    held = models.Token.objects.filter(opening(), pk__in=set(ids))
    return dict(held.values_list("pk", "role"))


def tokens_of(*, user: int, cluster: int | None = None) -> list[TokenRow]:
    """Return the tokens of a user that still open something, or that open one cluster; the newest first."""
    held = models.Token.objects.filter(opening(), user=user).select_related("cluster").order_by("-id")
    if cluster is not None:
        held = held.filter(Q(cluster=cluster) | Q(cluster=None))
    return _rows(held)


def _rows(tokens: QuerySet[models.Token]) -> list[TokenRow]:
    return [
        TokenRow(
            id=one.pk,
            cluster=one.cluster.name if one.cluster else "",
            note=one.note,
            reads_only=one.role == models.Role.VIEWER,
            created=one.created,
            used=one.used,
            expires=one.expires,
        )
        for one in tokens
    ]
