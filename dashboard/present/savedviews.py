"""Saved views as rows: where they lead, what they show in words, and whether that is still there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from controller.engine.daemonset.cells import CellState
from dashboard.present.filters import GROUPS
from dashboard.present.loads import key_of
from dashboard.present.shell import Rail
from dashboard.present.words import joined, state_words
from dashboard.savedviews import ViewLine


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view. ``gone`` says that the workload it shows is not there any more, "" if it is."""

    id: int
    name: str
    url: str
    about: str
    gone: str
    whose: str
    shared: bool
    is_default: bool
    may_change: bool
    act_url: str


@dataclass(frozen=True, slots=True)
class ViewRows:
    """All views that somebody sees of a cluster. ``plain_url`` is the map as it comes."""

    rows: list[ViewRow]
    save_url: str
    list_url: str
    plain_url: str


def view_rows(cluster: str, lines: Iterable[ViewLine], rail: Rail) -> ViewRows:
    """Return the views as rows."""
    standing = {f"{row.namespace}/{row.name}" for row in rail.sets} | {key_of(row) for row in rail.workloads}
    return ViewRows(
        rows=[_row(cluster, line, standing) for line in lines],
        save_url=reverse("view_save", args=[cluster]),
        list_url=reverse("views", args=[cluster]),
        plain_url=view_url(cluster, "view=one"),
    )


def view_url(cluster: str, query: str) -> str:
    """Return the map as a query shows it."""
    return f"{reverse('map', args=[cluster])}?{query}"


def _row(cluster: str, line: ViewLine, standing: set[str]) -> ViewRow:
    query = QueryDict(line.query)
    shown = query.get("set", "")
    lost = bool(shown) and shown not in standing and query.get("view", "one") == "one"
    return ViewRow(
        id=line.id,
        name=line.name,
        url=view_url(cluster, line.query),
        about=about(query),
        gone=_("%(set)s is not there any more.") % {"set": shown} if lost else "",
        whose=_("shared") if line.shared else _("yours"),
        shared=line.shared,
        is_default=line.is_default,
        may_change=line.may_change,
        act_url=reverse("view_act", args=[cluster, line.id]),
    )


def about(query: QueryDict) -> str:
    """Return in words what the query of a map's address shows."""
    kinds = {"all": _("All sets"), "health": _("Health")}
    said = [kinds.get(query.get("view", "")) or query.get("set", "") or _("One workload")]
    if groups := [str(GROUPS.get(key, key)) for key in query.get("group", "").split(",") if key]:
        said.append(_("by %(groups)s") % {"groups": joined(groups)})
    elif "group" in query:
        said.append(_("not grouped"))
    if text := query.get("filter", ""):
        said.append(_("nodes with %(filter)s") % {"filter": text})
    only = set(query.get("only", "").split(","))
    if states := [state_words(state) for state in CellState if state in only]:
        said.append(_("only %(states)s") % {"states": joined(states)})
    if node := query.get("node", ""):
        said.append(_("at node %(node)s") % {"node": node})
    if "wall" in query:
        said.append(_("as a wall screen"))
    return " · ".join(said)
