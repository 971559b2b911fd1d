"""A staged rollout of a real cluster in commands of kubectl, for those who go on without Everynode."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from controller.engine.daemonset.rollout import ON_DELETE
from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
)
from controller.engine.objects import PAUSED_ANNOTATION, PLAN_ANNOTATION
from controller.queries.byhand import Carried

OURS = (
    PLAN_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    MANAGER_ANNOTATION,
    PAUSED_ANNOTATION,
)
"""All that a plan leaves in a set beside its strategy."""


@dataclass(frozen=True, slots=True)
class HandRow:
    """One thing that can be done by hand: its name, what comes of it, the lines for a terminal."""

    name: str
    title: str
    about: str
    lines: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who carries a plan out, what is in the way, and what can be done by hand."""

    manager: str
    refusal: str
    rows: list[HandRow]


def by_hand(carried: Carried | None, place: tuple[str, str]) -> ByHand | None:
    """Return what the page says of a plan of the set at ``place``, None without one."""
    if carried is None:
        return None
    rows = [_pause(carried, place), _finish(carried, place)]
    if carried.previous is not None:
        rows.append(_undo(carried, place))
    return ByHand(carried.manager, carried.refusal, rows)


def _pause(carried: Carried, place: tuple[str, str]) -> HandRow:
    if carried.paused:
        about = _("Whoever carries it out goes on.")
        return HandRow("resume", _("Resume"), about, _kubectl(place, "annotate", f"{PAUSED_ANNOTATION}-"))
    about = _("No further pod is deleted. If no Everynode runs it stands still anyway.")
    line = _kubectl(place, "annotate", "--overwrite", f"{PAUSED_ANNOTATION}=true")
    return HandRow("pause", _("Pause"), about, line)


def _finish(carried: Carried, place: tuple[str, str]) -> HandRow:
    if carried.strategy and carried.strategy["type"] == ON_DELETE:
        about = _("The plan is gone. The set's own strategy is OnDelete: delete the old pods by hand.")
    else:
        about = _("The plan is gone, and the set's own strategy replaces all old pods that are left.")
    return HandRow("finish", _("Finish without the plan"), about, _ended(carried, place))


def _undo(carried: Carried, place: tuple[str, str]) -> HandRow:
    back = _kubectl(place, "rollout undo", f"--to-revision={carried.previous}")
    about = _("The template of before the plan is back, and the set's own strategy takes the new pods away.")
    return HandRow("undo", _("Undo"), about, f"{back}\n{_ended(carried, place)}")


def _ended(carried: Carried, place: tuple[str, str]) -> str:
    """Return the line that takes the plan away and brings the set's own strategy back, at once."""
    patch: dict[str, object] = {"metadata": {"annotations": dict.fromkeys(OURS)}}
    if carried.strategy:
        patch["spec"] = {"updateStrategy": carried.strategy}
    return _kubectl(place, "patch", "--type", "merge", "-p", f"'{json.dumps(patch)}'")


def _kubectl(place: tuple[str, str], verb: str, *words: str) -> str:
    namespace, name = place
    return " ".join(("kubectl", "-n", namespace, verb, f"daemonset/{name}", *words))
