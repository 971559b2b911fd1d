"""Charts of how numbers went over time: what the script draws, and a sentence for those who do not see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.queries.charts import Chart
from dashboard.present.audits import sentence
from dashboard.present.words import Word, full, grouped, joined

SERIES: dict[str, tuple[Word, str, bool]] = {
    "desiredNumberScheduled": (gettext_lazy("desired"), "--ink-soft", True),
    "numberReady": (gettext_lazy("ready"), "--accent", False),
    "numberAvailable": (gettext_lazy("available"), "--good", False),
    "updatedNumberScheduled": (gettext_lazy("up to date"), "--odd", False),
    "numberUnavailable": (gettext_lazy("unavailable"), "--bad", False),
    "nodes": (gettext_lazy("nodes"), "--ink-faint", True),
    "unreadyNodes": (gettext_lazy("nodes not ready"), "--bad", False),
}
"""What each number is called, its colour, and whether it is dashed: others are held against it."""


def chart_data(found: Chart) -> dict[str, Any]:
    """Return a chart as JSON: a row a moment (change, milliseconds since 1970, numbers), and marks."""
    return {
        "series": [[str(word), tone, dashed] for word, tone, dashed in map(SERIES.__getitem__, found.names)],
        "points": [[one.number, _ms(one.at), *one.values] for one in found.points],
        "marks": [
            [one.number, _ms(one.at), f"{one.actor}: {sentence(one.action, one.about, one.facts)}"]
            for one in found.edits
        ],
        "label": _label(found),
    }


def _label(found: Chart) -> str:
    """Return when a chart begins, how the numbers are at its end."""
    if not found.points:
        return _("Nothing is kept of it yet.")
    last = found.points[-1]
    told = joined(
        f"{SERIES[name][0]} {grouped(value)}" for name, value in zip(found.names, last.values, strict=True)
    )
    return _("Since %(begin)s; at the end: %(numbers)s. Press a moment to go there.") % {
        "begin": full(found.points[0].at),
        "numbers": told,
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
