"""What the buttons of an object's page do, by the word that each sends. Its forms: ``workloadforms.py``."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from controller.engine.errors import BadRequest
from controller.engine.objects import PAUSED_ANNOTATION, PLAN_ANNOTATION, DaemonSet, Manifest
from controller.engine.views import CronJob
from controller.services import workloads as services
from controller.services.daemonsets import daemonset_pause
from controller.services.objects import object_delete
from dashboard.forms import whole_number
from dashboard.http import Request, done, moved
from dashboard.liveforms import LiveForm, unsaved
from dashboard.views.workloadforms import ABOUT, FORMS, Who, has_template, save_form, standing_of

ROLLED = frozenset({DaemonSet.KIND, "Deployment"})
"""The kinds whose rollout is paused; of the others all that they do by themselves."""


def acted(
    request: Request, who: Who, *, back: str, after: str, page: Callable[[LiveForm], HttpResponse]
) -> HttpResponse:
    """Do what a button or a form of an object's page asks for, and answer it.

    ``back`` is the page, ``after`` where people go whose object is deleted; ``page`` draws the page with
    the form that was not saved. Raises Refused, BadRequest for an unknown word.
    """
    action = request.POST.get("action", "")
    if action == "delete":
        return _deleted(request, who, after)
    if action not in FORMS:
        return done(request, change(who, request.POST), back=back)
    form, message = save_form(who, request.POST)
    if message:
        return done(request, message, back=back)
    if request.htmx:
        return unsaved(request, form, {"url": request.path, "back": back, "about": ABOUT})
    return page(form)


def _deleted(request: Request, who: Who, after: str) -> HttpResponse:
    propagation = request.POST.get("propagation", "Background")
    object_delete(**who, propagation=propagation, uid=request.POST.get("uid", ""))
    message = _("Deleted %(name)s.")
    if propagation == "Orphan":
        message = _("Deleted %(name)s. Its pods stay as orphans; a set whose selector matches adopts them.")
    return moved(request, message % {"name": who["name"]}, to=after)


def change(who: Who, sent: QueryDict) -> str:
    """Do what a button asks for, and say what was done. Raises Refused, of an unknown word BadRequest."""
    action = ACTIONS.get(sent.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    return action(who, sent)


def _restart(who: Who, _sent: QueryDict) -> str:
    standing = standing_of(who)
    if not has_template(standing):
        raise BadRequest(_("There is no such action."))
    services.workload_restart(**who)
    said = _("Every pod is to be replaced.")
    return f"{said} {_what_it_waits_for(standing)}".rstrip()


def _pause(who: Who, _sent: QueryDict) -> str:
    _set_paused(who, paused=True)
    if who["kind"] in ROLLED:
        return _("The rollout is paused.")
    return _("%(name)s stands still.") % {"name": who["name"]}


def _resume(who: Who, _sent: QueryDict) -> str:
    _set_paused(who, paused=False)
    if who["kind"] in ROLLED:
        return _("The rollout goes on.")
    return _("%(name)s goes on.") % {"name": who["name"]}


def _set_paused(who: Who, *, paused: bool) -> None:
    if who["kind"] != DaemonSet.KIND:
        services.workload_pause(**who, paused=paused)
        return
    place = {"namespace": who["namespace"], "name": who["name"]}
    daemonset_pause(cluster=who["cluster"], actor=who["actor"], **place, paused=paused)


def _run(who: Who, _sent: QueryDict) -> str:
    if who["kind"] != CronJob.KIND:
        raise BadRequest(_("There is no such action."))
    place = {"namespace": who["namespace"], "name": who["name"]}
    _kind, _namespace, name = services.cronjob_run(cluster=who["cluster"], actor=who["actor"], **place)
    return _("Created Job %(name)s.") % {"name": name}


def _rollback(who: Who, sent: QueryDict) -> str:
    revision = sent.get("revision", "")
    services.workload_rollback(**who, revision=whole_number(revision) or 0, seen=sent.get("seen"))
    said = _("Rolling back to revision %(n)s.") % {"n": revision}
    return f"{said} {_what_it_waits_for(standing_of(who))}".rstrip()


def _what_it_waits_for(standing: Manifest) -> str:
    """Return why no pod is replaced yet, "" if they are."""
    spec, annotations = standing["spec"], standing["metadata"].get("annotations") or {}
    if spec.get("paused") or annotations.get(PAUSED_ANNOTATION) == "true":
        return _("The rollout is paused: pods are replaced when it goes on.")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete" and PLAN_ANNOTATION not in annotations:
        return _("The strategy is OnDelete: pods are replaced when somebody deletes them.")
    return ""


ACTIONS: dict[str, Callable[[Who, QueryDict], str]] = {
    "restart": _restart,
    "pause": _pause,
    "resume": _resume,
    "rollback": _rollback,
    "run": _run,
}
"""By the word that the button sends."""
