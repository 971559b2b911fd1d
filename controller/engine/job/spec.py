"""What a Job's spec asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from controller.engine.objects import Manifest
from controller.engine.views import Job

CONTROLLER = "kubernetes.io/job-controller"
"""By which name a Job says that it is managed as usual."""


class JobSpec(NamedTuple):
    """The wishes of a Job.

    ``completions`` is None for a Job that is done with its first success. ``deadline`` are seconds, None
    for none. ``waits_for_end``: a pod that is going is only made up for when it is gone. ``managed``: by the
    controller of this cluster. ``limit_per_index`` and ``lost_limit`` (how many indexes may fail) are None
    for none; the rules are those of its policies.
    """

    completions: int | None
    parallelism: int
    indexed: bool
    suspended: bool
    backoff_limit: int
    deadline: int | None
    waits_for_end: bool
    restarts: bool
    managed: bool
    limit_per_index: int | None
    lost_limit: int | None
    failure_rules: Sequence[Manifest]
    success_rules: Sequence[Manifest]

    @classmethod
    def of(cls, job: Job) -> Self:
        """Read the spec of a Job that has passed admission."""
        spec = job.manifest["spec"]
        return cls(
            completions=spec.get("completions"),
            parallelism=spec["parallelism"],
            indexed=spec["completionMode"] == "Indexed",
            suspended=bool(spec.get("suspend")),
            backoff_limit=spec["backoffLimit"],
            deadline=spec.get("activeDeadlineSeconds"),
            waits_for_end=spec["podReplacementPolicy"] == "Failed",
            restarts=job.template["spec"]["restartPolicy"] == "OnFailure",
            managed=spec.get("managedBy", CONTROLLER) == CONTROLLER,
            limit_per_index=spec.get("backoffLimitPerIndex"),
            lost_limit=spec.get("maxFailedIndexes"),
            failure_rules=(spec.get("podFailurePolicy") or {}).get("rules") or (),
            success_rules=(spec.get("successPolicy") or {}).get("rules") or (),
        )

    def wanted(self, succeeded: int, active: int) -> int:
        """Return how many pods are to be active when so many have succeeded and so many are active."""
        if self.suspended:
            return 0
        if self.completions is None:
            return min(active, self.parallelism) if succeeded else self.parallelism
        return max(0, min(self.parallelism, self.completions - succeeded))

    def is_reached(self, succeeded: int, active: int) -> bool:
        """Whether enough pods have succeeded."""
        if self.completions is None:
            return bool(succeeded) and not active
        return succeeded >= self.completions
