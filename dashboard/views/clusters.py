"""The clusters there are, and what is done to one as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controller.engine.errors import Conflict, Refused
from controller.manifests.archive import SUFFIX
from controller.manifests.dumps import COMMAND, BadDump, File, is_archive
from controller.mirror.dumps import dump_import
from controller.modes import Capability
from controller.queries import clusters
from controller.queries.archives import cluster_archive
from controller.queries.health import health
from controller.queries.storage import storage
from controller.services import clusters as services
from controller.services import history
from controller.services.archives import cluster_import
from dashboard.forms import ClusterForm, DelaysForm, DeletionForm, ImportForm, NameForm, TrimForm
from dashboard.http import (
    Request,
    accepted,
    creators,
    done,
    faults_of,
    moved,
    operators,
    posted,
    render_page,
    viewers,
)
from dashboard.liveforms import LiveMachinesForm, saved, unsaved
from dashboard.present import cards, shell
from dashboard.present.dumps import dump_fault, imported_words, origin_facts
from dashboard.present.storage import storage_card
from dashboard.present.words import grouped
from dashboard.streams import sent_piecewise
from dashboard.views.common import cluster_page


@require_safe
@viewers
def home(_request: Request) -> HttpResponse:
    """Lead to the list of clusters."""
    return redirect("clusters")


@require_http_methods(["GET", "POST"])
@viewers
def overview(request: Request) -> HttpResponse:
    """Show the clusters, and make one."""
    return _create(request) if request.method == "POST" else _list(request, ClusterForm())


def _list(request: Request, form: ClusterForm) -> HttpResponse:
    rights = request.user.rights
    shown = {
        "clusters": [
            cards.card(one, may_operate=rights.may("update", one.cluster.id))
            for one in clusters.overviews()
            if rights.may("get", one.cluster.id)
        ],
        "may_create": rights.may_create,
        "may_add": rights.is_admin,
        "banners": shell.health_banners(health()),
        "form": form,
    }
    return render_page(request, "dashboard/clusters.html", shown)


@creators
def _create(request: Request) -> HttpResponse:
    form = ClusterForm(request.POST)
    actor = request.user.username
    if accepted(form, lambda: services.cluster_create(actor=actor, **form.cleaned_data)):
        name = form.cleaned_data["name"]
        return moved(request, _("Created cluster %(name)s.") % {"name": name}, to=reverse("map", args=[name]))
    return _list(request, form)


@require_http_methods(["GET", "POST"])
@creators
def bring(request: Request) -> HttpResponse:
    """Make a cluster of a file that another one was saved to, or of what kubectl wrote of a real one."""
    if request.method != "POST":
        return _import_page(request, ImportForm(prefix="import"))
    form = ImportForm(request.POST, request.FILES, prefix="import")
    actor, told = request.user.username, list[tuple[str, str]]()

    def act() -> None:
        files, name = form.cleaned_data["file"], form.cleaned_data["name"]
        if len(files) == 1 and is_archive(files[0]):
            made = cluster_import(file=files[0], actor=actor, name=name).name
            told.append((made, _("Made cluster %(name)s of the file.") % {"name": made}))
        else:
            dump = [File(file.name, file) for file in files]
            imported = dump_import(files=dump, actor=actor, name=form.wanted)
            told.append((imported.name, imported_words(imported)))

    if accepted(form, act, faults=_import_faults):
        ((name, message),) = told
        return moved(request, message, to=reverse("map", args=[name]))
    return _import_page(request, form)


def _import_faults(refused: Refused) -> list[str]:
    return [dump_fault(refused)] if isinstance(refused, BadDump) else faults_of(refused)


def _import_page(request: Request, form: ImportForm) -> HttpResponse:
    return render_page(request, "dashboard/import.html", {"form": form, "command": COMMAND})


@posted()
@operators
def save(request: Request, cluster: str) -> HttpResponse:
    """Send a cluster with its history as a file, as it is read."""
    facts = clusters.cluster_named(cluster)
    pieces, name = cluster_archive(cluster=facts.id), f"{facts.name}{SUFFIX}"
    answer = sent_piecewise(request, pieces, name, content_type="application/gzip")
    return cast("HttpResponse", answer)  # what the decorators of views know of it


@require_http_methods(["GET", "POST"])
@operators
def settings(request: Request, cluster: str) -> HttpResponse:
    """Show how a cluster's machines are, and set it."""
    facts, back = clusters.cluster_named(cluster), reverse("settings", args=[cluster])
    if request.method != "POST":
        return _settings(request, facts)
    form = LiveMachinesForm(request.POST)

    def standing() -> tuple[Mapping[str, object], Mapping[str, object]]:
        now = clusters.cluster_named(cluster)
        return _machines(now), {**_delays(now), "kubelet_events": now.kubelet_events}

    def save(values: Mapping[str, object], seen: Mapping[str, object]) -> None:
        delays = {key: float(str(values[key])) for key in DelaysForm.base_fields}
        events = EVENTS[str(values["kubelet_events"])]
        actor = request.user.username
        services.cluster_settings(
            cluster=facts.id, actor=actor, **delays, kubelet_events=events, seen=dict(seen)
        )

    if saved(form, standing, save):
        return done(request, _("Saved the settings."), back=back)
    if request.htmx:
        return unsaved(request, form, {"url": request.path, "back": back})
    return _settings(request, facts, delays=form)


