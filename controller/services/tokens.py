"""Tokens: what lets a program in as its user, for a while."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from controller import models
from controller.engine.admission import field_errors, grammar
from controller.engine.errors import Invalid, NotFound
from controller.models import Role
from controller.services.audit import audit_note

PREFIX = "evn-"
"""How every token begins, which tells it from other parts of a path."""
DAYS, LONGEST = 90, 365
"""Days that a token lasts unless it is told otherwise, and at most."""
NOTED = timedelta(minutes=10)
"""How exactly the last use of a token is known."""


def token_create(
    *,
    user: int,
    actor: str,
    cluster: int | None,
    note: str = "",
    days: int = DAYS,
    reads_only: bool = False,
) -> str:
    """Return the text of a new token. It is told only now: a hash of it is kept.

    Without a cluster it is for all that the user may see, now and later. Raises NotFound, Invalid.
    """
    row = models.Cluster.objects.filter(pk=cluster).first() if cluster is not None else None
    if cluster is not None and row is None:
        raise NotFound("clusters", str(cluster))
    if not 1 <= days <= LONGEST:
        raise Invalid("Token", note, [field_errors.invalid("days", days, grammar.outside(1, LONGEST))])
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        models.Token.objects.create(
            cluster=row,
            user_id=user,
            hash=models.fingerprint(text),
            note=note,
            role=Role.VIEWER if reads_only else "",
            expires=timezone.now() + timedelta(days=days),
        )
        audit_note(
            actor=actor, action="token_create", about=note, cluster=row, days=days, reads_only=reads_only
        )
    return text


def token_revoke(*, user: int, actor: str, token: int) -> None:
    """Let a user's token open nothing from now on. Raises NotFound."""
    with transaction.atomic():
        held = models.Token.objects.filter(pk=token, user=user, revoked=None)
        row = held.select_related("cluster").first()
        if row is None or not held.update(revoked=timezone.now()):
            raise NotFound("tokens", str(token))
        audit_note(actor=actor, action="token_revoke", about=row.note, cluster=row.cluster)


def token_used(*, token: models.Token) -> None:
    """Note that a token was used, now and then; a busy database is left alone."""
    now = timezone.now()
    if token.used and now - token.used < NOTED:
        return
    try:
        stale = Q(used=None) | Q(used__lt=now - NOTED)
        models.Token.objects.filter(stale, pk=token.pk).update(used=now)
    except OperationalError:
        return
