"""Whom a token lets in, and the tokens that somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller import models


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it: never its text."""

    id: int
    note: str
    created: datetime
    used: datetime | None


def token_known(*, cluster: str, text: str) -> models.Token | None:
    """Return the token of a cluster that is neither revoked nor of a locked-out user, with both rows."""
    return (
        models.Token.objects.select_related("cluster", "user")
        .filter(hash=models.fingerprint(text), cluster__name=cluster, revoked=None, user__is_active=True)
        .first()
    )


def tokens_of(*, cluster: int, user: int) -> list[TokenRow]:
    """Return the tokens of a user for a cluster that still open it, the newest first."""
    held = models.Token.objects.filter(cluster=cluster, user=user, revoked=None).order_by("-id")
    return [TokenRow(one.pk, one.note, one.created, one.used) for one in held]
