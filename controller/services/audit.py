"""The audit list: who did what, as a code with its facts. The words are made where it is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from controller import models

LONGEST_ABOUT = 512
"""The longest text that says what an entry is about; longer ones are cut."""


def audit_note(
    *, actor: str, action: str, about: str, cluster: models.Cluster | None = None, **facts: object
) -> None:
    """Write one entry, in the caller's transaction; without a cluster it is about people.

    ``action`` is a code that ``dashboard/present/audits.py`` has words for, ``facts`` any JSON: what
    it was before and after, and whose. Secrets, such as passwords and tokens, are no facts.
    """
    audit_entry(actor=actor, action=action, about=about, cluster=cluster, facts=facts).save()


def audit_entry(
    *,
    actor: str,
    action: str,
    about: str,
    cluster: models.Cluster | None,
    facts: dict[str, Any],
    at: datetime | None = None,
) -> models.AuditEntry:
    """Return an entry that is not saved yet."""
    return models.AuditEntry(
        at=at or datetime.now(UTC),
        actor=actor,
        action=action,
        about=about if len(about) <= LONGEST_ABOUT else f"{about[: LONGEST_ABOUT - 1]}…",
        cluster=cluster,
        cluster_name=cluster.name if cluster else "",
        facts=facts,
    )
