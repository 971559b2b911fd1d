"""The manifest folder of a machine, from the page of its node: a form for one file, and its removal."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from controller import manifests
from controller.engine.cluster.manifestfolder import read_folder
from controller.engine.errors import Conflict
from controller.engine.objects import Manifest
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.workloads import object_manifest
from controller.services.staticpods import static_pod_put, static_pod_remove
from dashboard.http import Request, accepted, done, faults_in, moved, operators, posted, version_of
from dashboard.present.links import node_url
from dashboard.present.workloads import Heading
from dashboard.previews import previewed
from dashboard.textforms import StaticPodForm
from dashboard.views.common import cluster_page
from dashboard.views.objects import difference_of


@require_http_methods(["GET", "POST"])
@operators
@previewed
def put(request: Request, cluster: str, name: str) -> HttpResponse:
    """Put a pod into a file of the machine; of a stale form show both versions."""
    facts, url = cluster_named(cluster), node_url(cluster, name)
    form = StaticPodForm(request.POST) if request.method == "POST" else _blank(request, facts, name)
    try:
        puts = partial(_put, request, facts, name, form)
        if form.is_bound and accepted(form, puts, faults=faults_in(form)):
            sentence = _("The machine of %(name)s runs what %(file)s says.")
            return moved(request, sentence % {"name": name, "file": form.cleaned_data["file"]}, to=url)
    except Conflict as conflict:
        text = _text(conflict.standing or {}, str(form["file"].value()))
        form.restart(text, version_of(conflict))
    shown = {
        "form": form,
        "check_url": reverse("create_check", args=[cluster]),
        "object": Heading("Node", "", name, url),
        "standing_diff": difference_of(form.standing, form["text"].value()),
    }
    return cluster_page(request, facts, "edit", shown)


@posted(up=2)
@operators
@previewed
def remove(request: Request, cluster: str, name: str) -> HttpResponse:
    """Remove a file from the machine."""
    facts, file = cluster_named(cluster), request.POST.get("file", "")
    seen = request.POST.get("seen") or None
    static_pod_remove(cluster=facts.id, actor=request.user.username, node=name, file=file, seen=seen)
    return done(
        request, _("Removed the file %(file)s.") % {"file": file}, back=reverse("node", args=[cluster, name])
    )


def _blank(request: Request, facts: ClusterFacts, name: str) -> StaticPodForm:
    node = object_manifest(cluster=facts.id, kind="Node", namespace="", name=name)
    file = request.GET.get("file", "")
    given = {"file": file, "text": _text(node, file) or EXAMPLE, "seen": node["metadata"]["resourceVersion"]}
    return StaticPodForm(initial=given)


def _text(node: Manifest, file: str) -> str:
    """Return what stands in a file of a machine, "" if there is none."""
    pod = (read_folder(node) or {}).get(file) if node else None
    return manifests.dump(pod) if isinstance(pod, dict) else ""


EXAMPLE = """\
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  containers:
  - name: main
    image: agent:1
"""


def _put(request: Request, facts: ClusterFacts, name: str, form: StaticPodForm) -> None:
    given = form.cleaned_data
    static_pod_put(
        cluster=facts.id,
        actor=request.user.username,
        node=name,
        file=given["file"],
        text=given["text"],
        seen=given["seen"] or None,
    )