def _shown(request: Request, name: str) -> clusters.ClusterFacts:
    """Return the cluster that a form was made for. Raises Conflict if another bears its name by now."""
    facts = clusters.cluster_named(name)
    if request.POST.get("seen", str(facts.id)) != str(facts.id):
        raise Conflict("clusters", name)
    return facts


def _delays(facts: clusters.ClusterFacts) -> dict[str, float]:
    return {key: getattr(facts, key) for key in DelaysForm.base_fields}


EVENTS = {"auto": None, "on": True, "off": False}
"""The setting behind each choice of the form."""


def _machines(facts: clusters.ClusterFacts) -> dict[str, object]:
    events = next(choice for choice, value in EVENTS.items() if value is facts.kubelet_events)
    return {**_delays(facts), "kubelet_events": events}


def _copy_name(facts: clusters.ClusterFacts) -> str:
    """Return the name that is offered for a copy; what is copied of a real cluster is a rehearsal."""
    is_ours = Capability.RECONCILE in facts.capabilities
    return f"{facts.name}-copy" if is_ours else f"{facts.name}-rehearsal"


def _settings(request: Request, facts: clusters.ClusterFacts, **forms: object) -> HttpResponse:
    shown = {
        "cluster_id": facts.id,
        "delays": LiveMachinesForm(initial=_machines(facts)),
        "rename": NameForm(initial={"name": facts.name}, prefix="rename"),
        "copy": NameForm(initial={"name": _copy_name(facts)}, prefix="copy"),
        "dump": origin_facts(facts.dump),
        "may_create": request.user.rights.may_create,
        "is_admin": request.user.rights.is_admin,
        "deletion": DeletionForm(name=facts.name, prefix="deletion"),
        "trim": TrimForm(prefix="trim"),
        # Counting takes long: the live parts leave it out.
        "storage": None if request.htmx else storage_card(storage(cluster=facts.id)),
        **forms,
    }
    return cluster_page(request, facts, "settings", shown)


@posted()
@operators
def rename(request: Request, cluster: str) -> HttpResponse:
    """Give a cluster another name."""
    facts = _shown(request, cluster)
    form = NameForm(request.POST, prefix="rename")
    actor = request.user.username
    if accepted(
        form, lambda: services.cluster_rename(cluster=facts.id, actor=actor, name=form.cleaned_data["name"])
    ):
        name = form.cleaned_data["name"]
        return moved(request, _("Its name is %(name)s now.") % {"name": name}, to=reverse("map", args=[name]))
    return _settings(request, facts, rename=form)


@posted()
@operators
@creators
def copy(request: Request, cluster: str) -> HttpResponse:
    """Make a second cluster of what stands in this one."""
    facts = clusters.cluster_named(cluster)
    form = NameForm(request.POST, prefix="copy")
    actor = request.user.username
    if accepted(
        form, lambda: services.cluster_copy(cluster=facts.id, actor=actor, name=form.cleaned_data["name"])
    ):
        name = form.cleaned_data["name"]
        message = _("Copied %(origin)s to %(name)s.") % {"origin": cluster, "name": name}
        return moved(request, message, to=reverse("map", args=[name]))
    return _settings(request, facts, copy=form)


@posted()
@operators
def reset(request: Request, cluster: str) -> HttpResponse:
    """Take a cluster back to how it was made."""
    facts = _shown(request, cluster)
    services.cluster_reset(cluster=facts.id, actor=request.user.username)
    message = _("%(name)s is as it was made.") % {"name": cluster}
    return moved(request, message, to=reverse("map", args=[cluster]))


@posted()
@operators
def trim(request: Request, cluster: str) -> HttpResponse:
    """Forget the older part of a cluster's history."""
    facts = _shown(request, cluster)
    form, actor = TrimForm(request.POST, prefix="trim"), request.user.username
    if accepted(form, lambda: history.history_trim(cluster=facts.id, actor=actor, **form.horizon())):
        begins = storage(cluster=facts.id).first
        message = _("The history begins at change %(number)s now.") % {"number": grouped(begins)}
        return moved(request, message, to=reverse("settings", args=[cluster]))
    return _settings(request, facts, trim=form)


@posted()
@operators
def delete(request: Request, cluster: str) -> HttpResponse:
    """Delete a cluster whose name was typed."""
    facts = _shown(request, cluster)
    form = DeletionForm(request.POST, name=facts.name, prefix="deletion")
    actor = request.user.username
    if accepted(form, lambda: services.cluster_delete(cluster=facts.id, actor=actor)):
        message = _("Deleted cluster %(name)s.") % {"name": cluster}
        return moved(request, message, to=reverse("clusters"))
    return _settings(request, facts, deletion=form)
