"""What a Job's podFailurePolicy says of a pod that failed: the first rule that matches decides.

A rule looks at the exit codes of containers, or at the conditions of the pod.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from controller.engine.objects import Manifest, Pod

FAIL_JOB, FAIL_INDEX, IGNORE = "FailJob", "FailIndex", "Ignore"
"""The actions of rules; the fourth, Count, is what becomes of a failure that no rule speaks of."""


class Match(NamedTuple):
    """What a rule wants: its action, and what it found, in the words of the Job's failure."""

    action: str
    message: str


def match(rules: Sequence[Manifest], pod: Pod) -> Match | None:
    """Return what the first of the rules that match a failed pod wants, or None."""
    for number, rule in enumerate(rules):
        found = _found(rule, pod)
        if found:
            return Match(rule["action"], f"{found} matching {rule['action']} rule at index {number}")
    return None


def is_counted(rules: Sequence[Manifest], pod: Pod) -> bool:
    """Whether the failure of a pod counts towards the limits."""
    found = match(rules, pod)
    return found is None or found.action != IGNORE


def failing(rules: Sequence[Manifest], failed: Iterable[Pod]) -> str:
    """Return why the Job fails with the first of these pods whose failure it does not survive, or ""."""
    matches = (match(rules, pod) for pod in failed)
    return next((found.message for found in matches if found and found.action == FAIL_JOB), "")


def _found(rule: Manifest, pod: Pod) -> str:
    """Return what of a pod a rule matches, or ""."""
    status = pod.manifest.get("status") or {}
    where = f"{pod.namespace}/{pod.name}"
    if wanted := rule.get("onExitCodes"):
        for entry in (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())):
            ended = (entry.get("state") or {}).get("terminated")
            if ended and _is_meant(wanted, entry["name"], ended["exitCode"]):
                return f"Container {entry['name']} for pod {where} failed with exit code {ended['exitCode']}"
        return ""
    patterns = [(one["type"], one["status"]) for one in rule.get("onPodConditions") or ()]
    for condition in status.get("conditions") or ():
        if (condition.get("type"), condition.get("status")) in patterns:
            return f"Pod {where} has condition {condition['type']}"
    return ""


def _is_meant(wanted: Manifest, container: str, code: int) -> bool:
    """Whether a requirement is met by the exit code of a container; 0 is no failure."""
    if code == 0 or wanted.get("containerName", container) != container:
        return False
    is_listed = code in wanted["values"]
    return is_listed == bool(wanted["operator"] == "In")
