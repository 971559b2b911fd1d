"""What a Job's successPolicy says: an Indexed Job may be done before all of its indexes are."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from controller.engine.job.indexes import indexes_of
from controller.engine.objects import Manifest


def satisfied(rules: Sequence[Manifest], done: AbstractSet[int]) -> str:
    """Return in which words the first rule is told that the indexes which are done satisfy, or ""."""
    for number, rule in enumerate(rules):
        if _is_satisfied(rule, done):
            return f"Matched rules at index {number}"
    return ""


def _is_satisfied(rule: Manifest, done: AbstractSet[int]) -> bool:
    if not done:
        return False
    written, enough = rule.get("succeededIndexes"), rule.get("succeededCount")
    if written is None:
        return len(done) >= (enough or 0)
    wanted = indexes_of(written)
    return len(wanted & done) >= (len(wanted) if enough is None else enough)
