"""The foot of a list that has several pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard.forms import whole_number
from dashboard.present.words import grouped


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to the pages before and after, "" where there is none."""

    many: bool
    about: str
    before: str
    after: str


def pager(query: QueryDict, *, page: int, pages: int, total: int) -> Pager:
    """Return the foot for a page of a list, whose links keep the rest of the query."""
    message = _("Page %(page)s of %(pages)s, %(total)s in all") % {
        "page": grouped(page),
        "pages": grouped(pages),
        "total": grouped(total),
    }
    return Pager(
        many=pages > 1,
        about=message,
        before=_link(query, page - 1) if page > 1 else "",
        after=_link(query, page + 1) if page < pages else "",
    )


def _link(query: QueryDict, page: int) -> str:
    changed: Any = query.copy()
    changed["page"] = str(page)
    return "?" + str(changed.urlencode(safe="/"))


def page_number(query: QueryDict) -> int:
    """Return the number of the page that is asked for, 1 if it is no number."""
    return whole_number(query.get("page", "")) or 1
