"""What a Job's spec asks for."""

from __future__ import annotations

from typing import NamedTuple, Self

from controller.engine.views import Job


class JobSpec(NamedTuple):
    """The wishes of a Job.

    ``completions`` is None for a Job that is done with its first success. ``deadline`` are seconds, None
    for none. ``waits_for_end``: a pod that is going is only made up for when it is gone.
    """

    completions: int | None
    parallelism: int
    indexed: bool
    suspended: bool
    backoff_limit: int
    deadline: int | None
    waits_for_end: bool
    restarts: bool

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
