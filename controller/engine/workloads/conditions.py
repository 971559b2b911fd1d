"""The conditions of a status: one of each type, with the times of their last changes."""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.objects import Manifest, Moment


def find_condition(conditions: Iterable[Manifest], kind: str) -> Manifest | None:
    """Return the condition of a type, or None."""
    return next((one for one in conditions if one.get("type") == kind), None)


def without_condition(conditions: Iterable[Manifest], kind: str) -> list[Manifest]:
    """Return the conditions but for those of a type."""
    return [one for one in conditions if one.get("type") != kind]


def with_condition(conditions: Iterable[Manifest], wanted: Manifest, now: Moment) -> list[Manifest]:
    """Return the conditions with ``wanted`` (type, status, reason, message) in the place of its type.

    Its time of transition is that of its last change of status.
    """
    listed = list(conditions)
    before = find_condition(listed, wanted["type"])
    if before and all(before.get(field) == value for field, value in wanted.items()):
        return listed
    since = before["lastTransitionTime"] if before and before["status"] == wanted["status"] else now.stamp
    return [*without_condition(listed, wanted["type"]), {**wanted, "lastTransitionTime": since}]
