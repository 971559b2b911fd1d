"""What a cluster's history takes on disk, as rows of a card."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from controller.queries.storage import Storage
from dashboard.present.words import age, full, grouped


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One kind of what is kept: how many, and about how much room they take."""

    label: str
    count: str
    size: str


@dataclass(frozen=True, slots=True)
class StorageCard:
    """What is kept, the sum of it, and how far it goes back."""

    rows: tuple[ShareRow, ...]
    total: str
    reach: str
    title: str


def storage_card(kept: Storage) -> StorageCard:
    """Return what a cluster takes in words."""
    shares = (
        (_("Objects as they are"), kept.objects),
        (_("Changes"), kept.changes),
        (_("Snapshots and dictionaries"), kept.snapshots),
        (_("Passes"), kept.passes),
    )
    reach = _("Back to change %(first)s of %(last)s") % {
        "first": grouped(kept.first),
        "last": grouped(kept.last),
    }
    since = _("%(reach)s, %(age)s ago") % {"reach": reach, "age": age(kept.oldest)} if kept.oldest else reach
    return StorageCard(
        rows=tuple(
            ShareRow(label, grouped(share.count), filesizeformat(share.size)) for label, share in shares
        ),
        total=filesizeformat(sum(share.size for _label, share in shares)),
        reach=since,
        title=full(kept.oldest) if kept.oldest else "",
    )
