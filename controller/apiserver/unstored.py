"""Resources that are answered and kept nowhere: reviews, metrics, and kinds of which there are none here.

A row of UNSTORED is all that discovery and the door need to know of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.http.response import HttpResponseBase

from controller.apiserver import access, metrics, status
from controller.apiserver.call import Asked, json_response, warning_header
from controller.engine.authorization.policy import Wish
from controller.engine.errors import MethodNotAllowed, NotFound, PageNotFound

READ = ("get", "list")
METRICS = "metrics.k8s.io"
GET = frozenset({"GET", "HEAD"})
NO_LOAD = (
    "autoscaling is not simulated: pods of a simulated cluster bear no load that could be measured. "
    "Set the number of replicas yourself, for instance with kubectl scale"
)
NO_CUSTOM_KINDS = (
    "custom kinds are not simulated: a cluster serves the kinds that kubectl api-resources lists"
)


class Answer(Protocol):
    """What answers a request for such a resource; name and namespace are empty if none is given."""

    def __call__(self, asked: Asked, *, namespace: str, name: str) -> HttpResponseBase:
        """Answer. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Unstored:
    """A resource that is kept nowhere. The names are those of a Kind; ``verbs`` is what discovery says."""

    name: str
    plural: str
    group: str
    version: str
    verbs: tuple[str, ...]
    answer: Answer
    namespaced: bool = False
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        """Return the name of one of them in kubectl; metrics are called as what they are of."""
        return "" if self.group == METRICS else self.name.lower()


@dataclass(frozen=True, slots=True)
class Asking:
    """A path that leads to such a resource."""

    resource: Unstored
    namespace: str
    name: str

    def answer(self, asked: Asked) -> HttpResponseBase:
        """Answer it. Raises Refused."""
        resource, method = self.resource, asked.request.method
        verb = ("get" if self.name else "list") if method in GET else "create"
        access.check_wish(asked, Wish(verb, resource.group, resource.plural, "", self.namespace, self.name))
        return self.resource.answer(asked, namespace=self.namespace, name=self.name)


def found(group: str, version: str, rest: tuple[str, ...]) -> Asking | None:
    """Return what a path leads to, or None if that is kept or there is nothing. Raises PageNotFound."""
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":  # noqa: PLR2004 - namespaces, which, what
        namespace, rest = rest[1], rest[2:]
    resource = UNSTORED.get((group, version, rest[0]))
    if resource is None:
        return None
    name, *more = (*rest[1:], "")
    if any(more) or (namespace and not resource.namespaced):
        raise PageNotFound
    return Asking(resource, namespace, name)


def _reviewed(asked: Asked, *, namespace: str, name: str) -> HttpResponseBase:  # noqa: ARG001 - one for all
    if name:
        raise PageNotFound
    return access.review(asked)


def _measured(answer: Answer) -> Answer:
    def measured(asked: Asked, *, namespace: str, name: str) -> HttpResponseBase:
        if asked.request.method not in GET:
            raise MethodNotAllowed
        return answer(asked, namespace=namespace, name=name)

    return measured


def _none_of(kind: str, resource: str, why: str) -> Callable[..., HttpResponseBase]:
    """Return what answers that there are none of a kind, and why there can be none."""

    def none(asked: Asked, *, namespace: str, name: str) -> HttpResponseBase:  # noqa: ARG001 - as above
        if asked.request.method not in GET:
            refusal = status.answer(status.status(MethodNotAllowed(why)))
            # kubectl autoscale tries another version, and keeps to itself what it was answered.
            refusal["Warning"] = warning_header([why])
            return refusal
        if name:
            raise NotFound(resource, name)
        api_version = "/".join(asked.path[1:3])
        listed = {"kind": f"{kind}List", "apiVersion": api_version, "metadata": {}, "items": []}
        return json_response(asked, listed)

    return none


def _review(plural: str, group: str, version: str = "v1", *, namespaced: bool = False) -> Unstored:
    return Unstored(access.REVIEWS[plural][0], plural, group, version, ("create",), _reviewed, namespaced)


def _autoscaler(version: str) -> Unstored:
    kind, plural, group = "HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling"
    none = _none_of(kind, f"{plural}.{group}", NO_LOAD)
    return Unstored(
        kind, plural, group, version, READ, none, namespaced=True, short=("hpa",), categories=("all",)
    )


AUTHORIZATION, AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
DEFINITIONS = "customresourcedefinitions", "apiextensions.k8s.io"

UNSTORED: dict[tuple[str, str, str], Unstored] = {
    (one.group, one.version, one.plural): one
    for one in (
        _review("selfsubjectreviews", AUTHENTICATION),
        _review("selfsubjectreviews", AUTHENTICATION, "v1beta1"),  # kubectl 1.27 asks no other
        _review("tokenreviews", AUTHENTICATION),
        _review("localsubjectaccessreviews", AUTHORIZATION, namespaced=True),
        _review("selfsubjectaccessreviews", AUTHORIZATION),
        _review("selfsubjectrulesreviews", AUTHORIZATION),
        _review("subjectaccessreviews", AUTHORIZATION),
        _autoscaler("v2"),
        _autoscaler("v1"),
        Unstored(
            "CustomResourceDefinition",
            *DEFINITIONS,
            "v1",
            READ,
            _none_of("CustomResourceDefinition", ".".join(DEFINITIONS), NO_CUSTOM_KINDS),
            short=("crd", "crds"),
            categories=("api-extensions",),
        ),
        Unstored("NodeMetrics", "nodes", METRICS, "v1beta1", READ, _measured(metrics.node_metrics)),
        Unstored(
            "PodMetrics", "pods", METRICS, "v1beta1", READ, _measured(metrics.pod_metrics), namespaced=True
        ),
    )
}
"""By group, version and plural."""
