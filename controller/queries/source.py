"""Where the queries read: a view of a cluster, its row, or one of its objects; and pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Paginator

from controller import models
from controller.engine.controllers.daemonset.controller import coverage_of
from controller.engine.daemonset.coverage import Coverage
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.store import rows, views
from controller.store.details import Listed
from controller.store.rows import Stored
from controller.store.views import ClusterView as ClusterView  # noqa: PLC0414 - the site takes it from here

R = TypeVar("R")
T = TypeVar("T")


def cluster_of(cluster: int) -> models.Cluster:
    """Return the row of a cluster. Raises NotFound."""
    row = models.Cluster.objects.filter(pk=cluster).first()
    if row is None:
        raise NotFound("clusters", str(cluster))
    return row


@contextmanager
def cluster_view(cluster: int) -> Iterator[ClusterView]:
    """Lend the view of a cluster as it stands, to one reader at a time. Raises NotFound."""
    with views.cache.present(cluster_of(cluster)) as view:
        yield view


def cluster_view_at(cluster: int, number: int) -> ClusterView:
    """Return a cluster as it was right after change ``number``. Raises Gone, BadRequest, NotFound."""
    return views.at(cluster_of(cluster), number)


@contextmanager
def cluster_view_lent(cluster: int, number: int) -> Iterator[ClusterView]:
    """Lend the view of a cluster as it was after a change, to one reader at a time: pages ask for it again.

    Raises Gone, BadRequest, NotFound.
    """
    with views.past.lend(cluster_of(cluster), number) as view:
        yield view


def set_in(view: ClusterView, namespace: str, name: str) -> Coverage:
    """Return a set of a view. Raises NotFound."""
    coverage = coverage_of(view.world, namespace, name)
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


def paged(listed: Listed[R], read: Callable[[R], T], page: int, size: int) -> Page[T]:
    """Return one page of what is listed, each made into what ``read`` makes of it.

    A page that is out of range becomes the nearest one: lists shrink while people look at them.
    """
    pages = Paginator(listed, size)
    shown = pages.get_page(page)
    return Page(tuple(read(one) for one in shown.object_list), pages.count, shown.number, pages.num_pages)
