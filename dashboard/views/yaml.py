"""What the editor of YAML asks for while somebody types: what is wrong, and what may be written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from controller import manifests
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.queries.checks import Checked, check_creation, check_replacement
from controller.queries.clusters import cluster_named
from dashboard.http import Request, operators, posted, version_of, viewers
from dashboard.present import fields as present
from dashboard.present.diffs import difference
from dashboard.present.faults import checked_rows
from dashboard.views.objects import which_of

KEPT = 3600
"""Seconds for which a browser asks no more about the fields of a kind."""


@posted()
@operators
def check_new(request: Request, cluster: str) -> HttpResponse:
    """Say why the objects of a text could not be created."""
    facts, text = cluster_named(cluster), request.POST.get("text", "")
    if not text.strip():
        return _checked(request, Checked())
    return _checked(request, check_creation(cluster=facts.id, actor=request.user.username, text=text))


@posted()
@operators
def check(request: Request, cluster: str, plural: str, namespace: str, name: str) -> HttpResponse:
    """Say why a text could not take the place of an object, and what somebody else made of that since."""
    facts, which = cluster_named(cluster), which_of(request, cluster, plural, namespace, name)
    text = request.POST.get("text", "")
    checked = check_replacement(
        cluster=facts.id,
        actor=request.user.username,
        key=(which.kind, which.namespace, which.name),
        text=text,
        seen=request.POST.get("seen", ""),
    )
    if checked.conflict is None:
        return _checked(request, checked)
    standing = manifests.dump(checked.conflict.standing or {})
    return _checked(
        request,
        checked,
        version=version_of(checked.conflict),
        standing=standing,
        standing_diff=difference(standing, text),
    )


def _checked(request: Request, checked: Checked, **more: object) -> HttpResponse:
    return render(request, "dashboard/shared/yaml_checked.html", {"faults": checked_rows(checked), **more})


def _mark(found: Callable[..., bytes]) -> Callable[..., str]:
    """Return what makes the ETag of a view's answer."""

    def mark(_request: HttpRequest, **place: str) -> str:
        place.pop("cluster")
        return f'"{hashlib.sha256(found(**place)).hexdigest()[:32]}"'

    return mark


def _known(kind: str) -> bytes:
    if kind not in KINDS:
        raise NotFound("kinds", kind)
    return present.fields(kind)


@require_safe
@viewers
@gzip_page
@condition(etag_func=_mark(present.kinds))
def kinds(_request: Request, cluster: str) -> HttpResponse:  # noqa: ARG001 - whose kinds, once clusters differ
    """Return the kinds that can be written, as JSON."""
    return _kept(present.kinds())


@require_safe
@viewers
@gzip_page
@condition(etag_func=_mark(_known))
def fields(_request: Request, cluster: str, kind: str) -> HttpResponse:  # noqa: ARG001 - as above
    """Return the fields of a kind and of all that it is made of, as JSON."""
    return _kept(_known(kind))


def _kept(body: bytes) -> HttpResponse:
    answer = HttpResponse(body, content_type="application/json")
    patch_cache_control(answer, private=True, max_age=KEPT)
    return answer
