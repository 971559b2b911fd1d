"""The page of one DaemonSet: what it is, how far it is, and all that can be done with it."""

from __future__ import annotations

from difflib import unified_diff

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controller import manifests
from controller.engine.errors import BadRequest, Conflict
from controller.queries import daemonsets as queries
from controller.queries.clusters import ClusterFacts, cluster_named
from controller.queries.pods import pods
from controller.queries.revisions import revisions
from controller.queries.rollouts import rollout
from controller.services import daemonsets as services
from controller.services.objects import object_delete
from dashboard.forms import ManifestForm, StrategyForm, number_or_percentage
from dashboard.http import Request, accepted, done, moved, operators, readers
from dashboard.present import rollouts, sets
from dashboard.present.words import BEHAVIOURS
from dashboard.views.common import cluster_page

SHOWN_PODS = 100


@require_safe
@readers
def page(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Show one set."""
    facts = cluster_named(cluster)
    found = queries.daemonset(cluster=facts.id, namespace=namespace, name=name)
    progress = rollout(cluster=facts.id, namespace=namespace, name=name)
    listed = pods(cluster=facts.id, owner=found.row.id, size=SHOWN_PODS)
    kept = revisions(cluster=facts.id, namespace=namespace, name=name)
    block = rollouts.rollout_row(cluster, (namespace, name), progress, found.row.states)
    shown = {
        "set": sets.set_page(cluster, found, block, listed, kept),
        "strategy_form": StrategyForm(initial=_strategy(found)),
    }
    return cluster_page(request, facts, "daemonset", shown, chosen=f"{namespace}/{name}")


def _strategy(found: queries.SetDetail) -> dict[str, object]:
    return {
        "strategy": found.row.strategy,
        "max_unavailable": found.max_unavailable,
        "max_surge": found.max_surge,
        "min_ready_seconds": int(found.min_ready_seconds),
    }


@require_POST
@operators
def act(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Do one of the things that the page's buttons name."""
    facts = cluster_named(cluster)
    if request.POST.get("action") == "delete":
        return _delete(request, facts, namespace, name)
    said = _change(facts.id, request.user.username, (namespace, name), request.POST)
    return done(request, said, back=reverse("daemonset", args=[cluster, namespace, name]))


def _delete(request: Request, facts: ClusterFacts, namespace: str, name: str) -> HttpResponse:
    propagation = request.POST.get("propagation", "Background")
    object_delete(
        cluster=facts.id,
        actor=request.user.username,
        kind="DaemonSet",
        namespace=namespace,
        name=name,
        propagation=propagation,
    )
    return moved(request, _("Deleted %(name)s.") % {"name": name}, to=reverse("map", args=[facts.name]))


def _change(cluster: int, actor: str, place: tuple[str, str], asked: QueryDict) -> str:
    """Change a set in one way, and say what was done."""
    who = {"cluster": cluster, "actor": actor, "namespace": place[0], "name": place[1]}
    match asked.get("action"):
        case "restart":
            services.daemonset_restart(**who)
            return _("Every pod is to be replaced.")
        case "pause" | "resume":
            paused = asked["action"] == "pause"
            services.daemonset_pause(**who, paused=paused)
            return _("The rollout is paused.") if paused else _("The rollout goes on.")
        case "image":
            image = asked.get("image", "").strip()
            services.daemonset_image(**who, container=asked.get("container", ""), image=image)
            return _("Set the image %(image)s.") % {"image": image}
        case "trouble":
            behaviour = asked.get("behaviour", "")
            services.daemonset_trouble(**who, behaviour=behaviour or None)
            return _("New pods: %(behaviour)s.") % {"behaviour": BEHAVIOURS.get(behaviour, behaviour)}
        case "rollback":
            revision = asked.get("revision", "")
            services.daemonset_rollback(**who, revision=int(revision) if revision.isdecimal() else 0)
            return _("On the way back to revision %(n)s.") % {"n": revision}
        case "strategy":
            return _set_strategy(who, StrategyForm(asked))
    raise BadRequest(_("There is no such action."))


def _set_strategy(who: dict[str, object], form: StrategyForm) -> str:
    if not form.is_valid():
        raise BadRequest(" ".join(f"{field}: {' '.join(said)}" for field, said in form.errors.items()))
    given = form.cleaned_data
    services.daemonset_strategy(
        **who,
        strategy=given["strategy"],
        max_unavailable=number_or_percentage(given["max_unavailable"]),
        max_surge=number_or_percentage(given["max_surge"]),
        min_ready_seconds=given["min_ready_seconds"],
    )
    return _("Saved how pods are replaced.")


@require_http_methods(["GET", "POST"])
@operators
def edit(request: Request, cluster: str, namespace: str, name: str) -> HttpResponse:
    """Edit the YAML of a set; of a stale form show both versions."""
    facts = cluster_named(cluster)
    form = ManifestForm(request.POST) if request.method == "POST" else _blank(facts, namespace, name)
    try:
        if form.is_bound and accepted(form, lambda: _save(request, facts, (namespace, name), form)):
            return moved(request, _("Saved %(name)s.") % {"name": name}, to=_page_of(cluster, namespace, name))
    except Conflict as conflict:
        standing = conflict.standing or {}
        form.restart(manifests.dump(standing), standing["metadata"]["resourceVersion"])
    shown = {
        "form": form,
        "set": {"name": name, "namespace": namespace, "url": _page_of(cluster, namespace, name)},
        "standing_diff": _difference(form.standing, form["text"].value()),
    }
    return cluster_page(request, facts, "edit", shown, chosen=f"{namespace}/{name}")


def _blank(facts: ClusterFacts, namespace: str, name: str) -> ManifestForm:
    found = queries.daemonset(cluster=facts.id, namespace=namespace, name=name)
    return ManifestForm(initial={"text": found.text, "seen": found.row.version})


def _save(request: Request, facts: ClusterFacts, place: tuple[str, str], form: ManifestForm) -> None:
    services.daemonset_edit(
        cluster=facts.id,
        actor=request.user.username,
        namespace=place[0],
        name=place[1],
        text=form.cleaned_data["text"],
        seen=form.cleaned_data["seen"] or None,
    )


def _page_of(cluster: str, namespace: str, name: str) -> str:
    return reverse("daemonset", args=[cluster, namespace, name])


def _difference(standing: str | None, typed: str) -> list[sets.DiffLine]:
    """Return what saving the typed text would change of what stands now."""
    if standing is None:
        return []
    lines = list(unified_diff(standing.splitlines(), typed.splitlines(), lineterm="", n=2))
    return sets.diff_lines("\n".join(lines[2:]))
