"""The plugin ResourceQuota: whether something may come in beside all that stands in its namespace.

The sentences are Kubernetes'. A quota counts from when its status says what it allows: its controller
writes that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from controller.engine.errors import Forbidden
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.engine.quota.amounts import NOTHING, Amount, Amounts, plus, read, said
from controller.engine.quota.scopes import is_about
from controller.engine.quota.usage import POD, amounts_for, names_of, usage_of
from controller.engine.values import value

QUOTA = "ResourceQuota"
DEMANDED = frozenset(
    {"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"},
)
"""A quota of one of these wants each container to say how much it has."""


@value(frozen=True, slots=True)
class Quota:
    """A quota as it stands: what its status allows (``hard``), and what was counted so far (``used``)."""

    name: str
    spec: Manifest
    hard: Amounts
    used: Amounts

    @classmethod
    def read(cls, manifest: Manifest) -> Self:
        """Read a ResourceQuota object."""
        status = manifest.get("status") or {}
        name, spec = manifest["metadata"]["name"], manifest.get("spec") or {}
        return cls(name, spec, read(status.get("hard")), read(status.get("used")))

    def is_about(self, kind: str, manifest: Manifest) -> bool:
        """Whether an object counts for this quota."""
        return bool(names_of(kind, self.hard)) and is_about(self.spec, kind, manifest)


def charges(
    quotas: Iterable[Quota], kind: str, manifest: Manifest, before: Manifest | None = None
) -> Mapping[str, Amounts]:
    """Return what is used of each quota, by name, when an object has come in. Others are left out.

    It takes the place of ``before``. Raises Forbidden if it does not say what a quota wants it to, or is
    too much for one.
    """
    concerned = [quota for quota in sorted(quotas, key=_name) if quota.is_about(kind, manifest)]
    for quota in concerned:
        if reason := _lacking(quota, kind, manifest):
            raise _forbidden(kind, manifest, reason)
    usage, found = usage_of(kind, manifest), {}
    for quota in concerned:
        was = usage_of(kind, before) if before and quota.is_about(kind, before) else {}
        wanted = _more(usage, was, quota.hard)
        if not wanted:
            continue
        used = plus(quota.used, wanted)
        over = [name for name in wanted if used[name].number > quota.hard[name].number]
        if over:
            raise _forbidden(kind, manifest, _exceeded(quota, wanted, over))
        found[quota.name] = used
    return found


def _name(quota: Quota) -> str:
    return quota.name


def _forbidden(kind: str, manifest: Manifest, reason: str) -> Forbidden:
    return Forbidden(f'{KINDS[kind].resource} "{manifest["metadata"]["name"]}" is forbidden: {reason}')


def _more(usage: Amounts, was: Amounts, hard: Amounts) -> dict[str, Amount]:
    """Return by how much a usage rises, of what a quota is about."""
    rise = {
        name: Amount(amount.number - was.get(name, NOTHING).number, amount.binary)
        for name, amount in usage.items()
        if name in hard
    }
    return {name: amount for name, amount in rise.items() if amount.number > 0}


def _exceeded(quota: Quota, wanted: Amounts, over: Iterable[str]) -> str:
    shown = [{name: each[name] for name in over} for each in (wanted, quota.used, quota.hard)]
    requested, used, hard = map(said, shown)
    return f"exceeded quota: {quota.name}, requested: {requested}, used: {used}, limited: {hard}"


def _lacking(quota: Quota, kind: str, manifest: Manifest) -> str:
    """Return what an object must say and does not, or what is not yet known of a quota, or ""."""
    names = names_of(kind, quota.hard)
    if kind == POD and not manifest["spec"].get("resources"):
        missing = _missing(DEMANDED.intersection(names), manifest["spec"])
        if missing:
            return f"failed quota: {quota.name}: must specify {'; '.join(missing)}"
    if not quota.used.keys() >= set(names):
        return f"status unknown for quota: {quota.name}, resources: {','.join(names)}"
    return ""


def _missing(demanded: Iterable[str], spec: Manifest) -> list[str]:
    containers = [*spec["containers"], *(spec.get("initContainers") or ())]
    says: dict[str, Iterable[str]] = {}
    for container in containers:
        resources = container.get("resources") or {}
        says[container["name"]] = amounts_for(read(resources.get("requests")), read(resources.get("limits")))
    lacks = ((name, sorted(each for each in says if name not in says[each])) for name in sorted(demanded))
    return [f"{name} for: {','.join(containers)}" for name, containers in lacks if containers]


def is_rescoped(old: Manifest, new: Manifest) -> bool:
    """Whether other quotas are about a pod now: it began, or ceased, to have a deadline."""
    without = [each["spec"].get("activeDeadlineSeconds") is None for each in (old, new)]
    return without[0] != without[1]
