"""Making objects from YAML: pasted, uploaded, or begun from an example; old ones are converted first."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from controller import manifests
from controller.engine.errors import BadRequest, Refused
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.services.objects import Done, manifests_create
from dashboard.forms import retype
from dashboard.http import Request, accepted, faults_in, moved, operators
from dashboard.present.conversions import ConversionShown, conversion_shown
from dashboard.present.examples import EXAMPLES
from dashboard.present.links import map_url, object_url
from dashboard.present.objects import WORKLOADS
from dashboard.present.words import counted
from dashboard.previews import previewed, resend
from dashboard.textforms import ManifestsForm
from dashboard.views.common import cluster_page


@require_http_methods(["GET", "POST"])
@operators
@previewed
def create(request: Request, cluster: str) -> HttpResponse:
    """Create what a YAML text describes, all of it or nothing."""
    facts = cluster_named(cluster)
    if request.method == "GET":
        return _form(request, facts, ManifestsForm(initial={"text": _example(request)}))
    form = ManifestsForm(request.POST, request.FILES)
    if "convert" in request.POST:
        return _converted(request, facts, form)
    if request.FILES and form.is_valid():  # what is previewed is sent again as text
        resend(request, {"text": form.cleaned_data["text"]})
    made: list[Done] = []
    actor = request.user.username
    if not accepted(
        form,
        lambda: made.extend(manifests_create(cluster=facts.id, actor=actor, text=form.cleaned_data["text"])),
        faults=faults_in(form),
    ):
        return _form(request, facts, form, is_old=_is_old(form))
    return moved(request, _message(made), to=_shown(cluster, made))


def _shown(cluster: str, made: list[Done]) -> str:
    """Return where what was made can be seen: the first set on the map, or the page of the first workload."""
    for one in made:
        if one.kind == "DaemonSet":
            return map_url(cluster, chosen=f"{one.namespace}/{one.name}")
    workload = next((one for one in made if one.kind in WORKLOADS), made[0])
    return object_url(cluster, workload.kind, workload.namespace, workload.name)


def _converted(request: Request, facts: ClusterFacts, form: ManifestsForm) -> HttpResponse:
    """Show the text in versions that are served, and what is different; nothing is created yet."""
    shown: list[ConversionShown] = []

    def convert() -> None:
        text = form.cleaned_data["text"]
        conversion = manifests.convert(text)
        retype(form, text=conversion.text)
        shown.append(conversion_shown(text, conversion))

    accepted(form, convert)
    return _form(request, facts, form, conversion=shown[0] if shown else None)


def _is_old(form: ManifestsForm) -> bool:
    """Whether a text that was refused can be converted."""
    try:
        return bool(manifests.convert(form.cleaned_data.get("text") or "").steps)
    except Refused:
        return False


def _form(request: Request, facts: ClusterFacts, form: ManifestsForm, **more: object) -> HttpResponse:
    return cluster_page(request, facts, "create", {"form": form, "examples": EXAMPLES, **more})


def _example(request: Request) -> str:
    key = request.GET.get("example", "")
    if not key:
        return ""
    found = next((one.text for one in EXAMPLES if one.key == key), None)
    if found is None:
        raise BadRequest(_("There is no such example."))
    return found


def _message(made: list[Done]) -> str:
    first = f"{made[0].kind} {made[0].name}"
    return counted("Created %(first)s.", "Created %(n)s objects.", len(made), first=first)
