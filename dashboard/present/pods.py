"""Pods as rows of tables and as a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from controller.manifests import dump
from controller.queries.podlines import ContainerLine, PodLine
from controller.queries.pods import PodDetail
from controller.queries.steps import first_unpassed
from dashboard.present.described import pairs_of, told_annotations
from dashboard.present.history import EventRow, event_rows
from dashboard.present.links import node_url, object_url, pod_url
from dashboard.present.podtemplates import Part, spec_parts
from dashboard.present.steps import StepRow, step_rows, step_words
from dashboard.present.words import Fact, age, full, grouped, joined, moment

BAD = frozenset({"ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff", "Error", "Failed"})


@dataclass(frozen=True, slots=True)
class PodRow:
    """A pod in a list. ``other`` is its node, or its set where the list is about a node."""

    uid: str
    name: str
    url: str
    phase: str
    tone: str
    reason: str
    restarts: int
    age: str
    revision: str
    other: str
    other_url: str
    about: str


def pod_row(cluster: str, pod: PodLine, *, by_set: bool = False, current: str = "", why: str = "") -> PodRow:
    """Return a pod as a row. ``current`` is the hash of its set's current revision, if that is known."""
    kind, _slash, owner = pod.owner.partition("/")
    owner_url = object_url(cluster, kind, pod.namespace, owner)
    old = bool(current) and pod.hash != current
    return PodRow(
        uid=pod.uid,
        name=pod.name,
        url=pod_url(cluster, pod.namespace, pod.name),
        phase=pod.status,
        tone=tone(pod),
        reason=why or fault(pod),
        restarts=pod.restarts,
        age=age(moment(pod.created)),
        revision=_("%(hash)s, old") % {"hash": pod.hash} if old else pod.hash,
        other=owner if by_set else pod.node,
        other_url=owner_url if by_set else node_url(cluster, pod.node) if pod.node else "",
        about=_("ready %(ready)s/%(of)s, restarts %(restarts)s, age %(age)s")
        % {
            "ready": pod.ready,
            "of": pod.containers,
            "restarts": pod.restarts,
            "age": age(moment(pod.created)),
        },
    )


def tone(pod: PodLine) -> str:
    """Return how worrying a pod is."""
    if pod.status in BAD or pod.phase == "Failed":
        return "bad"
    if pod.terminating or pod.phase == "Pending" or pod.ready < pod.containers:
        return "" if pod.phase == "Succeeded" else "warn"
    return "good"


def fault(pod: PodLine) -> str:
    """Return in a few words why a pod is not as it should be, if it is not."""
    if pod.terminating or pod.ready == pod.containers:
        return ""
    if pod.why:
        return pod.why
    if not pod.bound:
        return _("waits for the scheduler")
    if pod.status == "Running" and pod.ready < pod.containers:
        return _("runs, not ready")
    return ""


@dataclass(frozen=True, slots=True)
class PodPage:
    """A pod as a page."""

    uid: str
    name: str
    namespace: str
    phase: str
    tone: str
    note: str
    reason: str
    steps: list[StepRow]
    facts: list[Fact]
    spec: list[Part]
    events: list[EventRow]
    url: str
    delete_url: str
    behaviour_url: str
    yaml: str
    gone: bool = False


def pod_page(cluster: str, found: PodDetail) -> PodPage:
    """Return a pod as a page."""
    pod = found.pod
    place = [cluster, pod.namespace, pod.name]
    step = first_unpassed(found.steps)
    is_done = pod.phase == "Succeeded" or step is None
    return PodPage(
        uid=pod.uid,
        name=pod.name,
        namespace=pod.namespace,
        phase=pod.status,
        tone=tone(pod),
        note="bad" if tone(pod) == "bad" else "warn",
        reason="" if is_done or step is None else step_words(step, found.lacking, pod.node),
        steps=[] if pod.phase == "Succeeded" else step_rows(found.steps, found.lacking, pod.node),
        facts=_facts(cluster, found),
        spec=spec_parts(cluster, pod.namespace, found.manifest["spec"]),
        events=event_rows(cluster, found.events),
        url=reverse("pod", args=place),
        delete_url=reverse("pod_delete", args=place),
        behaviour_url=reverse("pod_behaviour", args=place),
        yaml=dump(found.manifest),
    )


def gone_page(namespace: str, name: str) -> PodPage:
    """Return the page of a pod that is no more; somebody may have been looking at it."""
    return PodPage("", name, namespace, _("gone"), "", "", "", [], [], [], [], "", "", "", "", gone=True)


def _facts(cluster: str, found: PodDetail) -> list[Fact]:
    pod = found.pod
    spec = found.manifest.get("spec") or {}
    kind, _slash, owner = pod.owner.partition("/")
    facts = [
        Fact(_("Node"), pod.node or "-", url=node_url(cluster, pod.node) if pod.node else ""),
        Fact(
            _("Owner"),
            owner or "-",
            url=object_url(cluster, kind, pod.namespace, owner),
        ),
        Fact(_("Phase"), pod.phase),
        Fact(_("Ready"), f"{pod.ready}/{pod.containers}"),
        Fact(_("Restarts"), grouped(pod.restarts)),
        Fact(_("Created"), f"{full(moment(pod.created))} ({age(moment(pod.created))})"),
        Fact(_("Address"), found.address or "-"),
        Fact(_("Priority"), spec.get("priority") or 0),
        Fact(_("QoS class"), (found.manifest.get("status") or {}).get("qosClass") or "-"),
        Fact(_("Labels"), "-", codes=pairs_of(found.labels)),
        Fact(_("Annotations"), "-", codes=told_annotations(found.manifest["metadata"])),
    ]
    facts += [_container(one) for one in found.containers]
    held = tuple(f"{one.type}={one.status}" for one in found.conditions)
    return [*facts, Fact(_("Conditions"), codes=held)]


def _container(one: ContainerLine) -> Fact:
    label = _("Container %(name)s") % {"name": one.name}
    state = f"{one.state}: {one.reason}" if one.reason else one.state or "-"
    last = _("last: %(last)s") % {"last": one.last} if one.last else ""
    parts = (one.image, state, _("restarts %(n)s") % {"n": grouped(one.restarts)}, last)
    return Fact(label, joined(filter(None, parts)))
