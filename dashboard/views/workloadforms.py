"""The forms of an object's page: number, image, strategy and behaviour, as they stand and as they are saved.

Its buttons: ``workloadactions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.edits.manifest_copies import behaviour_of, template_of
from controller.engine.errors import BadRequest
from controller.engine.objects import DaemonSet, Manifest
from controller.queries.workloads import object_manifest
from controller.services import workloads as services
from controller.services.daemonsets import daemonset_strategy
from dashboard.forms import number_or_percentage
from dashboard.liveforms import BehaviourForm, ImageForm, LiveForm, ScaleForm, StrategyForm, saved
from dashboard.present.words import BEHAVIOURS, counted
from dashboard.present.workloads import IMMUTABLE, is_scaled, is_templated

ABOUT = gettext_lazy("Written into the template: pods that are made from now on behave so.")

Values = Mapping[str, object]


class Place(TypedDict):
    """Which object, as the services and queries take it."""

    kind: str
    namespace: str
    name: str


class Who(Place):
    """Who changes which object."""

    cluster: int
    actor: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which object an address names."""

    kind: str
    namespace: str
    name: str

    @property
    def place(self) -> Place:
        """Return it as services and queries take it."""
        return {"kind": self.kind, "namespace": self.namespace, "name": self.name}


def containers_of(manifest: Manifest) -> dict[str, str]:
    """Return the image of each container of a workload's template by its name."""
    spec = template_of(manifest).get("spec") or {}
    return {
        one["name"]: one["image"] for part in ("containers", "initContainers") for one in spec.get(part) or ()
    }


def has_template(manifest: Manifest) -> bool:
    """Return whether it makes pods from a template that may be edited."""
    return is_templated(manifest) and manifest["kind"] not in IMMUTABLE


def is_daemonset(manifest: Manifest) -> bool:
    """Return whether it is a DaemonSet: only of those a form says how pods are replaced."""
    return bool(manifest["kind"] == DaemonSet.KIND)


def replicas_of(manifest: Manifest) -> Values:
    """Return what the form of the number shows."""
    return {"replicas": manifest["spec"].get("replicas") or 0}


def strategy_of(manifest: Manifest) -> Values:
    """Return what the form of the strategy shows."""
    found = DaemonSet.read(manifest, {})
    return {
        "strategy": found.strategy,
        "max_unavailable": found.max_unavailable,
        "max_surge": found.max_surge,
        "min_ready_seconds": int(found.min_ready_seconds),
    }


def forms_of(manifest: Manifest, given: LiveForm | None = None) -> dict[str, object]:
    """Return the forms of an object's page by their names there; ``given`` takes the place of its like."""

    def shown(form: LiveForm) -> LiveForm:
        return given if given and given.id == form.id else form

    images = containers_of(manifest) if has_template(manifest) else {}
    forms: dict[str, object] = {
        "image_forms": [
            shown(ImageForm(container=name, initial={"image": image})) for name, image in images.items()
        ],
        "behaviour_about": ABOUT,
    }
    if is_scaled(manifest):
        forms["scale_form"] = shown(ScaleForm(initial=replicas_of(manifest)))
    if is_daemonset(manifest):
        forms["strategy_form"] = shown(StrategyForm(initial=strategy_of(manifest)))
    if has_template(manifest):
        behaviour = {"behaviour": behaviour_of(template_of(manifest))}
        forms["behaviour_form"] = shown(BehaviourForm(initial=behaviour))
    return forms


@dataclass(frozen=True, slots=True)
class FormKind:
    """A kind of form: which objects have it, how it is read, shown and saved, and what is said then."""

    fits: Callable[[Manifest], bool]
    read: Callable[[QueryDict], LiveForm]
    standing: Callable[[LiveForm, Manifest], Values]
    save: Callable[[Who, Values, str], object]
    message: Callable[[Values], str]


def save_form(who: Who, sent: QueryDict) -> tuple[LiveForm, str]:
    """Save the form that a button sent; return it and what was done, or "" if the form says why not.

    Raises NotFound, Busy, BadRequest for a kind that has no such form.
    """
    kind = FORMS[sent.get("action", "")]
    form = kind.read(sent)

    def standing() -> tuple[Values, str]:
        found = standing_of(who)
        if not kind.fits(found):
            raise BadRequest(_("There is no such action."))
        return kind.standing(form, found), found["metadata"]["resourceVersion"]

    done = saved(form, standing, partial(kind.save, who))
    return form, kind.message(form.cleaned_data) if done else ""


def standing_of(who: Who) -> Manifest:
    """Return the object as it stands. Raises NotFound."""
    place: Place = {"kind": who["kind"], "namespace": who["namespace"], "name": who["name"]}
    return object_manifest(cluster=who["cluster"], **place)


def _image_standing(form: LiveForm, found: Manifest) -> Values:
    container = form.cleaned_data["container"]
    return {"container": container, "image": containers_of(found).get(container, "")}


def _save_strategy(who: Who, values: Values, version: str) -> None:
    daemonset_strategy(
        cluster=who["cluster"],
        actor=who["actor"],
        namespace=who["namespace"],
        name=who["name"],
        strategy=str(values["strategy"]),
        max_unavailable=number_or_percentage(str(values["max_unavailable"])),
        max_surge=number_or_percentage(str(values["max_surge"])),
        min_ready_seconds=int(str(values["min_ready_seconds"])),
        seen=version,
    )


FORMS: dict[str, FormKind] = {
    "scale": FormKind(
        is_scaled,
        ScaleForm,
        lambda _form, found: replicas_of(found),
        lambda who, values, version: services.workload_scale(
            **who, replicas=int(str(values["replicas"])), seen=version
        ),
        lambda values: counted("Asked for %(n)s pod.", "Asked for %(n)s pods.", int(str(values["replicas"]))),
    ),
    "image": FormKind(
        has_template,
        lambda sent: ImageForm(sent, container=sent.get("container", "")),
        _image_standing,
        lambda who, values, version: services.workload_image(
            **who, container=str(values["container"]), image=str(values["image"]), seen=version
        ),
        lambda values: _("Set the image %(image)s.") % {"image": values["image"]},
    ),
    "strategy": FormKind(
        is_daemonset,
        StrategyForm,
        lambda _form, found: strategy_of(found),
        _save_strategy,
        lambda _values: _("Saved how pods are replaced."),
    ),
    "behaviour": FormKind(
        has_template,
        BehaviourForm,
        lambda _form, found: {"behaviour": behaviour_of(template_of(found))},
        lambda who, values, version: services.workload_behaviour(
            **who, behaviour=str(values["behaviour"]) or None, seen=version
        ),
        lambda values: _("New pods: %(behaviour)s.") % {"behaviour": BEHAVIOURS[str(values["behaviour"])]},
    ),
}
"""By the word that the form's button sends."""
