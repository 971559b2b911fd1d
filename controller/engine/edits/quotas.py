"""What an edit leaves of the quotas of a namespace: as the API server does, it books what it lets in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.engine.admission.managed import UPDATE, Manager, after_status
from controller.engine.edits.reading import Found
from controller.engine.objects import Manifest, Moment
from controller.engine.quota.amounts import texts
from controller.engine.quota.charging import Quota, charges, is_rescoped
from controller.engine.quota.usage import CLAIM, POD, SERVICE

API_SERVER = "kube-apiserver"
"""Who owns what is booked, where the fields of an object have owners."""

Booked = tuple[Found, Manifest]
"""A quota, and what it is when something has come in."""


def is_charged_again(kind: str, before: Manifest, after: Manifest, part: str = "") -> bool:
    """Whether a change of an object, or of a part of it, is held against its quotas."""
    if part:
        return kind == POD and part == "resize"
    return kind in {CLAIM, SERVICE} or (kind == POD and is_rescoped(before, after))


def booked(
    quotas: Iterable[Found], kind: str, manifest: Manifest, now: Moment, before: Manifest | None = None
) -> Sequence[Booked]:
    """Return what an object that comes in, in the place of ``before``, leaves of quotas. Raises Forbidden."""
    standing = {one.key[2]: one for one in quotas}
    used = charges([Quota.read(one.manifest) for one in standing.values()], kind, manifest, before)
    return [
        (standing[name], _using(standing[name].manifest, texts(used[name]), now)) for name in sorted(used)
    ]


def _using(quota: Manifest, used: dict[str, str], now: Moment) -> Manifest:
    made = {**quota, "status": {**quota["status"], "used": used}}
    if "managedFields" not in quota["metadata"]:
        return made
    by = Manager(API_SERVER, UPDATE, "v1", "status", now.stamp)
    return after_status("ResourceQuota", quota, made, by)
