"""What only a CronJob has: a Job of it can be started by hand, whatever its schedule says."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.edits.deletion import about_of
from controller.engine.edits.draft import Draft
from controller.engine.edits.objects import create
from controller.engine.kinds import KINDS
from controller.engine.objects import Key, Manifest
from controller.engine.views import CronJob, Job

MANUAL = "cronjob.kubernetes.io/instantiate"
"""The annotation of a Job that somebody made of a CronJob."""


@dataclass(frozen=True, slots=True)
class RunNow:
    """Create a Job of a CronJob at once, as ``kubectl create job --from=cronjob/NAME`` does.

    It is the result, and its name is generated. Raises NotFound, Forbidden (a quota), Invalid.
    """

    key: Key

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        cronjob = draft.standing(*self.key)
        made = create(draft, Job.KIND, _job(cronjob.manifest))
        draft.note("object_create", about_of(made.key))
        draft.results.append(made)


def _job(cronjob: Manifest) -> Manifest:
    meta, template = cronjob["metadata"], cronjob["spec"]["jobTemplate"]
    given = template.get("metadata") or {}
    owner = {
        "apiVersion": KINDS[CronJob.KIND].api_version,
        "kind": CronJob.KIND,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,  # without blockOwnerDeletion, as kubectl leaves it out
    }
    return {
        "apiVersion": KINDS[Job.KIND].api_version,
        "kind": Job.KIND,
        "metadata": {
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            **({"labels": given["labels"]} if given.get("labels") else {}),
            "annotations": {**(given.get("annotations") or {}), MANUAL: "manual"},
            "ownerReferences": [owner],
        },
        "spec": template["spec"],
    }
