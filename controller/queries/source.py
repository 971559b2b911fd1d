"""Where the queries read: a cluster's row, one of its objects, or its lean world."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from controller import models
from controller.engine.controllers.daemonset.controller import coverage_of
from controller.engine.daemonset.coverage import Coverage
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Moment
from controller.engine.world import World
from controller.store import clocks, rows
from controller.store.pictures import Picture, shelf
from controller.store.rows import Stored

M = TypeVar("M", bound=Model)
R = TypeVar("R")
T = TypeVar("T")


def cluster_of(cluster: int) -> models.Cluster:
    """Return the row of a cluster. Raises NotFound."""
    row = models.Cluster.objects.filter(pk=cluster).first()
    if row is None:
        raise NotFound("clusters", str(cluster))
    return row


def now(row: models.Cluster) -> Moment:
    """Return this moment on the clocks of a cluster."""
    return clocks.moment_of(row, time.time())


@contextmanager
def looking(cluster: int) -> Iterator[tuple[models.Cluster, Picture]]:
    """Lend the picture of a cluster as it stands now. Raises NotFound."""
    row = cluster_of(cluster)
    with shelf.looking(row) as picture:
        yield row, picture


def set_in(world: World, namespace: str, name: str) -> Coverage:
    """Return a set of a world. Raises NotFound."""
    coverage = coverage_of(world, namespace, name)
    if coverage is None:
        raise NotFound(KINDS["DaemonSet"].resource, name)
    return coverage


def found(cluster: int, kind: str, namespace: str, name: str) -> Stored:
    """Return an object of a cluster. Raises NotFound."""
    stored = rows.find(cluster, (kind, namespace, name))
    if stored is None:
        raise NotFound(KINDS[kind].resource, name)
    return stored


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: its ``items``, and how many there are on all ``pages`` (one at least)."""

    items: tuple[T, ...]
    total: int
    page: int
    pages: int


def window(total: int, page: int, size: int) -> tuple[int, int, slice]:
    """Return the page that is shown, the number of pages and where the page lies.

    A page that is out of range becomes the nearest one: lists shrink while people look at them.
    """
    pages = max(1, ceil(total / size))
    shown = min(max(1, page), pages)
    return shown, pages, slice((shown - 1) * size, shown * size)


def paged(rows: QuerySet[M, R], read: Callable[[R], T], page: int, size: int) -> Page[T]:
    """Return one page of rows, each made into what ``read`` makes of it."""
    total = rows.count()
    shown, pages, here = window(total, page, size)
    return Page(tuple(read(row) for row in rows[here]), total, shown, pages)
