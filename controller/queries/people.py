"""What people are granted, for those who grant it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from controller import models
from controller.models import Role


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role on a cluster; with no ``cluster`` on all of them."""

    cluster: str
    role: Role


def grants_of(people: Iterable[int]) -> dict[int, list[GrantLine]]:
    """Return what each of these people is granted: all clusters first, then by their names."""
    found: dict[int, list[GrantLine]] = defaultdict(list)
    rows = models.Grant.objects.filter(user__in=list(people)).values_list("user", "cluster__name", "role")
    for person, cluster, role in sorted(rows, key=lambda row: row[1] or ""):
        found[person].append(GrantLine(cluster or "", Role(role)))
    return found
