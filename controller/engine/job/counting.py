"""What the ended pods of a Job come to: its numbers, its indexes, and who is still held for a successor.

Where each index has a limit of its own (backoffLimitPerIndex), a pod bears how often its index had failed
before it. So the last one that failed is counted, and let go of, only when its successor bears the number.
"""

from __future__ import annotations

from typing import NamedTuple

from controller.engine.job.failure_policy import FAIL_INDEX, is_counted, match
from controller.engine.job.indexes import indexes_of, indexes_text
from controller.engine.job.pods import Tally, index_of
from controller.engine.job.spec import JobSpec
from controller.engine.objects import Manifest, Pod

FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"


class Count(NamedTuple):
    """A status with its numbers, the pods that are in them now, and by index those that are held."""

    status: Manifest
    over: list[Pod]
    held: dict[int, Pod]


def count(spec: JobSpec, status: Manifest, tally: Tally, *, holds: bool) -> Count:
    """Take what ended into the numbers of a Job; ``holds``: unless a pod is held for its successor."""
    done, lost = indexes_of(status.get("completedIndexes") or ""), set[int]()
    if spec.indexed:
        done |= {index for pod in tally.succeeded if (index := _index(spec, pod)) is not None}
        done = {index for index in done if index < (spec.completions or 0)}
    if spec.limit_per_index is not None:
        lost = indexes_of(status.get("failedIndexes") or "")
        lost |= {
            index
            for pod in tally.failed
            if (index := _index(spec, pod)) is not None and _is_lost(spec, spec.limit_per_index, pod)
        }
        status = {**status, "failedIndexes": indexes_text(lost)}
    held = _held(spec, tally, done | lost) if holds and spec.limit_per_index is not None else {}
    waiting = {pod.uid for pod in held.values()}
    failed = [pod for pod in tally.failed if pod.uid not in waiting]
    over = [*tally.succeeded, *failed]
    if not over:
        return Count(status, over, held)
    counted = sum(is_counted(spec.failure_rules, pod) for pod in failed)
    status = {**status, "failed": (status.get("failed") or 0) + counted}
    if spec.indexed:
        status |= {"completedIndexes": indexes_text(done), "succeeded": len(done)}
    else:
        status |= {"succeeded": (status.get("succeeded") or 0) + len(tally.succeeded)}
    return Count(status, over, held)


def failures_before(pod: Pod) -> tuple[int, int]:
    """Return how often the index of a pod had failed before it: what counts, and what was ignored."""
    annotations = pod.manifest["metadata"].get("annotations") or {}
    first, second = (annotations.get(each, "") for each in (FAILURES, IGNORED))
    return _number(first), _number(second)


def failures_of_successor(spec: JobSpec, before: Pod | None) -> dict[str, str]:
    """Return the annotations by which a pod tells how often its index has failed before it."""
    counted, ignored = (0, 0) if before is None else failures_before(before)
    if before is not None:
        is_one = is_counted(spec.failure_rules, before)
        counted, ignored = counted + is_one, ignored + (not is_one)
    return {FAILURES: str(counted), **({IGNORED: str(ignored)} if ignored else {})}


def _index(spec: JobSpec, pod: Pod) -> int | None:
    """Return the index of a pod if it is one of the Job's."""
    index = index_of(pod)
    return index if index is not None and index < (spec.completions or 0) else None


def _is_lost(spec: JobSpec, limit: int, pod: Pod) -> bool:
    """Whether the index of a pod that failed has failed for good."""
    found = match(spec.failure_rules, pod)
    if found and found.action == FAIL_INDEX:
        return True
    return is_counted(spec.failure_rules, pod) and failures_before(pod)[0] >= limit


def _held(spec: JobSpec, tally: Tally, settled: set[int]) -> dict[int, Pod]:
    """Return the last failed pod of each index that is neither done, lost nor at work again."""
    settled = settled | {index for pod in tally.active if (index := index_of(pod)) is not None}
    held: dict[int, Pod] = {}
    for pod in tally.failed:
        index = _index(spec, pod)
        if index is None or index in settled:
            continue
        if index not in held or sum(failures_before(held[index])) <= sum(failures_before(pod)):
            held[index] = pod
    return held


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= len(str(2**31)) else 0
